"""Which grants stand before the group's position: whoever began them, they are not begun here.

The fold may publish a grant again, at a later offset: a replay after a crash, an intent that was
sent twice. Where the partition has come from an executor with another ledger, that copy looks new.
So a partition that comes is read back: a position is committed only behind what was reported, or
refused for good, so a genuine grant that stands before it is nobody's to run any more.

How far back: a grant is run while it lasts, and none lasts longer than `GRANT_TTL_MS_MAX`. Of an
older record every copy has expired, by any clock that is within the skew.
"""

from collections.abc import Callable, Iterable, Mapping

from streams.errors import InputError
from streams.events import GrantStatement
from streams.executor.check import authenticate
from streams.settings import GRANT_TTL_MS_MAX, Settings
from streams.signing import PublicKey
from streams.wire import client
from streams.wire.client import KafkaRecord


class Passed:
    """The grants of one topic that its group has passed over. `now_ms` is the executor's clock."""

    def __init__(
        self,
        settings: Settings,
        topic: str,
        gate_keys: Iterable[PublicKey],
        now_ms: Callable[[], int],
    ) -> None:
        self._settings = settings
        self._topic = topic
        self._gate_keys = tuple(gate_keys)
        self._now_ms = now_ms
        # the admitting clock, the broker's and this one may each be off, at both ends of a life
        self._span_ms = GRANT_TTL_MS_MAX + 2 * settings.clock_skew_ms_max
        self._read: dict[int, int] = {}  # partition -> the first offset not read back yet
        self._expiry_ms: dict[str, int] = {}

    def __contains__(self, grant_id: object) -> bool:
        """Tell whether a grant was passed over where it was read back."""
        return grant_id in self._expiry_ms

    def renew(self, gate_keys: Iterable[PublicKey]) -> None:
        """Take other keys; what was read before is to be read again."""
        self._gate_keys = tuple(gate_keys)
        self._read.clear()

    def read_back(self, committed: Mapping[int, int]) -> None:
        """Read each partition up to the group's position, what was read before not again.

        Raises BrokerError; then nothing may be run, and it can be called again.
        """
        self._forget()
        wanted = {n: end for n, end in committed.items() if end > self._read.get(n, 0)}
        for record in self._records(wanted) if wanted else ():
            if record.offset < wanted.get(record.partition, 0):
                self._take(record)
            if record.offset + 1 >= wanted.get(record.partition, 0):
                wanted.pop(record.partition, None)
                if not wanted:
                    break
        self._read |= {n: max(end, self._read.get(n, 0)) for n, end in committed.items()}

    def _records(self, wanted: Mapping[int, int]) -> Iterable[KafkaRecord]:
        since_ms = max(0, self._now_ms() - self._span_ms)
        starts = {n: self._read[n] for n in wanted if n in self._read}
        fresh = [n for n in wanted if n not in starts]
        if fresh:
            yield from client.records(self._settings, self._topic, fresh, since_ms)
        if starts:
            yield from client.records(self._settings, self._topic, list(starts), starts=starts)

    def _take(self, record: KafkaRecord) -> None:
        """Note a grant that the gate signed; what somebody else wrote says nothing."""
        try:
            signed = authenticate(record.key or b"", record.value or b"", self._gate_keys)
        except InputError:
            return
        self._note(signed.statement)

    def _note(self, statement: GrantStatement) -> None:
        self._expiry_ms[statement.grant_id] = statement.expires_at_ms

    def _forget(self) -> None:
        """Forget what nobody runs any more, so that this does not grow for ever."""
        oldest_ms = self._now_ms() - self._settings.clock_skew_ms_max
        self._expiry_ms = {name: at for name, at in self._expiry_ms.items() if at > oldest_ms}
