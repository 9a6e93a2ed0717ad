"""What is taken along is what stands in the audit: in each form, to files and to a topic."""

import csv
import io
import json
import re
import secrets
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from streams.auditor.ask.facts import Fact, fact_of
from streams.auditor.export import siem
from streams.auditor.export.file import COLUMNS, line_of, to_file
from streams.auditor.export.ocsf import uid_of
from streams.auditor.export.ocsf_schema import faults
from streams.auditor.read.source import Stored
from streams.errors import BrokerError, OperatorError
from streams.events import AuditEntry
from streams.settings import Settings
from streams.times import iso
from streams.wire import client, codec
from tests.auditor.busy import SECRETS, clinic, entries_of
from tests.auditor.clusters import cluster, write
from tests.auditor.logs import story
from tests.auditor.test_search import export, run

WHOLE = clinic(days=4)
BUSY = entries_of(WHOLE)


def facts_of(records: list[Stored]) -> list[Fact]:
    """Return the facts of good records."""
    return [fact_of(each, codec.decode(each.value or b"", AuditEntry)) for each in records]


FACTS = facts_of(BUSY)


def rows_of(path: Path) -> list[dict[str, str]]:
    """Read CSV as anybody would."""
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode(), newline="")))


def test_csv_goes_both_ways(tmp_path: Path) -> None:
    """Every column of every entry is there, and reads as it was."""
    file = tmp_path / "a.csv"
    assert len(FACTS) == to_file(file, FACTS, "csv")
    rows = rows_of(file)
    assert list(COLUMNS) == list(rows[0])
    for fact, row in zip(FACTS, rows, strict=True):
        expected = {k: "" if v is None else str(v) for k, v in asdict(fact).items()}
        assert {"at": iso(fact.when_ms), **expected} == row


NASTY = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "\uff1d1",
    "\u22121",
    "\ufe66",
    "\u200b=1",
    "\ufeff =1",
    "\x00=1",
)


@pytest.mark.parametrize("before", ["", "x;", "x|", "x\t", "x\n", "x\r", "a, b; "])
@pytest.mark.parametrize("nasty", NASTY)
def test_csv_runs_nothing_in_a_spreadsheet(tmp_path: Path, before: str, nasty: str) -> None:
    """What would be a formula is text, also where another sign parts the cells."""
    file = tmp_path / "a.csv"
    to_file(file, [replace(FACTS[0], agent=before + nasty)], "csv")
    cell = rows_of(file)[0]["agent"]
    assert before + nasty == cell.replace("'", "")
    for part in re.split(r"[;|\t\r\n]", cell):
        first = part.strip(" \x00\u200b\ufeff")[:1]
        assert first not in tuple("=+-@\uff1d\u2212\ufe66"), ascii(cell)


def test_parquet_is_read_by_another_reader_with_its_types(tmp_path: Path) -> None:
    """Numbers are numbers, what is absent is NULL, text is as it was, formulas included."""
    file = tmp_path / "a.parquet"
    odd = replace(FACTS[0], agent='=1+1,"\n', shard=99)
    assert len(FACTS) + 1 == to_file(file, [*FACTS, odd], "parquet")
    with duckdb.connect() as db:
        found = db.execute('SELECT * EXCLUDE ("at") FROM read_parquet(?)', [str(file)])
        names = [each[0] for each in found.description]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        moment = db.execute('SELECT epoch_ms("at") FROM read_parquet(?)', [str(file)]).fetchone()
    expected = [{k: None if v == "" else v for k, v in asdict(f).items()} for f in [*FACTS, odd]]
    assert expected == rows
    assert moment is not None
    assert FACTS[0].when_ms // 1000 * 1000 == moment[0]
    assert [file] == list(tmp_path.iterdir())


def test_parquet_without_its_extra_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is an extra; who lacks it is told."""
    monkeypatch.setitem(__import__("sys").modules, "duckdb", None)
    with pytest.raises(OperatorError, match="duckdb") as caught:
        to_file(tmp_path / "a.parquet", FACTS, "parquet")
    assert "pip install 'phigate[parquet]'" == caught.value.hint
    assert ("extra_missing", []) == (caught.value.code, list(tmp_path.iterdir()))


def test_ocsf_is_one_valid_event_a_line(tmp_path: Path) -> None:
    """JSON lines, each valid, each under its own id."""
    file = tmp_path / "a.ocsf"
    assert len(FACTS) == to_file(file, FACTS, "ocsf")
    events = [json.loads(line) for line in file.read_text().splitlines()]
    assert [[]] * len(FACTS) == [faults(each) for each in events]
    assert [uid_of(each) for each in FACTS] == [each["metadata"]["uid"] for each in events]


@pytest.mark.parametrize("form", ["ocsf", "csv", "parquet"])
def test_export_is_whole_or_not_at_all(tmp_path: Path, form: str) -> None:
    """One that fails half-way leaves nothing; one that is there is left alone."""

    def failing() -> Iterator[Fact]:
        yield FACTS[0]
        raise OperatorError("the broker is away")

    with pytest.raises(OperatorError):
        to_file(tmp_path / "a", failing(), form)
    assert [] == list(tmp_path.iterdir())
    file = tmp_path / "mine"
    file.write_text("mine")
    with pytest.raises(OperatorError, match="there already"):
        to_file(file, FACTS, form)
    assert "mine" == file.read_text()


def test_command_chooses_the_form_by_the_name(tmp_path: Path) -> None:
    """And no form but the raw one has anybody's text in it."""
    source = export(tmp_path, WHOLE)
    for name in ("a.csv", "a.ocsf", "a.parquet"):
        said = run("export", tmp_path / name, "--file", source)
        assert 0 == said.exit_code, said.output
        data = (tmp_path / name).read_bytes()
        assert not [each for each in (0, 1, 3) if SECRETS[each].encode() in data]
    assert len(BUSY) == len(rows_of(tmp_path / "a.csv"))
    raw = run("export", tmp_path / "b.jsonl", "--file", source, "--json")
    assert len(WHOLE) == json.loads(raw.output)["records"]
    assert source.read_bytes() == (tmp_path / "b.jsonl").read_bytes()


def test_period_narrows_an_export(tmp_path: Path) -> None:
    """Entries are chosen by the gate's clock; a raw export can't be narrowed."""
    source = export(tmp_path, WHOLE)
    said = run("export", tmp_path / "a.csv", "--file", source, "--to", "2026-02-03")
    assert 0 == said.exit_code
    days = {row["at"][:10] for row in rows_of(tmp_path / "a.csv")}
    assert {"2026-02-02", "2026-02-03"} == days
    assert 2 == run("export", tmp_path / "b", "--file", source, "--to", "2026-02-03").exit_code


def test_records_that_are_no_entries_are_told(tmp_path: Path) -> None:
    """They are counted, and the exit code says that it is not all."""
    records = story().records
    source = export(tmp_path, [*records[:3], replace(records[3], value=b"x"), *records[3:]])
    said = run("export", tmp_path / "a.csv", "--file", source)
    assert (1, True) == (said.exit_code, "1 records were passed over" in said.output)
    assert 11 == len(rows_of(tmp_path / "a.csv"))


@pytest.mark.parametrize(
    "arguments",
    [
        ["export"],
        ["export", "--follow", "a.csv"],
        ["export", "--to-topic", "t", "a.csv"],
        ["export", "--to-topic", "t", "--from", "2026-01-01"],
    ],
)
def test_what_does_not_fit_together_is_a_usage_error(arguments: list[str]) -> None:
    """Exit 2, before anything is read."""
    assert 2 == run(*arguments).exit_code


# ---------------------------------------------------------------- a topic for a SIEM


def events_in(settings: Settings, topic: str) -> list[dict[str, Any]]:
    """Return what a SIEM would read."""
    return [json.loads(each.value or b"") for each in client.records(settings, topic)]


def uids(events: list[dict[str, Any]]) -> list[str]:
    """Return the ids of events."""
    return [each["metadata"]["uid"] for each in events]


@pytest.mark.kafka
def test_topic_gets_each_entry_and_goes_on(kafka: str, tmp_path: Path) -> None:
    """The second run sends only what is new; keys are the entries' own."""
    settings, env = cluster(kafka, tmp_path)
    records = story().records
    target = f"siem-{secrets.token_hex(4)}"
    write(settings, records[:6])
    said = run("export", "--to-topic", target, "--json", env=env)
    assert said.exception is None or isinstance(said.exception, SystemExit), repr(said.exception)
    assert (0, 6) == (said.exit_code, json.loads(said.stdout)["events"])
    write(settings, records[6:])
    assert 5 == json.loads(run("export", "--to-topic", target, "--json", env=env).stdout)["events"]
    found = list(client.records(settings, target))
    assert {each.key for each in records} == {each.key for each in found}
    events = events_in(settings, target)
    assert sorted(uid_of(each) for each in facts_of(records)) == sorted(uids(events))
    assert [[]] * 11 == [faults(each) for each in events]
    own = run("export", "--to-topic", f"{settings.prefix}verdicts", env=env)
    assert (2, True) == (own.exit_code, "phigate's own" in own.output)


@pytest.mark.kafka
def test_what_died_before_the_commit_comes_again_under_the_same_id(
    kafka: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At least once: nothing is lost, and a repeat is told by metadata.uid."""
    settings, _ = cluster(kafka, tmp_path)
    records = story().records
    target = f"siem-{secrets.token_hex(4)}"
    write(settings, records)

    def dies(*_: object) -> None:
        raise BrokerError("the machine is gone")

    with monkeypatch.context() as patch:
        patch.setattr(siem, "_commit", dies)
        with pytest.raises(BrokerError):
            siem.stream(settings, target, follow=False)
    assert 11 == siem.stream(settings, target, follow=False).events
    assert 0 == siem.stream(settings, target, follow=False).events
    found = uids(events_in(settings, target))
    assert (22, 11) == (len(found), len(set(found)))


@pytest.mark.kafka
def test_following_sends_what_comes(kafka: str, tmp_path: Path) -> None:
    """An entry that is written while it follows is sent."""
    settings, _ = cluster(kafka, tmp_path)
    records = story().records
    target = f"siem-{secrets.token_hex(4)}"
    write(settings, records[:4])

    class Enough(Exception):  # noqa: N818 - it ends the test's wait
        pass

    def told(sent: siem.SentEvents) -> None:
        if sent.events == 4:
            write(settings, records[4:])
        if sent.events == 11:
            raise Enough

    with pytest.raises(Enough):
        siem.stream(settings, target, follow=True, told=told)
    assert 11 == len(events_in(settings, target))


def test_a_line_is_always_spelt_the_same() -> None:
    """The same entry gives the same bytes."""
    assert [line_of(each) for each in FACTS] == [line_of(each) for each in facts_of(BUSY)]
