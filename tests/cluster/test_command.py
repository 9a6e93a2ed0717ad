"""`phigate topics`: what it prints, and what its exit codes say."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from streams.cluster import shape
from streams.cluster.command import topics as command
from streams.events import CaseEvent, DeadlinePassed, Source
from streams.settings import Settings
from streams.wire import client, codec, schemas, show, topics
from streams.wire.client import KafkaRecord

ID = "01890a5d-ac96-774b-bcce-b302099a8057"
SECRET = b"Jane Roe, MRN 12345"
EVENT = CaseEvent(
    event_id="e",
    intent_id=ID,
    at_ms=1,
    source=Source(topic="t", partition=0, offset=1),
    body=DeadlinePassed(deadline_ms=5),
)


def arguments(place: Settings, *given: str) -> list[str]:
    """Return a command line for the broker and the home of these settings."""
    assert place.bootstrap
    return [*given, "--home", str(place.home), "--bootstrap", place.bootstrap]


@pytest.fixture
def place_by_name(place: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Put what the command line cannot say into the environment."""
    monkeypatch.setenv("PHIGATE_PREFIX", place.prefix)
    monkeypatch.setenv("PHIGATE_PARTITIONS", str(place.partitions))
    return place


def run(place: Settings, *given: str) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(command, arguments(place, *given))


def printed(result: Result) -> list[dict[str, Any]]:
    """Return what was printed, one JSON a line."""
    assert 0 == result.exit_code, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def record(key: bytes | None, value: bytes | None) -> KafkaRecord:
    """Return a record as it might lie anywhere."""
    return KafkaRecord("t", 0, 5, 1000, key, value, ())


# ---------------------------------------------------------------- without a broker


def test_list_needs_no_broker(tmp_path: Path) -> None:
    """The table, for people and for programs."""
    given = ["list", "--home", str(tmp_path)]
    result = CliRunner().invoke(command, given)
    assert len(topics.TABLE) == len(result.stdout.splitlines())
    rows = json.loads(CliRunner().invoke(command, [*given, "--json"]).stdout)
    assert "phigate.intents" == rows[0]["topic"]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (["read", "nobodys"], "phigate topics list"),
        (["read", "cases", "--since", "soon"], "15m"),
        (["read", "cases"], "phigate kafka up"),
        (["plan"], "phigate kafka up"),
        (["apply"], "phigate kafka up"),
        (["check"], "phigate kafka up"),
    ],
)
def test_errors_say_what_to_do(tmp_path: Path, given: list[str], says: str) -> None:
    """Exit code 2, or 5 where the broker is away; one message, no traceback."""
    result = CliRunner().invoke(command, [*given, "--home", str(tmp_path)])
    code = 5 if says == "phigate kafka up" else 2
    assert (code, True) == (result.exit_code, says in result.output)
    assert "Traceback" not in result.output


def test_help_has_examples() -> None:
    """Every subcommand's help shows how it is typed."""
    for name in command.commands:
        assert f"phigate topics {name}" in CliRunner().invoke(command, [name, "--help"]).output


def test_a_stranger_s_bytes_are_counted_and_not_shown() -> None:
    """On topics that anybody may write, neither a bad value nor a bad key is printed."""
    shown = show.shown(record(SECRET, SECRET), topics.TABLE[0])
    assert {"withheld_bytes": len(SECRET)} == shown["key"]
    assert {"undecodable": "not_avro", "bytes": len(SECRET)} == shown["value"]
    assert ID == show.shown(record(ID.encode(), None), topics.TABLE[0])["key"]
    assert None is show.shown(record(None, None), topics.TABLE[0])["value"]


def test_a_table_s_row_is_shown_with_its_head() -> None:
    """The worker's own bytes stay hex, the case behind them is decoded, if there is one."""
    changelog = next(topic for topic in topics.TABLE if topic.table)
    head = bytes(17)
    noise = show.shown(record(b"\x00position", head), changelog)
    assert {"head": head.hex(), "case": None} == noise["value"]
    cut = codec.MARKER + schemas.fingerprint_of("Case")
    row = show.shown(record(b"k", head + cut), changelog)["value"]
    assert {"head": head.hex(), "case": {"undecodable": "truncated", "bytes": 10}} == row


# ---------------------------------------------------------------- with a real broker


@pytest.mark.kafka
def test_plan_apply_check(place_by_name: Settings) -> None:
    """1 while there is something to do, then 0; `check` follows."""
    assert 1 == run(place_by_name, "check").exit_code
    planned = run(place_by_name, "plan", "--json")
    assert (1, len(topics.TABLE)) == (
        planned.exit_code,
        len(json.loads(planned.stdout)["changes"]),
    )
    assert 0 == run(place_by_name, "apply").exit_code
    again = run(place_by_name, "plan")
    assert (0, True) == (again.exit_code, again.stdout.startswith("nothing to do"))
    assert 0 == run(place_by_name, "check").exit_code


@pytest.fixture
def filled(place_by_name: Settings) -> Settings:
    """Return a place with two events and a stranger's bytes in `cases`."""
    shape.apply(place_by_name)
    producer, cases = client.producer(place_by_name), topics.name(place_by_name, "cases")
    client.deliver(producer, cases, ID.encode(), codec.encode(EVENT), partition=0)
    client.deliver(producer, cases, b"other", codec.encode(EVENT), partition=1)
    client.deliver(producer, cases, b"other", SECRET, partition=1)
    return place_by_name


@pytest.mark.kafka
def test_read_prints_one_json_a_line(filled: Settings) -> None:
    """Decoded, with place, time and key; what cannot be decoded is said to be so."""
    rows = sorted(
        printed(run(filled, "read", "cases")), key=lambda r: (r["partition"], r["offset"])
    )
    assert [(0, 0), (1, 0), (1, 1)] == [(row["partition"], row["offset"]) for row in rows]
    assert codec.to_json(EVENT) == rows[0]["value"]
    assert (ID, True) == (rows[0]["key"], rows[0]["timestamp_ms"] > 1_600_000_000_000)
    assert {"undecodable": "not_avro", "bytes": len(SECRET)} == rows[2]["value"]


@pytest.mark.kafka
@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["--key", ID], 1),
        (["--key", "nobody"], 0),
        (["--partition", "1"], 2),
        (["--partition", "0", "--partition", "1"], 3),
        (["--limit", "2"], 2),
        (["--since", "1h"], 3),
        (["-f", "--limit", "3"], 3),
    ],
)
def test_read_narrows(filled: Settings, given: list[str], expected: int) -> None:
    """Each option leaves out what it says; the full name works as the short one does."""
    full = topics.name(filled, "cases")
    assert expected == len(printed(run(filled, "read", full, *given)))


@pytest.fixture
def following(filled: Settings) -> Iterator["subprocess.Popen[str]"]:
    """Run `read cases -f` as a process, up to its first line."""
    program = [sys.executable, "-m", "streams", "topics", *arguments(filled, "read", "cases", "-f")]
    pipe = subprocess.PIPE
    process = subprocess.Popen(program, stdout=pipe, stderr=pipe, text=True, env=dict(os.environ))
    assert process.stdout is not None
    assert process.stdout.readline().startswith("{")
    yield process
    process.kill()
    process.communicate()


@pytest.mark.kafka
def test_ctrl_c_ends_following_quietly(following: "subprocess.Popen[str]") -> None:
    """Exit code 130, and not a word."""
    following.send_signal(signal.SIGINT)
    _, errors = following.communicate(timeout=180)
    assert (130, "") == (following.returncode, errors)


@pytest.mark.kafka
def test_a_reader_that_goes_away_ends_it_quietly(
    filled: Settings, following: "subprocess.Popen[str]"
) -> None:
    """As with `| head -1`: the next record finds nobody, and the command ends without a word."""
    assert following.stdout is not None
    assert following.stderr is not None
    following.stdout.close()
    producer = client.producer(filled)
    client.deliver(producer, topics.name(filled, "cases"), b"k", codec.encode(EVENT))
    assert 0 == following.wait(timeout=180)
    assert "" == following.stderr.read()
