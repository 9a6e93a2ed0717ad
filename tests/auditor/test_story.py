"""One intent's story in plain words."""

from rich.cells import cell_len

from streams.audit.entry import erased
from streams.auditor.ask import story as told
from streams.events import Answer
from tests.auditor.logs import PERMITTED, REVIEWED, SLOW, Gate, decision, intent, story

EXPECTED = """\
Intent 0192a7c4-11aa-7000-8000-000000000001
GRANTED by dana, erin after 8 min; outcome ok

2026-02-02 02:40:00 UTC  [entry 0/0]
    agent planner asks to data.export, on behalf of carol
        on Table patients; agent of bob
        PHI found and masked: PERSON 12
        the policy asks people: 2 of privacy-officers within 4 h 0 min (rules: \n\
        phi-export; revision ffffffffffff)
        → it waits for people

2026-02-02 02:43:00 UTC  +3 min  [entry 0/3]
    bob (privacy-officers; assurance key) approves
        approved: agreed with the ward
        → refused: requester_may_not_review; the case stays as it was

2026-02-02 02:44:00 UTC  +1 min  [entry 0/4]
    the gate refused a decision of mallory at the door
        bad_signature
        → refused: bad_signature; the case stays as it was

2026-02-02 02:45:00 UTC  +1 min  [entry 0/5]
    dana (privacy-officers; assurance key) approves
        approved: agreed with the ward
        → counted; more people must agree

2026-02-02 02:46:00 UTC  +1 min  [entry 0/6]
    agent planner sent the same intent again, on behalf of carol
        it changes nothing

2026-02-02 02:48:00 UTC  +2 min  [entry 0/8]
    erin (privacy-officers; assurance key) approves
        approved: agreed with the ward
        → GRANTED: grant GRANT

2026-02-02 02:49:00 UTC  +1 min  [entry 0/9]
    executor clinic-db reports: ok
        120 rows
        → recorded with the case"""


def lines(gate: Gate, intent_id: str) -> list[str]:
    """Return the story as it is printed."""
    entries = [each for each in gate.entries if each.intent_id == intent_id]
    return list(told.lines(intent_id, told.tell([*entries, *entries])))


def test_story_of_a_reviewed_intent() -> None:
    """Asked, refused, counted, granted, done: each with its time, once, in the log's order."""
    gate = story()
    granted = gate.entries[8].consequence.grant_id or ""
    expected = EXPECTED.replace("GRANT\n", f"{granted}\n")
    assert expected.split("\n") == lines(gate, REVIEWED)


def test_story_of_the_others() -> None:
    """A permitted intent and one that nobody answered say so."""
    gate = story()
    assert any("the policy permits it at once" in line for line in lines(gate, PERMITTED))
    assert any("EXPIRED: nobody decided in time" in line for line in lines(gate, SLOW))


def test_unreadable_record_is_told_by_its_digest() -> None:
    """Nobody can say whose it was; read by itself it says what it is."""
    (entry,) = [each for each in story().entries if not each.intent_id]
    (chapter,) = told.tell([entry])
    assert entry.event_digest in chapter.title


def test_headline_says_how_it_stands() -> None:
    """State, by whom, after how long, what came of it; of each kind of end."""
    gate = story()

    def head(intent_id: str) -> str:
        return told.headline(told.tell(e for e in gate.entries if e.intent_id == intent_id))

    assert "GRANTED" == head(PERMITTED)
    assert "EXPIRED after 8 min" == head(SLOW)
    other = Gate()
    other.write(REVIEWED, intent())
    assert "PENDING" == told.headline(told.tell(other.entries))
    other.write(REVIEWED, decision("dana"))
    other.write(REVIEWED, decision("erin", Answer.DENY))
    assert "DENIED by erin after 2 min" == told.headline(told.tell(other.entries))


def test_erased_event_is_told_by_its_leaf() -> None:
    """What is gone is not told; what the proof still shows is."""
    gate = story()
    entries = [erased(e) if e.index == 8 else e for e in gate.entries if e.intent_id == REVIEWED]
    text = "\n".join(told.lines(REVIEWED, told.tell(entries)))
    assert "an event that was erased (DecisionAdmitted); its proof stands" in text
    assert "person erin, answer approve" in text
    assert "GRANTED by dana, erin after 8 min" in text


def test_text_of_others_does_nothing_to_the_terminal() -> None:
    """Names and reasons with escapes, and long ones, stay in their lines."""
    gate = Gate()
    nasty = "\x1b[2J\u202e\n" + "x" * 40
    gate.write(nasty, intent().model_copy(update={"agent": nasty}))
    no = decision("dana", Answer.DENY).model_copy(update={"rationale": nasty})
    gate.write(nasty, no)
    shown = lines(gate, nasty)
    assert all(cell_len(line) <= 80 for line in shown)
    assert all(char.isprintable() for line in shown for char in line)


def test_json_says_the_same() -> None:
    """Scripts get the same chapters."""
    gate = story()
    entries = [each for each in gate.entries if each.intent_id == SLOW]
    found = told.as_json(SLOW, told.tell(entries))
    assert ["opened", "expired"] == [each["effected"] for each in found["entries"]]
