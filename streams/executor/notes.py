"""What a class has begun, in a topic of its own: `begun.<class>`, written before each run.

The group's position can be deleted or reset, and a ledger lost or put back from a copy. Then both
take what was run for new. So each run is noted in Kafka first, in the partition of its grant, and
that is read back whenever the partition comes:

    begun       delivered before the fence: who then cannot fence has run nothing, and whoever gets
                the partition after a fence that held reads the note
    withdrawn   it was not run after all; this one may be lost: the grant is `unknown` then
    over        it is reported; this one may be lost: the grant is reported again, as `unknown`, and
                the gate keeps what it has

A missing position is therefore no first start, nor need anybody say that it is one: what was not
noted was not begun. A record that cannot be read counts against its intent: nothing of it is run.
Only the class may write here, as only the class may commit its group's position.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from streams.errors import InputError
from streams.events import Begun, Stage
from streams.executor.marks import Mark
from streams.settings import GRANT_TTL_MS_MAX, Settings
from streams.wire import client, codec, topics
from streams.wire.client import KafkaRecord


@dataclass(slots=True)
class Noted:
    """What is noted under one intent: who began which grant, which is over, what was no note."""

    begun: dict[Mark, None] = field(default_factory=dict)
    over: set[str] = field(default_factory=set)
    unreadable: bool = False
    at_ms: int = 0


class Notes:
    """The notes of one class, as they were read back. `now_ms` is the executor's clock."""

    def __init__(self, settings: Settings, executor: str, now_ms: Callable[[], int]) -> None:
        self.topic = topics.name(settings, f"begun.{executor}")
        self._settings = settings
        self._now_ms = now_ms
        # the admitting clock, the broker's and this one may each be off, at both ends of a life
        self._span_ms = GRANT_TTL_MS_MAX + 2 * settings.clock_skew_ms_max
        self._noted: defaultdict[bytes, Noted] = defaultdict(Noted)
        self._read: dict[int, int] = {}  # partition -> the first offset not read yet

    def begun(self, intent_id: bytes, grant_id: str) -> list[Mark]:
        """Return who has begun a grant and not withdrawn it."""
        noted = self._noted.get(intent_id)
        return [each for each in noted.begun if each.grant_id == grant_id] if noted else []

    def over(self, intent_id: bytes, grant_id: str) -> bool:
        """Tell whether somebody has reported the grant."""
        noted = self._noted.get(intent_id)
        return noted is not None and grant_id in noted.over

    def unreadable(self, intent_id: bytes) -> bool:
        """Tell whether something stands under the intent that is no note."""
        noted = self._noted.get(intent_id)
        return noted is not None and noted.unreadable

    def read_back(self, partitions: Iterable[int]) -> int:
        """Read what is noted, what was read before not again; return of how many intents.

        Raises BrokerError; then nothing may be run, and it can be called again.
        """
        self._forget()
        wanted = list(partitions)
        fresh = [number for number in wanted if number not in self._read]
        since_ms = max(0, self._now_ms() - self._span_ms)
        if fresh:
            self._take_all(client.records(self._settings, self.topic, fresh, since_ms))
        starts = {number: self._read[number] for number in wanted if number not in fresh}
        if starts:
            self._take_all(client.records(self._settings, self.topic, list(starts), starts=starts))
        self._read |= dict.fromkeys((n for n in fresh if n not in self._read), 0)
        return len(self._noted)

    def take(self, record: KafkaRecord) -> None:
        """Take in one record of the topic."""
        noted = self._noted[record.key or b""]
        noted.at_ms = max(noted.at_ms, record.timestamp_ms)
        try:
            note = codec.decode(record.value or b"", Begun)
        except InputError:
            noted.unreadable = True
            return
        mark = Mark(note.grant_id, note.ledger, note.generation, note.number)
        if note.stage is Stage.BEGUN:
            noted.begun[mark] = None
        elif note.stage is Stage.WITHDRAWN:
            noted.begun.pop(mark, None)
        else:
            noted.over.add(note.grant_id)

    def _take_all(self, records: Iterable[KafkaRecord]) -> None:
        for record in records:
            self.take(record)
            self._read[record.partition] = record.offset + 1

    def _forget(self) -> None:
        """Forget what is older than any grant can be, so that this does not grow for ever."""
        oldest_ms = self._now_ms() - self._span_ms
        for key in [key for key, noted in self._noted.items() if noted.at_ms < oldest_ms]:
            del self._noted[key]


def note(mark: Mark, intent_id: str, stage: Stage) -> bytes:
    """Return the record's value."""
    return codec.encode(
        Begun(
            intent_id=intent_id,
            grant_id=mark.grant_id,
            stage=stage,
            ledger=mark.ledger,
            generation=mark.generation,
            number=mark.number,
        )
    )
