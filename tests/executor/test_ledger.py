"""The ledger: durable, owned by one process, and without payload."""

import shutil
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.events import Status
from streams.executor import ledger as module
from streams.executor import marks
from streams.executor.ledger import Finish, Ledger, LedgerError, Refused, inspect
from streams.executor.marks import Mark


def _finish(status: Status = Status.OK, report: bytes = b"report") -> Finish:
    return Finish(status, "", 2, b"salt", report)


def _state(ledger: Ledger) -> str | None:
    row = ledger.find("g")
    return row.state if row else None


def test_a_grant_goes_from_started_to_done_to_reported(tmp_path: Path) -> None:
    """Each state follows the one before, and is there again after a restart."""
    path = tmp_path / "deep" / "l.sqlite3"
    states = []
    with Ledger(path) as ledger:
        states.append(_state(ledger))
        assert ledger.start("g", "i", "a", 1)
        states.append(_state(ledger))
    with Ledger(path) as ledger:
        ledger.finish("g", _finish())
        states.append(_state(ledger))
        ledger.reported("g")
    with Ledger(path) as ledger:
        states.append(_state(ledger))
    assert [None, "started", "done", "reported"] == states


def test_a_grant_starts_once(tmp_path: Path) -> None:
    """The second start of one grant is told that it is not the first."""
    with Ledger(tmp_path / "l") as ledger:
        assert [True, False] == [ledger.start("g", "i", "a", at) for at in (1, 2)]


def test_what_is_done_never_changes(tmp_path: Path) -> None:
    """The first outcome's bytes stay, whatever is finished afterwards."""
    with Ledger(tmp_path / "l") as ledger:
        ledger.start("g", "i", "a", 1)
        ledger.finish("g", _finish(report=b"first"))
        ledger.finish("g", _finish(Status.FAILED, report=b"second"))
        row = ledger.find("g")
    assert row is not None
    assert (b"first", Status.OK) == (row.report, row.status)


def test_only_an_unknown_is_settled(tmp_path: Path) -> None:
    """A person's finding takes the place of `unknown`, once, and of nothing else."""
    with Ledger(tmp_path / "l") as ledger:
        ledger.start("g", "i", "a", 1)
        assert not ledger.settle("g", _finish())
        ledger.finish("g", _finish(Status.UNKNOWN))
        assert [True, False] == [ledger.settle("g", _finish()) for _ in range(2)]
        assert ["g"] == [row.grant_id for row in ledger.unreported()]


def test_two_processes_never_share_a_ledger(tmp_path: Path) -> None:
    """While one has it open another is refused; when the first dies, however, it is free."""
    path = tmp_path / "l"
    code = (
        "import sys, os; from pathlib import Path; from streams.executor.ledger import Ledger\n"
        "Ledger(Path(sys.argv[1])); print('open', flush=True); sys.stdin.read(); os._exit(9)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout
        assert b"open\n" == other.stdout.readline()
        with pytest.raises(LedgerError) as caught:
            Ledger(path)
        assert "ledger_busy" == caught.value.code
        other.communicate()
    Ledger(path).close()


def test_it_is_synchronous_and_private(tmp_path: Path) -> None:
    """Commits reach the disk before they return, and only the owner can read the file."""
    path = tmp_path / "l"
    with Ledger(path) as ledger:
        pragmas = [
            ledger._db.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous")
        ]
        modes = {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.glob("l*")}
    assert ["wal", 2] == pragmas  # 2 is FULL
    assert {0o600} == modes


def test_what_is_no_ledger_is_a_clear_error(tmp_path: Path) -> None:
    """A file of something else, a folder, a newer version: LedgerError, never a crash or a wipe."""
    rubbish = tmp_path / "rubbish"
    rubbish.write_bytes(b"not a database" * 100)
    newer = tmp_path / "newer"
    with sqlite3.connect(newer) as db:
        db.execute("PRAGMA user_version = 99")
    for path in (rubbish, newer, tmp_path):
        with pytest.raises(LedgerError):
            Ledger(path)
    assert b"not a database" * 100 == rubbish.read_bytes()
    with pytest.raises(LedgerError):
        inspect(tmp_path / "nowhere")


def test_refusals_are_kept_once_each_and_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A record that is delivered again is refused again, and written once; the newest stay."""
    monkeypatch.setattr(module, "REFUSALS_MAX", 3)
    with Ledger(tmp_path / "l") as ledger:
        for offset in (1, 1, 2, 3, 4, 5):
            ledger.refuse(Refused("bad_signature", "t", 0, offset, 1))
        _, refusals = inspect(tmp_path / "l")  # beside the open ledger
    assert [3, 4, 5] == [refused.offset for refused in refusals]


def test_a_ledger_knows_its_own_marks_and_no_others(tmp_path: Path) -> None:
    """What it left it knows, also after it was opened again; another file knows nothing of it."""
    with Ledger(tmp_path / "l") as ledger:
        mark = ledger.mark("g")
        assert (True, True) == (ledger.knows(mark), ledger.is_own(mark))
    with Ledger(tmp_path / "l") as ledger:
        assert (True, True) == (ledger.knows(mark), ledger.is_own(mark))
    with Ledger(tmp_path / "m") as ledger:
        assert (False, False) == (ledger.knows(mark), ledger.is_own(mark))


def test_a_ledger_that_was_put_back_finds_itself_older_than_its_marks(tmp_path: Path) -> None:
    """It does not know what it left after the copy: in that opening, in a later one, or since then.

    However far it counts itself afterwards: its later self counts under another name.
    """
    path, copy = tmp_path / "l", tmp_path / "copy"
    with Ledger(path) as ledger:
        before = ledger.mark("before")
    shutil.copy(path, copy)
    with Ledger(path) as ledger:
        after = [ledger.mark("after") for _ in range(2)]
    for file in tmp_path.glob("l*"):
        file.unlink()
    shutil.copy(copy, path)
    with Ledger(path) as ledger:
        assert [True, False, False] == [ledger.knows(each) for each in (before, *after)]
        more = [ledger.mark("more") for _ in range(9)]
        assert [True] * 9 == [ledger.knows(each) for each in more]
        assert [False, False] == [ledger.knows(each) for each in after]
        assert [True, True] == [ledger.is_own(each) for each in after]


def test_a_copy_made_while_the_ledger_is_open_lacks_the_later_numbers(tmp_path: Path) -> None:
    """The opening is the same one; what was counted after the copy is not known in it."""
    path, copy = tmp_path / "l", tmp_path / "copy"
    with Ledger(path) as ledger:
        before = ledger.mark("before")
        with sqlite3.connect(path) as db, sqlite3.connect(copy) as to:
            db.backup(to)
        after = ledger.mark("after")
    with Ledger(copy) as ledger:
        ledger.mark("more")
        assert [True, False] == [ledger.knows(each) for each in (before, after)]


def test_forgotten_openings_count_as_strangers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list of openings is bounded; a mark of one that has left it proves nothing."""
    monkeypatch.setattr(marks, "GENERATIONS_MAX", 2)
    left = []
    for _ in range(4):
        with Ledger(tmp_path / "l") as ledger:
            left.append(ledger.mark("g"))
            known = [ledger.knows(each) for each in left]
    assert [False, False, True, True] == known


@given(st.text(max_size=80) | st.from_regex(r"\A\w+ \w+ \w+ -?\w+\Z"))
def test_what_stands_beside_a_position_is_a_mark_or_none(text: str) -> None:
    """Whatever it is, it is read as a mark that is written so, or as none."""
    mark = Mark.parse(text)
    assert mark is None or Mark.parse(str(mark)) == mark


def test_a_record_that_was_refused_too_early_is_admitted(tmp_path: Path) -> None:
    """It leaves the list of what was refused, and no other does."""
    with Ledger(tmp_path / "l") as ledger:
        for offset in (1, 2):
            ledger.refuse(Refused("unknown_key", "t", 0, offset, 1))
        ledger.admit("t", 0, 1)
        _, refusals = inspect(tmp_path / "l")
    assert [2] == [refused.offset for refused in refusals]
