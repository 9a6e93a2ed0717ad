"""The audit's effects: a leaf of the shard's tree for each event, and the notes that sign the tree.

It folds the log by itself, so the audit is a second opinion, not a copy of the fold's. The tree
travels in the rows: `mark` is the packed tree as it stands after the row's event.

Notes, in this order:

    1. an entry is durable before its row
    2. the note on a tree that was due goes out with the next entry, so after those it covers
    3. where no next entry comes, a task beside signs the tree as it stands (`sign_idle`)
    4. whoever holds shard 0 signs the note over all, from the newest of each shard (`sign_all`)

Ed25519 is deterministic, and so is what is signed: a note on a tree of one size has one spelling,
whoever writes it again. Which sizes are signed in 3 and 4 depends on timing; that of 2 does not.
"""

import asyncio
from collections.abc import Callable

from streams.audit.checkpoint import ALL, Head, all_text, note_key, shard_text
from streams.audit.entry import entry_key, entry_of
from streams.audit.note import sign
from streams.audit.sequence import Tree, unpack
from streams.events import Checkpoint
from streams.gate.case import Case
from streams.signing import SigningKey
from streams.wire import codec
from streams.worker.checkpoints import Checkpoints
from streams.worker.faust.app import GateApp
from streams.worker.logprogram import Folded, Product
from streams.worker.record import Place

IDLE_S = 0.5  # a tree at rest is signed after this long at the latest twice
ALL_S = 1.0  # how often the shards are looked at for a note over all

Marks = Callable[[int], bytes]
"""The mark of a partition's last row, empty where there is none."""


class AuditEffects:
    """Publishes entries and notes; `topic` and `notes` are the topics' full names."""

    def __init__(self, topic: str, notes: str, signer: SigningKey) -> None:
        self._topic = topic
        self._notes = notes
        self._signer = signer

    def publish(self, folded: Folded, mark: bytes | None) -> tuple[list[Product], bytes]:
        """Return the note that is due, the entry of this event, and the new mark."""
        record = folded.record
        shard = record.place.partition
        tree = unpack(mark) if mark else Tree.begin(record.offset)
        entry = entry_of(
            shard,
            record.offset,
            folded.event.intent_id if folded.event else "",
            record.value,
            folded.event,
            folded.step.consequence,
            self._signer,
        )
        grown = tree.with_entry(entry)
        key = entry_key(shard, record.offset).encode()
        due = [self.note(shard, tree.head)] if tree.due else []
        return [
            *due,
            Product(self._topic, key, codec.encode(entry), partition=shard),
        ], grown.pack()

    def note(self, shard: int, head: Head) -> Product:
        """Return the signed note on a shard's tree."""
        return self._product(shard, head.size, shard_text(self._signer.public.name, shard, head))

    def note_all(self, heads: list[Head]) -> Product:
        """Return the signed note over all shards."""
        size = sum(head.size for head in heads)
        return self._product(ALL, size, all_text(self._signer.public.name, heads))

    def _product(self, shard: int, size: int, text: str) -> Product:
        record = Checkpoint(shard=shard, size=size, witness="", note=sign(text, self._signer))
        key = note_key(shard, size).encode()
        return Product(self._notes, key, codec.encode(record), partition=max(shard, 0))

    def republish(self, _: Case) -> list[Product]:
        """Return nothing: an entry was durable before its row, and a later case is not its own."""
        return []

    def waits(self, mark: bytes | None) -> bool:
        """Wait where the next event's note covers entries: they must be durable before it."""
        return unpack(mark).due if mark else False

    def noted(self, partition: int, key: bytes, due_ms: int) -> None:
        """Ignore deadlines: the log will say when one has passed."""

    def forget(self) -> None:
        """Keep nothing that could be forgotten."""


async def sign_idle(app: GateApp, cases: str, effects: AuditEffects, marks: Marks) -> None:
    """Sign each tree that stands still unsigned; for ever."""
    before: dict[int, int] = {}
    signed: dict[int, int] = {}
    while True:
        await asyncio.sleep(IDLE_S)
        if not app.steady:
            continue
        for place, expected in app.positions.held().items():
            if place.topic != cases or not (mark := marks(place.partition)):
                continue
            shard, tree = place.partition, unpack(mark)
            at_rest = tree.next_index == expected == before.get(shard)
            before[shard] = expected
            if at_rest and signed.get(shard) != tree.size:
                await _send(app, effects.note(shard, tree.head))
                signed[shard] = tree.size


async def sign_all(
    app: GateApp, cases: str, effects: AuditEffects, checkpoints: Checkpoints, shards: int
) -> None:
    """Sign the note over all shards where this worker holds shard 0 and a shard went on; for ever.

    A size never falls: the newest notes are read from the topic, the last note over all among them.
    """
    told: list[Head] = []
    while True:
        await asyncio.sleep(ALL_S)
        if not (app.steady and checkpoints.caught_up):
            continue
        heads = checkpoints.heads(shards)
        held = app.positions.expected(Place(cases, 0)) is not None
        if held and heads not in (told, checkpoints.last_all) and any(h.size for h in heads):
            await _send(app, effects.note_all(heads))
            told = heads


async def _send(app: GateApp, product: Product) -> None:
    app.pulse.check()
    await app.deliveries.send(
        product.topic, product.key, product.value, partition=product.partition
    )
