"""The audit against the log: every entry once, in order, one tree, saying what the oracle says."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from streams.audit.verify import Item, Walk
from streams.auditor.proof.follow import Follower
from streams.auditor.proof.pins import Pins
from streams.events import AuditEntry, Consequence
from streams.testing.finding import Violation
from streams.testing.form import Exact, Link
from streams.testing.hosts import AUDIT, CASES
from streams.testing.oracle import Truth
from streams.worker.record import Place

if TYPE_CHECKING:
    from streams.testing.gate import Gate


def audit_findings(gate: "Gate", found: Truth) -> Iterator[Violation]:
    """Check every shard."""
    for partition in range(gate.broker.partitions):
        told = found.consequences[Place(CASES, partition)]
        form = gate.world.form
        if isinstance(form, Exact):
            yield from _exact(gate, partition, form, len(told))
        else:
            yield from _links(gate, partition, told)


def _links(gate: "Gate", partition: int, told: Sequence[Consequence]) -> Iterator[Violation]:
    """Check the short chain: the same entry at each index, whoever wrote it, and none missing."""
    links: dict[int, Link] = {}
    for entry in gate.broker.logs[Place(AUDIT, partition)]:
        link: Link = gate.world.form.read(entry.value, Link)  # type: ignore[type-var]
        if links.setdefault(link.offset, link) != link:
            yield Violation("I7", f"shard {partition}: two entries claim index {link.offset}")
    if sorted(links) != list(range(len(told))):
        yield Violation("I3", f"shard {partition}: {len(links)} entries for {len(told)} events")
        return
    before = b""
    for index, consequence in enumerate(told):
        link = links[index]
        if link.previous != before:
            yield Violation("I7", f"shard {partition}: entry {index} follows another chain")
        if link.consequence is not consequence and link.consequence != consequence:
            yield Violation("I7", f"shard {partition}: entry {index} says another consequence")
        before = link.mark


def _exact(gate: "Gate", partition: int, form: Exact, events: int) -> Iterator[Violation]:
    """Let the auditor's own verifier walk the shard, refolding every event.

    No notes are written here: each tree that a worker ever had stands for a signed one.
    """
    trees = form.trees[partition]
    for size, roots in trees.items():
        if len(roots) > 1:
            yield Violation("I7", f"shard {partition}: two trees of size {size}")
    signed = {size: min(roots) for size, roots in trees.items()}
    walk = Walk(partition, signed, Follower(Pins((form.audit_key.public,))))
    for record in gate.broker.logs[Place(AUDIT, partition)]:
        entry = form.read(record.value, AuditEntry)
        walk.add(Item.of(entry.leaf, entry.event, entry.signature))
    report = walk.report()
    if report.broken is not None:
        yield Violation("I7", f"shard {partition}: {report.broken.kind} at {report.broken.index}")
    elif report.entries != events:
        yield Violation("I3", f"shard {partition}: {report.entries} entries for {events} events")
