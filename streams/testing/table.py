"""One worker's table of one partition: what is on its disk, what is on its way to the changelog.

The rules, and what each is for (`Table` keeps them; the tests break them one by one):

1. A row reaches the disk only after the changelog has it. Otherwise a worker that dies in between
   starts again *after* that row, nobody ever writes it, and whoever recovers from the changelog
   alone has a hole in the table.
2. The disk notes the changelog as taken only up to where its own rows follow without a gap.
   Otherwise a woken worker notes its stale row as taken and, with it, rows of its successor that it
   never read.
3. Before a process recovers, what it has queued is durable (`LogHost.hold`).
4. Recovery keeps the row with the highest position, whatever stands last (Faust's rule 21).
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from streams.testing.broker import Broker
from streams.worker.record import Place
from streams.worker.rows import newer


@dataclass
class Disk:
    """What survives a crash: rows by key, and the changelog's next offset to recover from."""

    rows: dict[bytes, bytes] = field(default_factory=dict)
    taken: int = 0


class ChangelogQueue:
    """What one process has queued for changelogs: delivered in order, lost from the end."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._queue: deque[tuple[Table, bytes, bytes]] = deque()

    def __len__(self) -> int:
        return len(self._queue)

    def put(self, table: "Table", key: bytes, row: bytes) -> None:
        """Write a row to a table and queue it for the table's changelog."""
        table.write(key, row)
        self._queue.append((table, key, row))

    def deliver(self, count: int) -> None:
        """Deliver the first `count` records."""
        for _ in range(min(count, len(self._queue))):
            table, key, row = self._queue.popleft()
            table.delivered(key, row, self._broker.append(table.changelog, key, row))


class Table:
    """The rows of one partition as one process sees them."""

    def __init__(self, broker: Broker, changelog: Place, disk: Disk) -> None:
        self._broker = broker
        self.changelog = changelog
        self._disk = disk
        self._fresh: dict[bytes, bytes] = {}

    def get(self, key: bytes) -> bytes | None:
        """Return the newest row of a key, durable or not."""
        return self._fresh.get(key) or self._disk.rows.get(key)

    def items(self) -> Iterator[tuple[bytes, bytes]]:
        """Iterate over the rows."""
        yield from {**self._disk.rows, **self._fresh}.items()

    def recover(self) -> None:
        """Take the changelog from where the disk has it, never going back (rule 4)."""
        rows, log = self._disk.rows, self._broker.logs[self.changelog]
        for entry in log[self._disk.taken :]:
            if newer(entry.value, rows.get(entry.key)):
                rows[entry.key] = entry.value
        self._disk.taken = len(log)

    def write(self, key: bytes, row: bytes) -> None:
        """Write a row: seen at once, on the disk once the changelog has it (rule 1)."""
        self._fresh[key] = row

    def delivered(self, key: bytes, row: bytes, offset: int) -> None:
        """Put a row on the disk: the changelog has it, at `offset`."""
        if newer(row, self._disk.rows.get(key)):
            self._disk.rows[key] = row
        if self._fresh.get(key) is row:
            del self._fresh[key]
        if offset == self._disk.taken:  # rule 2
            self._disk.taken = offset + 1
