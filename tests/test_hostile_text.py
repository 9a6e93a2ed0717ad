"""Text of others reaches a terminal harmless, whatever command prints it."""

import io
import json
import unicodedata
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from rich.console import Console

from streams.__main__ import phigate
from streams.agent.command import _print_verdict
from streams.approver import table
from streams.approver.box import Inbox
from streams.auditor.read.source import to_file
from streams.commandline import Refusal
from streams.errors import RefusedError
from streams.events import (
    OutcomeReport,
    PhiCount,
    Position,
    Resource,
    State,
    Status,
    Verdict,
)
from tests.approver.cases import NOW_MS, request
from tests.auditor.logs import KEY, REVIEWED, Gate, decision, intent, log, outcome

NASTY = "\x1b]0;pwned\x07\x9b2J\u202e\u05d0\u0627\U000e0041\ufe0f\u180b\u2066 ok"
BAD = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def check(text: str) -> None:
    """Fail where a character of the text acts on a terminal, hides, or turns its direction."""
    assert "ok" in text
    for char in text.replace("\n", ""):
        assert unicodedata.category(char) not in BAD, ascii(char)
        assert unicodedata.bidirectional(char) not in {"R", "AL", "AN"}, ascii(char)
        assert char not in "\ufe0f\u180b", ascii(char)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an exported audit in which everybody has written what they could."""
    gate = Gate()
    asked = {
        "agent": f"bot{NASTY}",
        "owner": NASTY,
        "on_behalf_of": NASTY,
        "action": f"db{NASTY}",
        "resource": Resource(type=NASTY, id=NASTY),
        "phi": (PhiCount(kind=NASTY, count=1),),
    }
    gate.write(REVIEWED, intent().model_copy(update=asked))
    said = {"person": NASTY, "code": NASTY, "rationale": NASTY}
    for person in ("dana", "erin"):
        gate.write(REVIEWED, decision(person).model_copy(update=said))
    gate.write(REVIEWED, outcome(REVIEWED).model_copy(update={"message": NASTY}))
    gate.write(f"zz{NASTY}", intent().model_copy(update=asked))
    gate.write(f"zz{NASTY}2", None)
    made = tmp_path_factory.mktemp("audit") / "audit.jsonl"
    to_file(made, log(gate.rest()))
    return made


@pytest.mark.parametrize(
    "words",
    [
        ("show", REVIEWED),
        ("show", "zz"),  # two of them: the candidates are listed
        ("search",),
        ("search", "--agent", "nobody"),
        ("verify", "--key", KEY.public.text),
        ("prove", "zz", "proof.json", "--key", KEY.public.text),
    ],
)
def test_commands_of_the_audit(
    file: Path, words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ids, names, reasons and messages of an export that anybody may have made."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PHIGATE_HOME", str(tmp_path))
    said = CliRunner().invoke(phigate, ["audit", *words, "--file", str(file)])
    assert "Traceback" not in said.output
    check(f"ok{said.output}")


def test_the_inbox_and_one_request() -> None:
    """All that an agent and the gate's views may hold."""
    asked = request(
        params={"x": NASTY},
        justification=NASTY,
        intent_id=f"zz{NASTY}",
        agent=NASTY,
        owner=NASTY,
        on_behalf_of=NASTY,
        action=NASTY,
        resource=Resource(type=NASTY, id=NASTY),
        phi=(PhiCount(kind=NASTY, count=1),),
        policies=(NASTY,),
    )
    out = io.StringIO()
    console = Console(file=out, width=80, highlight=False)
    table.print_inbox(Inbox((asked,), 0), (asked,), NASTY, NOW_MS, console)
    table.print_inbox(Inbox((), 0), (), NASTY, NOW_MS, console)
    table.print_request(asked, NOW_MS, NASTY, asked.intent_id, console)
    check(out.getvalue())


def test_a_verdict() -> None:
    """What people and executors wrote to an agent."""
    told = Verdict(
        intent_id=REVIEWED,
        position=Position(partition=0, offset=1),
        state=State.GRANTED,
        reason=NASTY,
        rationale=NASTY,
        decided_by=(NASTY,),
        policies=(NASTY,),
        grant_id=None,
        at_ms=0,
        outcome=OutcomeReport(status=Status.OK, message=NASTY, at_ms=0),
    )
    out = io.StringIO()
    with redirect_stdout(out):
        _print_verdict(told, as_json=False)
    check(out.getvalue())


def test_an_error_that_quotes_somebody() -> None:
    """Messages and hints are told line by line, each harmless; as JSON they are escaped anyway."""
    error = RefusedError(f"no such\nthing: {NASTY}", hint=NASTY)
    check(Refusal(error).format_message())
    assert 2 == Refusal(error).format_message().count("\n")
    out = io.StringIO()
    with redirect_stdout(out):
        Refusal(error, as_json=True).show()
    check(out.getvalue())
    assert NASTY == json.loads(out.getvalue())["hint"]


def test_a_dry_run(tmp_path: Path) -> None:
    """What an author of agents has written down."""
    asked: dict[str, Any] = {"agent": NASTY, "action": "x", "params": NASTY, "justification": "ok"}
    given = json.dumps({**asked, "resource": {"type": "T", "id": NASTY}})
    said = CliRunner().invoke(phigate, ["try", "-", "--home", str(tmp_path)], input=given)
    check(f"ok{said.output}")
