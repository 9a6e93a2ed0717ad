"""The approver's commands against a real broker, where the test plays the gate."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from streams.approver import Approver
from streams.approver.command import approve, deny, inbox, show
from streams.clock import now_ms
from streams.events import Answer, Decision, Position
from streams.gate.case import Case
from streams.gate.view import view_digest
from streams.signing import SigningKey
from tests.approver.cases import by_the_gate, request
from tests.approver.played import Played

pytestmark = pytest.mark.kafka

ONE = "0192a7c4-11aa-7000-8000-0000000000a1"
TWO = "0192a7c4-11bb-7000-8000-0000000000b2"
COMMANDS = {"inbox": inbox, "show": show, "approve": approve, "deny": deny}


@pytest.fixture
def gate(kafka: str, tmp_path: Path) -> Iterator[Played]:
    """Return a gate that answers."""
    with Played.up(kafka, tmp_path, now_ms()) as played:
        yield played


def run(gate: Played, command: str, *arguments: str, **over: Any) -> Result:
    """Run one command as a person would, against the gate's cluster."""
    place = ["--home", str(gate.settings.home), "--bootstrap", gate.settings.bootstrap]
    env = {"PHIGATE_PREFIX": gate.settings.prefix, "COLUMNS": "80", "PHIGATE_PERSON": None}
    return CliRunner().invoke(COMMANDS[command], [*arguments, *place], env=env, **over)


def as_(name: str, gate: Played, command: str, *arguments: str, **over: Any) -> Result:
    """Run one command as this person."""
    return run(gate, command, *arguments, "--as", name, **over)


def test_two_people_agree(gate: Played) -> None:
    """Inbox, show, approve, approve: each is told at once what the answer did."""
    gate.ask(ONE)
    listed = as_("dana", gate, "inbox")
    assert (0, True) == (listed.exit_code, "0192a7c4" in listed.output)
    seen = as_("dana", gate, "show", "0192a7c4")
    assert (0, True) == (seen.exit_code, "data.export" in seen.output)
    assert all(len(line) <= 80 for line in (listed.output + seen.output).splitlines())

    first = as_("dana", gate, "approve", "0192", "--reason", "Anna Müller's discharge")
    assert first.output == (
        "counted: 1 of 2 on privacy-officers; still needed: 1 of privacy-officers\n"
    )
    assert first.exit_code == 0
    assert "Nothing waits for dana. 1 wait for others" in as_("dana", gate, "inbox").output
    assert "0192a7c4" in as_("erin", gate, "inbox").output

    second = as_("erin", gate, "approve", ONE, "--reason", "-", "--json", input="agreed\n")
    told = json.loads(second.output)
    assert ("granted", "granted", True) == (told["effected"], told["state"], told["recorded"])
    assert ["Anna Müller's discharge", "agreed"] == [reason for _, reason in gate.decisions]
    assert b"M\xc3\xbcller" not in b"".join(each.envelope for each, _ in gate.decisions)


def test_deny_ends_it(gate: Played) -> None:
    """One no closes the request, and the code is told."""
    gate.ask(ONE)
    said = as_("erin", gate, "deny", ONE, "--code", "too_broad", "--reason", "one ward is enough")
    assert (0, "denied: the request is closed (too_broad)\n") == (said.exit_code, said.output)
    late = as_("dana", gate, "approve", ONE, "--reason", "x")
    assert late.exit_code == 1
    assert "nothing was signed: it was decided" in late.output
    assert 1 == len(gate.decisions)


@pytest.mark.parametrize(
    ("person", "reason"),
    [
        ("bob", "requester_may_not_review"),
        ("carol", "requester_may_not_review"),
        ("frank", "not_a_reviewer"),
    ],
)
def test_gate_has_the_last_word(gate: Played, person: str, reason: str) -> None:
    """Whoever may not review is stopped; --anyway sends, and the gate's refusal is told."""
    gate.ask(ONE)
    stopped = as_(person, gate, "approve", ONE, "--reason", "please", "--json")
    assert (1, reason) == (stopped.exit_code, json.loads(stopped.stdout)["error"])
    assert [] == gate.decisions
    said = as_(person, gate, "approve", ONE, "--reason", "please", "--anyway")
    assert said.exit_code == 1
    assert "The gate will likely refuse this" in said.stderr
    assert said.stdout.startswith(f"refused: {reason}: ")


def test_second_yes_of_one_person_is_refused(gate: Played) -> None:
    """One person counts once."""
    gate.ask(ONE)
    as_("dana", gate, "approve", ONE, "--reason", "yes")
    again = as_("dana", gate, "approve", ONE, "--reason", "yes", "--anyway")
    assert (1, True) == (again.exit_code, "refused: already_decided" in again.stdout)


def test_closed_case_refuses_what_is_sent_anyway(gate: Played) -> None:
    """With --anyway the gate itself is asked, and says why not."""
    gate.ask(ONE, quorum=1)
    as_("dana", gate, "approve", ONE, "--reason", "yes")
    late = as_("erin", gate, "approve", ONE, "--reason", "yes", "--anyway")
    assert (1, True) == (late.exit_code, "refused: case_closed" in late.stdout)


def test_incomplete_preview_can_be_denied_only(gate: Played) -> None:
    """Nobody approves what could not be shown; --anyway leaves it to the gate; deny is open."""
    gate.ask(ONE, whole=False)
    stopped = as_("dana", gate, "approve", ONE, "--reason", "yes")
    assert (1, True) == (stopped.exit_code, "it cannot be approved" in stopped.output)
    assert [] == gate.decisions
    asked = as_("dana", gate, "approve", ONE, "--reason", "yes", "--anyway")
    assert (1, True) == (asked.exit_code, "refused: preview_incomplete" in asked.stdout)
    said = as_("dana", gate, "deny", ONE, "--code", "other", "--reason", "cannot see it")
    assert said.exit_code == 0


def test_forged_request_is_shown_as_nothing(gate: Played) -> None:
    """What the gate has not signed is not shown, nor signed, --anyway or not; it is said."""
    forged = request(intent_id=ONE, deadline_ms=now_ms() + 60_000)
    gate.put("requests", ONE, forged)
    gate.put("requests", ONE, by_the_gate(forged))  # by a key that the directory does not know
    for more in ([], ["--anyway"]):
        said = as_("dana", gate, "approve", ONE, "--reason", "yes", *more)
        assert (1, True) == (said.exit_code, "not signed by the gate" in said.output)
    assert [] == gate.decisions
    shown = as_("dana", gate, "show", ONE)
    assert (1, False) == (shown.exit_code, "Discharge" in shown.output)
    inbox = as_("dana", gate, "inbox", "--all").output
    assert (True, False) == ("1 requests are not signed" in inbox, "Discharge" in inbox)


def test_view_that_does_not_hold_together_is_never_signed(gate: Played) -> None:
    """Not even where the gate has signed it: its text is not what its digest names."""
    gate.ask(ONE, display_digest="00" * 32)
    for more in ([], ["--anyway"]):
        said = as_("dana", gate, "approve", ONE, "--reason", "yes", *more)
        assert (1, True) == (said.exit_code, "not the one its digest names" in said.output)
    assert [] == gate.decisions
    assert "DO NOT SIGN" in as_("dana", gate, "show", ONE).output


def test_a_forged_request_does_not_hide_the_genuine_one(gate: Played) -> None:
    """A newer one that somebody else wrote is passed over, and the gate's own is answered."""
    gate.ask(ONE)
    forged = request(
        intent_id=ONE, position=Position(partition=0, offset=99), deadline_ms=now_ms() + 60_000
    )
    gate.put("requests", ONE, forged)
    said = as_("dana", gate, "approve", ONE, "--reason", "yes")
    assert (0, True) == (said.exit_code, "counted" in said.stdout)


def test_other_view_than_the_one_read_is_not_signed(gate: Played) -> None:
    """With --digest only the view that `show` printed is signed."""
    gate.ask(ONE)
    said = as_("dana", gate, "approve", ONE, "--digest", "0" * 8, "--reason", "yes")
    assert (1, True) == (said.exit_code, "not the view that you read" in said.output)
    digest = view_digest(Approver(gate.settings, gate.directory).request(ONE))[:8]
    assert f"--digest {digest}" in as_("dana", gate, "show", ONE).output
    assert 0 == as_("dana", gate, "approve", ONE, "--digest", digest, "--reason", "y").exit_code


def test_foreign_key_is_refused(gate: Played, tmp_path: Path) -> None:
    """A key that the directory does not know is warned of, and refused."""
    gate.ask(ONE)
    file = tmp_path / "stranger.key"
    SigningKey.new("stranger").save(file)
    said = run(gate, "approve", ONE, "--key", str(file), "--reason", "let me", "--anyway")
    assert "does not know this key" in said.stderr
    assert (1, True) == (said.exit_code, "refused: unknown_key" in said.stdout)


def test_ids_may_be_beginnings(gate: Played) -> None:
    """A unique beginning is enough; none is exit 3, several are exit 2."""
    gate.ask(ONE)
    gate.ask(TWO)
    assert 3 == as_("dana", gate, "show", "ffff").exit_code
    assert 2 == as_("dana", gate, "show", "0192a7c4").exit_code
    assert 0 == as_("dana", gate, "show", "0192a7c4-11b").exit_code


def test_inbox_for_scripts_and_for_all(gate: Played) -> None:
    """JSON holds every field; --all lists others' requests, and tells which wait for me."""
    gate.ask(ONE)
    gate.put("requests", TWO, b"garbage")
    mine = json.loads(as_("dana", gate, "inbox", "--json").output)
    assert ([ONE], 1) == ([each["intent_id"] for each in mine["requests"]], mine["unreadable"])
    assert [] == json.loads(as_("bob", gate, "inbox", "--json").output)["requests"]
    every = json.loads(as_("bob", gate, "inbox", "--all", "--json").output)["requests"]
    assert [False] == [each["waits_for_me"] for each in every]
    shown = json.loads(as_("dana", gate, "show", ONE, "--json").output)
    assert json.loads(shown["display"])["action"] == "data.export"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["approve", ONE, "--as", "nobody", "--reason", "x"], "knows nobody called nobody"),
        (["approve", ONE, "--reason", "x"], "nobody is named to sign"),
        (["approve", ONE, "--as", "dana"], "Missing option '--reason'"),
        (["deny", ONE, "--as", "dana", "--reason", "x"], "Missing option '--code'"),
    ],
)
def test_what_is_missing_is_said(gate: Played, arguments: list[str], words: str) -> None:
    """A person who is not known, no key, no reason, no code: exit 2 and what to do."""
    gate.ask(ONE)
    said = run(gate, *arguments)
    assert (2, True) == (said.exit_code, words in said.output)


def test_empty_reason_and_bad_code_are_refused(gate: Played) -> None:
    """A reason is said, and a code is a word for machines."""
    gate.ask(ONE)
    assert 1 == as_("dana", gate, "approve", ONE, "--reason", " ").exit_code
    said = as_("dana", gate, "deny", ONE, "--code", "No way", "--reason", "x")
    assert (1, True) == (said.exit_code, "snake_case" in said.output)
    assert [] == gate.decisions


def test_key_of_somebody_else_is_refused(gate: Played) -> None:
    """To be called dana and sign as erin is a mistake, and is told as one."""
    gate.ask(ONE)
    key = gate.settings.keys / "people" / "erin.key"
    said = as_("dana", gate, "approve", ONE, "--key", str(key), "--reason", "x")
    assert (2, True) == (said.exit_code, "gives this key to erin" in said.output)


def test_silent_gate_is_told_apart(kafka: str, tmp_path: Path) -> None:
    """Where no worker runs, the answer is sent, said to be so, and exit is 3."""
    with Played.up(kafka, tmp_path, now_ms(), answering=False) as silent:
        silent.ask(ONE)
        said = as_("dana", silent, "approve", ONE, "--reason", "yes", "--wait", "1")
        assert (4, True) == (said.exit_code, "sent, and not yet recorded" in said.output)
        again = as_("dana", silent, "deny", ONE, "--code", "other", "--reason", "no",
                    "--wait", "1", "--json")  # fmt: skip
        assert (4, False) == (again.exit_code, json.loads(again.stdout)["recorded"])


def test_forged_audit_entry_is_not_believed(kafka: str, tmp_path: Path) -> None:
    """Only the gate's own audit key can tell an approver that the answer counted."""
    with Played.up(kafka, tmp_path, now_ms()) as liar:
        liar.audit_key = SigningKey.new("liar")
        liar.ask(ONE)
        said = as_("dana", liar, "approve", ONE, "--reason", "yes", "--wait", "3")
        assert 4 == said.exit_code
        assert 1 == len(liar.decisions)


def test_library_decides_without_the_command(gate: Played) -> None:
    """The library alone reads, decides and waits; its event id is the log's."""
    gate.ask(ONE, quorum=1)
    key = SigningKey.load(gate.settings.keys / "people" / "dana.key")
    approver = Approver(gate.settings, gate.directory, key)
    asked = approver.request("0192")
    sent = approver.decide(asked, Answer.APPROVE, "approved", "fine", now_ms=now_ms())
    told = approver.consequence(sent, 20)
    assert told is not None
    assert "granted" == told.effected
    assert ("dana", ["privacy-officers"]) == (approver.person, list(approver.groups))
    assert isinstance(gate.decisions[0][0], Decision)
    assert isinstance(gate._cases[ONE], Case)
