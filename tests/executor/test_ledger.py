"""The ledger: durable, owned by one process, and without payload."""

import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from streams.events import Status
from streams.executor import ledger as module
from streams.executor.ledger import Finish, Ledger, LedgerError, Refused, inspect


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


def test_a_ledger_knows_itself(tmp_path: Path) -> None:
    """A ledger keeps its identity; another file, or a new one in its place, has another."""
    with Ledger(tmp_path / "l") as ledger:
        one = ledger.identity
    with Ledger(tmp_path / "l") as ledger:
        assert one == ledger.identity
    with Ledger(tmp_path / "m") as ledger:
        assert one != ledger.identity
