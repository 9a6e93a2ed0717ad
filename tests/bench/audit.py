"""How fast the audit is verified: entries a second on one core, and against what in the same run.

    deploy/bench audit [--entries N] [--sample N] [--write]

It makes one shard's log (each intent asked, approved by one person, done) with real signatures and
verifies it as `phigate audit verify` does: everything, and with one intent in N followed. Every
entry's digest, leaf, place in the tree and every note are checked in both.

The peers: an Ed25519 signature on each entry, verified one by one with OpenSSL (`cryptography`), as
a signed log without a tree has to; and pymerkle's hashing alone, where it is installed.
"""

import argparse
import importlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from streams.auditor.proof.check import check
from streams.auditor.proof.pins import Pins
from streams.auditor.read.source import Stored
from streams.events import (
    Answer,
    Body,
    CaseEvent,
    DecisionAdmitted,
    DecisionStatement,
    Effect,
    IntentAdmitted,
    OutcomeAdmitted,
    OutcomeStatement,
    Position,
    Resource,
    Route,
    Ruling,
    Sealed,
    Source,
    Status,
    derived_id,
)
from streams.gate import fold
from streams.signing import SigningKey
from streams.statements import signed
from streams.wire import codec
from streams.worker.audit import AuditEffects
from streams.worker.logprogram import Folded
from streams.worker.record import Place, Record
from tests.bench import written

if TYPE_CHECKING:
    from streams.gate.case import Case

GATE = "gate-of-tests"
T0 = 1_770_000_000_000
AUDIT, PERSON, EXECUTOR = (SigningKey.new(name) for name in ("gate-audit", "dana", "clinic"))
DISPLAY = json.dumps({"action": "data.export", "params": {"sql": "SELECT x FROM y " * 20}}).encode()


def bodies(intent_id: str, cases: "dict[str, Case]") -> Iterator[Body]:
    """Yield what happens to one intent; `cases` has its case by the second event."""
    route = Route(group="privacy", quorum=1, within_ms=3_600_000, policy="phi")
    digests = {"action_digest": "a" * 64, "display_digest": "d" * 64, "policy_revision": "p" * 64}
    asked = IntentAdmitted(
        agent="research-agent", owner="olga", on_behalf_of="rita", action="data.export",
        resource=Resource(type="Database", id="clinic"), executor="clinic", display=DISPLAY,
        display_digest="d" * 64, action_digest="a" * 64, content_mac="c" * 64, whole=True, phi=(),
        sealed=Sealed(key_id="k", wrapped_key=b"w" * 40, nonce=b"n" * 12, ciphertext=b"c" * 500),
        release=None, gate=GATE, masker_revision="m", requested_at_ms=T0, expires_at_ms=T0 + 10**9,
        grant_ttl_ms=900_000,
        ruling=Ruling(effect=Effect.REVIEW, policies=("phi",), reason="phi", routes=(route,),
                      unmask=False, revision="p" * 64),
    )  # fmt: skip
    yield asked
    seen = cases[intent_id].view_digest
    said = DecisionStatement(
        gate=GATE, view_digest=seen, intent_id=intent_id, answer=Answer.APPROVE,
        code="approved", masker_revision="m",
        rationale_digest="r" * 64, decided_at_ms=T0, **digests,
    )  # fmt: skip
    yield DecisionAdmitted(
        person="dana", groups=("privacy",), answer=Answer.APPROVE, code="approved",
        rationale="needed", decided_at_ms=T0, view_digest=seen, masker_revision="m", **digests,
        envelope=signed(said, PERSON),
    )  # fmt: skip
    report = {"grant_id": fold.grant_id(intent_id), "status": Status.OK, "result_digest": "e" * 64,
              "message_digest": "m" * 64,
              "finished_at_ms": T0}  # fmt: skip
    done = OutcomeStatement(gate=GATE, intent_id=intent_id, **report)
    told = signed(done, EXECUTOR)
    yield OutcomeAdmitted(executor="clinic", message="", envelope=told, **report)


def make(entries: int) -> list[Stored]:
    """Return the log: its notes, the note over all, its entries."""
    effects = AuditEffects("audit", "checkpoints", AUDIT)
    records: list[Stored] = []
    notes: list[Stored] = []
    mark = b""
    for number in range(entries // 3):
        intent_id = derived_id("bench", str(number))
        cases: dict[str, Case] = {}
        for body in bodies(intent_id, cases):
            at = len(records)
            event = CaseEvent(
                event_id=derived_id("event", str(at)), intent_id=intent_id, at_ms=T0 + at * 10,
                source=Source(topic="t", partition=0, offset=at), body=body,
            )  # fmt: skip
            step = fold.step(cases.get(intent_id), event, Position(partition=0, offset=at))
            cases |= {intent_id: step.case} if step.case else {}
            record = Record(Place("cases", 0), at, intent_id.encode(), codec.encode(event))
            products, mark = effects.publish(folded(record, event, step), mark or None)
            for each in products:
                held = records if each.topic == "audit" else notes
                held.append(Stored(0, len(held), T0, each.key, each.value, each.topic))
    return [*notes, *_last(effects, mark), *records]


def folded(record: Record, event: CaseEvent, step: fold.Step) -> Folded:
    """Return what the loop hands to the audit."""
    named = {"record": record, "event": event, "before": None, "step": step}
    fields = Folded.__dataclass_fields__
    return Folded(**{name: value for name, value in named.items() if name in fields})  # type: ignore[arg-type]


def _last(effects: AuditEffects, mark: bytes) -> list[Stored]:
    from streams.audit.sequence import unpack  # noqa: PLC0415 - of this step alone

    head = unpack(mark).head
    made = [effects.note(0, head), effects.note_all([head])]
    return [Stored(0, 10**6 + n, T0, p.key, p.value, p.topic) for n, p in enumerate(made)]


def timed(count: int, what: Callable[[], Any]) -> float:
    """Return how many a second, on this core: CPU time, so that a busy machine counts less."""
    began = time.process_time()
    what()
    return count / (time.process_time() - began)


def verify(records: list[Stored], entries: int, sample: int) -> None:
    """Verify and insist on the answer."""
    people = {PERSON.public.key_id: ("dana", PERSON.public)}
    executors = {EXECUTOR.public.key_id: ("clinic", EXECUTOR.public)}
    pins = Pins((AUDIT.public,), people, executors, gate=GATE)
    report = check(records, pins, sample=sample, salt=1)
    if report.broken or report.entries != entries:
        raise SystemExit(f"the log does not verify: {report.broken}")


def arguments() -> argparse.ArgumentParser:
    """Return what the command takes."""
    parser = argparse.ArgumentParser(
        prog="deploy/bench audit", description="How fast the audit is verified."
    )
    parser.add_argument("--entries", type=int, default=60_000)
    parser.add_argument("--sample", type=int, default=100)
    written.asked(parser)
    return parser


def main() -> None:
    """Measure and print."""
    given = arguments().parse_args()
    records = make(given.entries)
    entries = given.entries // 3 * 3
    leaves = [each.value or b"" for each in records if each.topic == "audit"]
    signed = [(leaf, AUDIT.sign(leaf)) for leaf in leaves[:3_000]]

    def peer() -> None:
        for leaf, signature in signed:
            AUDIT.public.verify(leaf, signature)

    found = {
        "entries": entries,
        "bytes_an_entry": sum(map(len, leaves)) // entries,
        "all_per_s": round(timed(entries, lambda: verify(records, entries, 1))),
        f"sample_{given.sample}_per_s": round(
            timed(entries, lambda: verify(records, entries, given.sample))
        ),
        "peer_ed25519_each_per_s": round(timed(len(signed), peer)),
        "peer_pymerkle_append_per_s": _pymerkle(leaves[:20_000]),
    }
    sampled = found[f"sample_{given.sample}_per_s"]
    found["ratio_sampled_to_ed25519_each"] = round(sampled / found["peer_ed25519_each_per_s"], 1)
    written.finish("audit", [("verification", found)], sys.argv[1:])


def _pymerkle(leaves: list[bytes]) -> int | None:
    try:
        tree = importlib.import_module("pymerkle").InmemoryTree(algorithm="sha256")
    except ImportError:
        return None

    def grow() -> None:
        for leaf in leaves:
            tree.append_entry(leaf)
        tree.get_state()

    return round(timed(len(leaves), grow))


if __name__ == "__main__":
    main()
