"""A proof in one file: checked alone, and no part of it can be changed unseen."""

import base64
import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from streams.audit.report import Flaw
from streams.auditor.proof import prove
from streams.auditor.proof.check import Evidence
from streams.auditor.proof.pins import Pins
from streams.auditor.proof.prove import Texts
from streams.errors import OperatorError
from streams.policy import PolicySet
from tests.auditor.logs import PERMITTED, PINS, REVIEWED, Gate, all_note, log, story
from tests.auditor.test_tampering import WATCHED, rewritten, witnessed

GOOD, OTHER = story(), story(1)


def proof(intent_id: str = REVIEWED, policy: Texts | None = None) -> dict[str, Any]:
    """Return the proof of one intent of a log that goes on behind the note that covers it."""
    evidence = Evidence(WATCHED, sample=0)
    for record in [*witnessed(GOOD), *log(GOOD)]:
        evidence.take(record)
    entries = [each for each in GOOD.entries if each.intent_id == intent_id]
    found: dict[str, Any] = json.loads(prove.prove(evidence, entries, policy))
    return found


WHOLE = proof()


def test_a_proof_is_checked_with_public_keys_alone() -> None:
    """Entries, inclusion, notes, witnesses, fold and people's signatures, from one file."""
    found = prove.check(WHOLE, WATCHED, quorum=1)
    assert found.broken is None
    assert (REVIEWED, 7, True) == (found.intent_id, len(found.entries), found.approvers_checked)
    assert (1, 11) == (len(found.witnesses), found.size)
    assert 4 == len(WHOLE["envelopes"])
    assert ("f" * 64, "m") == (WHOLE["policy_revision"], WHOLE["masker_revision"])
    assert prove.check(proof(PERMITTED), PINS).broken is None


def edited(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """Return the proof changed in one place."""
    made = copy.deepcopy(WHOLE)
    change(made)
    return made


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


BAD: dict[str, tuple[Callable[[dict[str, Any]], object], Flaw]] = {
    "another intent": (lambda p: p.update(intent_id=PERMITTED), Flaw.BAD_PROOF),
    "an entry taken out": (lambda p: p["entries"].pop(0), Flaw.WRONG_CONSEQUENCE),
    "entries exchanged": (lambda p: p["entries"].reverse(), Flaw.WRONG_CONSEQUENCE),
    "no entries": (lambda p: p.update(entries=[]), Flaw.BAD_PROOF),
    "leaf edited": (
        lambda p: p["entries"][1].update(
            leaf=_b64(base64.b64decode(p["entries"][1]["leaf"]).replace(b"bob", b"eve"))
        ),
        Flaw.BAD_PROOF,
    ),
    "event edited": (
        lambda p: p["entries"][1].update(event=_b64(b"x")), Flaw.DIGEST_MISMATCH,
    ),
    "proof of another entry": (
        lambda p: p["entries"][1].update(proof=p["entries"][0]["proof"]), Flaw.BAD_PROOF,
    ),
    "proof cut": (
        lambda p: p["entries"][1].update(proof=p["entries"][1]["proof"][:60]), Flaw.BAD_PROOF,
    ),
    "envelope edited": (lambda p: p["envelopes"][0].update(envelope="{}"), Flaw.BAD_PROOF),
    "envelope taken out": (lambda p: p["envelopes"].pop(), Flaw.BAD_PROOF),
    "checkpoint edited": (
        lambda p: p.update(checkpoint=p["checkpoint"].replace("\n11\n", "\n12\n")),
        Flaw.BAD_SIGNATURE,
    ),
    "no note over all": (lambda p: p.update(all=p["checkpoint"]), Flaw.BAD_PROOF),
    "consistency edited": (lambda p: p.update(consistency=[_b64(b"x" * 32)]), Flaw.FORKED),
    "another masker": (lambda p: p.update(masker_revision="n"), Flaw.BAD_PROOF),
    "a policy that does not load": (
        lambda p: p.update(policy={"files": {}, "schema": "nonsense"}), Flaw.UNKNOWN_POLICY,
    ),
    "a part gone": (lambda p: p.pop("all"), Flaw.BAD_PROOF),
    "a part of another kind": (lambda p: p.update(entries=7), Flaw.BAD_PROOF),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_an_edited_proof_is_named(name: str) -> None:
    """Each edit is found under its name."""
    change, kind = BAD[name]
    broken = prove.check(edited(change), WATCHED).broken
    assert broken is not None
    assert kind is broken.kind, broken.detail


def test_the_note_over_all_of_another_history_does_not_fit() -> None:
    """A proof from a fork fails against the note over all that everybody else has."""
    fork = rewritten()
    over = next(each for each in fork if (each.key or b"").startswith(b"all"))
    from streams.events import Checkpoint  # noqa: PLC0415 - of this test alone
    from streams.wire import codec  # noqa: PLC0415 - of this test alone

    note = codec.decode(over.value or b"", Checkpoint).note
    broken = prove.check(edited(lambda p: p.update(all=note)), PINS).broken
    assert Flaw.FORKED is getattr(broken, "kind", None)


def test_witnesses_can_be_demanded_of_a_proof() -> None:
    """A proof that fewer have seen than demanded is not believed."""
    broken = prove.check(WHOLE, PINS, quorum=1).broken
    assert Flaw.UNWITNESSED is getattr(broken, "kind", None)


def test_a_policy_that_did_not_rule_is_not_put_in() -> None:
    """The text at hand goes into the proof only where its revision is the one that ruled."""
    from streams.policy.files import example  # noqa: PLC0415 - loads Cedar

    texts = example()
    assert PolicySet.load(*texts).revision != "f" * 64
    assert None is proof(REVIEWED, texts)["policy"]
    wrong = edited(lambda p: p.update(policy={"files": texts[0], "schema": texts[1]}))
    assert Flaw.UNKNOWN_POLICY is getattr(prove.check(wrong, PINS).broken, "kind", None)


def test_what_is_not_signed_yet_is_not_proven() -> None:
    """No checkpoint covers the newest entry: try again, nothing is written."""
    gate = Gate(step_ms=1)
    from tests.auditor.logs import intent  # noqa: PLC0415 - of this test alone

    gate.write(REVIEWED, intent())
    over = all_note([gate])
    gate.write(REVIEWED, intent())
    evidence = Evidence(Pins(PINS.audit), sample=0)
    for record in [*gate.notes, over, *gate.records]:
        evidence.take(record)
    with pytest.raises(OperatorError, match="not signed yet"):
        prove.prove(evidence, gate.entries, None)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"phigate": "audit-proof", "version": 9}'])
def test_a_file_that_is_no_proof_is_an_error(tmp_path: Path, text: str) -> None:
    """It is said, and nothing is believed."""
    file = tmp_path / "proof.json"
    file.write_text(text)
    with pytest.raises(OperatorError, match="no proof"):
        prove.load(file)
