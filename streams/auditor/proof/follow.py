"""Following intents through the log: event, what the leaf says of it, what the gate makes of it.

With `sample` n one intent in n is followed, and then through all its entries: a consequence cannot
be checked without those before it. Which ones is drawn anew for each run, so nobody can know where
not to look.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from zlib import crc32

from streams.audit.entry import UNREADABLE, check_signature, spell
from streams.audit.facts import facts, kind_of
from streams.audit.merkle import leaf_hash
from streams.audit.report import Broken, Flaw
from streams.audit.verify import Item
from streams.auditor.proof.pins import Pins
from streams.auditor.proof.refold import Refold
from streams.auditor.proof.signatures import check_policy, check_signed
from streams.errors import SignatureError, WireError
from streams.events import AuditLeaf, CaseEvent, Consequence
from streams.gate import fold
from streams.wire import codec


@dataclass
class Follower:
    """One shard's follower; `policies` holds the rules' names of each revision at hand."""

    pins: Pins
    sample: int = 1
    salt: int = 0
    policies: Mapping[str, frozenset[str]] = field(default_factory=dict)
    _refold: Refold = field(default_factory=Refold)
    _lost: set[str] = field(default_factory=set)

    def __call__(self, item: Item) -> bool:
        """Check one entry in its place, if its intent is one of those followed."""
        intent_id = item.said["intent_id"]
        if self.sample > 1 and crc32(intent_id.encode(), self.salt) % self.sample:
            return False
        known = self._follow(item, intent_id)
        if item.signature is not None:
            _check_receipt(item, item.signature, self.pins)
        return known

    def _follow(self, item: Item, intent_id: str) -> bool:
        if _unreadable(item):
            self._check_unreadable(item)
            return True
        if not item.event or intent_id in self._lost:
            self._lost.add(intent_id)  # without its events a case cannot be folded any further
            return False
        self._check(item, self._event(item))
        return True

    def _check(self, item: Item, event: CaseEvent) -> None:
        told = {"kind": kind_of(event), "event_id": event.event_id, "at_ms": event.at_ms}
        _check_spelling(item)
        if facts(event) != item.said["facts"] or any(item.said[k] != v for k, v in told.items()):
            raise Broken(item.index, Flaw.WRONG_FACTS, "the leaf says what its event does not say")
        consequence = self._refold.fold(event, item.shard, item.index)
        _compare(item, consequence)
        check_policy(event, self.policies, item.index)
        case = self._refold.case(event.intent_id)
        check_signed(event, consequence.effected, case, self.pins, item.index)

    def _event(self, item: Item) -> CaseEvent:
        try:
            event = codec.decode(item.event, CaseEvent)
        except WireError as error:
            raise Broken(item.index, Flaw.UNDECODABLE, f"its event: {error}") from error
        if event.intent_id != item.said["intent_id"]:
            raise Broken(item.index, Flaw.WRONG_FACTS, "its event is of another intent")
        return event

    def _check_unreadable(self, item: Item) -> None:
        if item.event:
            raise Broken(
                item.index, Flaw.WRONG_FACTS, "it keeps bytes that the gate called unreadable"
            )
        _compare(item, fold.unreadable(None).consequence)


def _check_receipt(item: Item, signature: bytes, pins: Pins) -> None:
    try:
        key = check_signature(leaf_hash(item.leaf).hex(), signature, pins.audit)
    except SignatureError as error:
        raise Broken(item.index, Flaw(error.code), f"its receipt: {error}") from error
    at_ms, end_ms = item.said["at_ms"], pins.ends_ms.get(key.key_id)
    if end_ms is not None and at_ms is not None and at_ms > end_ms:
        raise Broken(item.index, Flaw.RETIRED_KEY, "its receipt is by a key that had ended")


def _check_spelling(item: Item) -> None:
    try:
        spelled = spell(AuditLeaf.model_validate_json(item.leaf))
    except ValueError:
        spelled = b""
    if spelled != item.leaf:
        raise Broken(item.index, Flaw.UNDECODABLE, "its leaf is not as a leaf is spelled")


def _unreadable(item: Item) -> bool:
    told = item.said["consequence"]
    return bool(told["effected"] == "refused" and told["reason"] == UNREADABLE)


def _compare(item: Item, expected: Consequence) -> None:
    found = item.said["consequence"]
    wanted = expected.model_dump(mode="json")
    if found != wanted:
        why = f"it says {_words(found)}; the event gives {_words(wanted)}"
        raise Broken(item.index, Flaw.WRONG_CONSEQUENCE, why)


def _words(told: Mapping[str, object]) -> str:
    state = told.get("state") or "no case"
    return f"{told.get('effected')} ({told.get('reason') or 'no reason'}, {state})"
