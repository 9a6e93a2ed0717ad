"""What speaks of a grant beside the ledger: the group's marks, what it passed over, the notes.

The marks stand beside the group's position on a partition, one for each grant that somebody was
about to run when the position was last committed. A grant was begun if a mark or a note says so
that this ledger did not leave, or has forgotten. Any one of the three may be lost.
"""

import logging
from collections.abc import Iterable

from confluent_kafka import Consumer, TopicPartition

from streams.executor.ledger import Ledger
from streams.executor.marks import Mark
from streams.executor.notes import Notes
from streams.executor.passed import Passed
from streams.signing import PublicKey

COMMITTED_S = 10.0
MARKS_MAX = 16  # the newest; Kafka takes 4096 bytes beside a position (offset.metadata.max.bytes)
_BETWEEN = ";"

log = logging.getLogger(__name__)


class Witness:
    """Three witnesses, read whenever partitions come."""

    def __init__(self, passed: Passed, notes: Notes, ledger: Ledger) -> None:
        self._passed = passed
        self._notes = notes
        self._ledger = ledger
        self._marks: dict[int, list[Mark]] = {}
        self._committed: dict[int, int] = {}

    def read(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """Read all three of these partitions. Raises KafkaException, BrokerError: run nothing."""
        known = consumer.committed(partitions, COMMITTED_S)
        noted = self._notes.read_back(each.partition for each in known)
        self._committed = {each.partition: each.offset for each in known}
        self._passed.read_back(self._committed)
        lost = sorted(each.partition for each in known if each.offset < 0)
        if lost and noted:
            log.warning(
                "the group has no position on %s, though this class has begun grants: what is "
                "noted in %s is not run again",
                ", ".join(map(str, lost)),
                self._notes.topic,
            )
        self._marks = {each.partition: _parsed(each.metadata or "") for each in known}

    def renew(self, gate_keys: Iterable[PublicKey]) -> None:
        """Read once more what was passed over, by other keys. Raises BrokerError."""
        self._passed.renew(gate_keys)
        self._passed.read_back(self._committed)

    def begun(self, partition: int, intent_id: bytes, grant_id: str) -> bool:
        """Tell whether somebody began a grant, as far as this ledger cannot say better."""
        marks = [*self._marks.get(partition, ()), *self._notes.begun(intent_id, grant_id)]
        strange = [m for m in marks if m.grant_id == grant_id and not self._ledger.knows(m)]
        if any(map(self._ledger.is_own, strange)):
            log.error(
                "grant %s: this ledger is older than the mark that it left (put back from a copy?)",
                grant_id,
            )
        return bool(strange) or self._notes.unreadable(intent_id)

    def over(self, intent_id: bytes, grant_id: str) -> bool:
        """Tell whether the group has passed a grant over, or somebody noted that it is over."""
        return grant_id in self._passed or self._notes.over(intent_id, grant_id)

    def marks(self, partition: int, done: str = "", mark: Mark | None = None) -> str:
        """Return what is to stand beside the position: all but those of `done`, and `mark`."""
        done = mark.grant_id if mark else done
        kept = [each for each in self._marks.get(partition, ()) if each.grant_id != done]
        kept += [mark] if mark else []
        self._marks[partition] = kept[-MARKS_MAX:]
        return _BETWEEN.join(map(str, self._marks[partition]))


def _parsed(text: str) -> list[Mark]:
    return [mark for part in text.split(_BETWEEN) if (mark := Mark.parse(part))]
