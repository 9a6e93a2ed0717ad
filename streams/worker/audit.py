"""The audit's effect: one chained, signed entry for each event and its consequence.

It folds the log by itself, so the audit is a second opinion, not a copy of the fold's. The chain's
head travels in the rows: `mark` is the hash of the entry at the row's position.
"""

from streams.audit.entry import entry_hash, entry_key
from streams.audit.sequence import Head, append
from streams.gate.case import Case
from streams.signing import SigningKey
from streams.wire import codec
from streams.worker.loop import Folded, Product


class AuditEffects:
    """Publishes the entries; `topic` is the audit topic's full name."""

    def __init__(self, topic: str, signer: SigningKey) -> None:
        self._topic = topic
        self._signer = signer

    def publish(self, folded: Folded, mark: bytes | None) -> tuple[list[Product], bytes]:
        """Return the entry of this event, and its hash as the new mark."""
        record = folded.record
        shard = record.place.partition
        entry = append(
            Head(record.offset - 1, mark.hex()) if mark else None,
            shard,
            record.offset,
            folded.event.intent_id if folded.event else "",
            record.value,
            folded.step.consequence,
            self._signer,
        )
        key = entry_key(shard, record.offset).encode()
        product = Product(self._topic, key, codec.encode(entry), partition=shard)
        return [product], bytes.fromhex(entry_hash(entry))

    def republish(self, _: Case) -> list[Product]:
        """Return nothing: an entry was durable before its row, and a later case is not its own."""
        return []

    def noted(self, partition: int, key: bytes, due_ms: int) -> None:
        """Ignore deadlines: the log will say when one has passed."""

    def forget(self) -> None:
        """Keep nothing that could be forgotten."""
