"""The screen fits 80 columns, says what matters, and cannot be spoofed by what it shows."""

import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from streams.approver import screen, table
from streams.approver.box import Inbox
from streams.approver.client import Approver
from streams.directory import Directory
from streams.errors import RefusedError
from streams.events import (
    Answer,
    Assurance,
    PhiCount,
    Request,
    Resource,
    RouteProgress,
    Said,
    State,
)
from streams.gate.view import view_digest
from streams.settings import Settings
from tests.agent.rig import Keys
from tests.approver.cases import HOUR_MS, NOW_MS, request


def lines(asked: Request, person: str = "dana", width: int = 80) -> list[str]:
    """Return the screen as text."""
    return [line.text for line in screen.show(asked, NOW_MS, person=person, width=width)]


def inbox(*asked: Request, person: str = "dana", unreadable: int = 0) -> list[str]:
    """Return the inbox as it is printed where there is no terminal, 80 columns wide."""
    out = io.StringIO()
    console = Console(file=out, width=80, highlight=False)
    table.print_inbox(Inbox(asked, unreadable), asked, person, NOW_MS, console)
    return out.getvalue().splitlines()


EXPECTED = """\
Request 0192a7c4-11aa-7000-8000-0000000000a1: pending

WHO
  agent           discharge-planner
  owned by        bob (may not review)
  on behalf of    carol (may not review)
WHAT
  action          data.export
ON WHAT
  table           patients
PHI
  found, masked   PERSON 12, DATE_TIME 3
  the executor    gets the real values
WHY ASKED
  rule            phi-export-needs-privacy
  reason          phi_export
WHO MUST AGREE
  privacy-officers
                  1 of 2; agreed: erin
TIME LEFT
  4 h 0 min, until 2026-02-02 06:40:00 UTC; after that the answer is no

WHY THE AGENT WANTS IT
  │ Discharge list for <PERSON_1>, agreed with the ward.
THE REQUEST, MASKED (exactly this is what you sign)
  │ {
  │   "action": "data.export",
  │   "resource": {
  │     "type": "table",
  │     "id": "patients"
  │   },
  │   "justification": "Discharge list for <PERSON_1>, agreed with the ward.",
  │   "params": {
  │     "columns": [
  │       "name",
  │       "birthdate"
  │     ],
  │     "where": {
  │       "patient": "<PERSON_1>"
  │     },
  │     "limit": 20
  │   }
  │ }

SIGNED WITH YOUR ANSWER
  view {}, action abababababab, policy cdcdcdcdcdcd, masker efefefefefef"""


def test_screen_of_a_request() -> None:
    """Everything that matters for the judgement stands there, in this order."""
    asked = request()
    rest = EXPECTED.split("  view {},")[1].split(" ", 1)[1]
    expected = EXPECTED.replace("{}, action", f"{view_digest(asked)[:12]}, action")
    assert rest in expected
    assert expected.split("\n")[:-1] == lines(asked)[: expected.count("\n")]


def test_incomplete_preview_is_said() -> None:
    """Where a part is withheld, the screen says that only a no is possible."""
    assert any("INCOMPLETE" in line for line in lines(request(whole=False)))
    assert not any("INCOMPLETE" in line for line in lines(request()))


@pytest.mark.parametrize("person", ["bob", "carol"])
def test_requester_is_told(person: str) -> None:
    """Who may not review it reads so at the top."""
    assert "You may not agree to this one" in lines(request(), person)[1]
    assert "You may not agree" not in lines(request(), "dana")[1]


def test_view_that_does_not_hold_together_is_not_shown() -> None:
    """A text that its digest belies is replaced by a warning, never printed."""
    text = "\n".join(lines(request(display_digest="00" * 32)))
    assert "DO NOT SIGN" in text
    assert "Discharge list" not in text


NASTY = "\x1b[2J\u202eWHO MUST AGREE\n  everybody  done\r\x9b1m[bold red]:warning: " + "x" * 300
WIDE = "患者一覧" * 30

HOSTILE: dict[str, dict[str, Any]] = {
    "justification": {"justification": NASTY},
    "params": {"params": {NASTY: [NASTY, {"deep": NASTY}], "wide": WIDE}},
    "agent": {"agent": NASTY, "owner": WIDE, "on_behalf_of": NASTY},
    "action": {"action": NASTY},
    "resource": {"resource": Resource(type=NASTY, id=WIDE)},
    "reason": {"reason": NASTY, "policies": (NASTY, WIDE)},
    "phi": {"phi": (PhiCount(kind=NASTY, count=1),)},
    "route": {
        "routes": (
            RouteProgress(group=NASTY, quorum=1, deadline_ms=NOW_MS, approved_by=(WIDE, NASTY)),
        )
    },
    "id": {"intent_id": NASTY},
    "revision": {"policy_revision": NASTY},
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_stays_in_its_place(name: str) -> None:
    """No text of others moves the cursor, starts a line of its own, or passes 80 columns."""
    for shown in (lines(request(**HOSTILE[name])), inbox(request(**HOSTILE[name]))):
        assert all(cell_len(line) <= 80 for line in shown)
        assert all(char.isprintable() for line in shown for char in line)
        assert not any(line.startswith("  everybody") for line in shown)
    headings = [line for line in lines(request(**HOSTILE[name])) if line == "WHO MUST AGREE"]
    assert ["WHO MUST AGREE"] == headings


def test_markup_is_not_interpreted() -> None:
    """Square brackets and colons of an agent are text, not colours and pictures."""
    text = "\n".join(inbox(request(agent="[bold]x[/bold] :smile:")))
    assert "[bold]x" in text.replace("\n", "")
    assert ":smile:" in text


@settings(max_examples=30)
@given(st.text(max_size=200), st.integers(40, 100))
def test_any_text_fits_any_width(text: str, width: int) -> None:
    """Every line of the screen fits, whatever was written."""
    asked = request(justification=text, params={"note": text})
    assert all(cell_len(line) <= width for line in lines(asked, width=width))


def test_facts_and_unsure_values_are_shown() -> None:
    """What the gate read off the action stands there by name; without facts there is no section."""
    shown = lines(request(facts=("sql.read=unknown", "sql.kinds=ddl+select"), unsure=3))
    text = "\n".join(shown)
    assert "FACTS" in shown
    assert "sql.read        unknown" in text
    assert "ddl, select" in text
    assert "3 values that may be PHI or not" in text
    assert "FACTS" not in lines(request())


def test_inbox_of_two() -> None:
    """The table tells at a glance what, who, PHI, progress and time, with ids short and unique."""
    other = request(
        intent_id="0192a7c4-11bb-7000-8000-0000000000b2",
        action="iam.grant",
        on_behalf_of=None,
        phi=(),
        deadline_ms=NOW_MS + 90_000,
    )
    shown = inbox(request(), other)
    text = "\n".join(shown)
    assert "0192a7c4-11a " in text
    assert "0192a7c4-11b " in text
    assert all(len(line) <= 80 for line in shown)
    for word in ("data.export", "carol", "PERSON 12", "1/2", "4 h 0 min", "1 min", "none"):
        assert word in text


@pytest.mark.parametrize(
    ("off_ms", "newest_ms", "word"),
    [
        (HOUR_MS * 5, NOW_MS, "the clock is ahead"),
        (-HOUR_MS, NOW_MS, "is behind the broker's by 1 h"),
        (0, NOW_MS, ""),
        (HOUR_MS, NOW_MS, ""),
    ],
)
def test_a_clock_that_is_off_is_said(off_ms: int, newest_ms: int, word: str) -> None:
    """By the broker's stamps, and by what is open at the gate; a right one is not mentioned."""
    found = Inbox((request(),), 0, newest_ms=newest_ms)
    said = table.clock_words(found, NOW_MS + off_ms)
    assert bool(word) == bool(said)
    assert word in said


def test_an_open_request_waits_whatever_this_clock_says(tmp_path: Path) -> None:
    """The gate closes requests; a clock that is ahead hides none of them."""
    text = Keys().directory_text().replace("groups: [privacy]", "groups: [privacy-officers]")
    who = Approver(Settings(home=tmp_path), Directory.parse(text, "rig"), person="petra")
    assert table.waits_for(request(), who, NOW_MS + 100 * HOUR_MS)
    assert "over by this machine's clock" in "\n".join(
        line.text for line in screen.show(request(), NOW_MS + 100 * HOUR_MS)
    )


def test_an_id_that_is_not_whole_lists_the_candidates() -> None:
    """Whoever types too little sees what to choose from; of nothing, where else to look."""
    other = request(intent_id="0192a7c4-11bb-7000-8000-0000000000b2")
    found = Inbox((request(), other), 0)
    with pytest.raises(RefusedError) as told:
        found.find("0192a7c4")
    assert "ambiguous" == told.value.code
    assert all(each.intent_id in str(told.value) for each in found.requests)
    with pytest.raises(RefusedError) as told:
        found.find("ffff")
    assert "phigate audit show" in told.value.hint


def test_empty_inbox_says_what_else_there_is() -> None:
    """Nothing to do is said, and where others' requests are found."""
    asked = request()
    out = io.StringIO()
    table.print_inbox(Inbox((asked,), 2), (), "bob", NOW_MS, Console(file=out, width=80))
    assert "Nothing waits for bob. 1 wait for others" in out.getvalue()
    assert "2 records could not be read" in out.getvalue()


def test_closed_request_shows_how_it_ended() -> None:
    """A request that is over says so instead of a time."""
    assert "  it is denied; it was open until 2026-02-02 06:40:00 UTC" in lines(
        request(state=State.DENIED)
    )


@given(st.sets(st.uuids().map(str), max_size=20))
def test_short_ids_are_unique_beginnings(ids: set[str]) -> None:
    """Each short id begins one full id only and has eight characters at least."""
    short = screen.short_ids(ids)
    assert ids == set(short)
    for full, brief in short.items():
        assert len(brief) >= 8
        assert [full] == [each for each in ids if each.startswith(brief)]


def test_time_left_counts_down() -> None:
    """The clock at the entry point decides what is left."""
    later = screen.show(request(), NOW_MS + 3 * HOUR_MS)
    assert any("1 h 0 min, until" in line.text for line in later)


def test_levels_of_assurance_are_shown() -> None:
    """What a route demands, and how each who decided was known and for whom they stood."""
    route = request().routes[0].model_copy(update={"assurance": Assurance.OIDC})
    who: Any = {"answer": Answer.APPROVE, "assurance": Assurance.OIDC, "at_ms": 1}
    asked = request(routes=(route,), reviews=(Said(person="erin", stands_for=("gina",), **who),))
    shown = " ".join(" ".join(lines(asked)).split())
    assert "1 of 2 after a login (oidc); agreed: erin" in shown
    assert "DECIDED BY erin approves (assurance oidc), standing for gina" in shown
    assert any("1/2 oidc" in line for line in inbox(asked))
