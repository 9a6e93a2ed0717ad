"""`controls` and `cancels` as a board: read to their present end before it is asked.

What officers order outranks everything: where `controls` cannot be read to its end it says nothing,
so whoever asks must not go on (`BrokerError`). What agents cancel is theirs: every agent may write
to `cancels`, so reading it takes a bounded time, and what stands behind that is read at the next
look. It holds up no run, and no order of an officer.

A record that does not count is passed over, and logged by its code: admit records it.
"""

import asyncio
import logging
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from contextlib import closing
from functools import partial
from typing import Self

from streams.control.board import Board
from streams.control.judge import CANCELS, CONTROLS, Authority, Tally, judge
from streams.control.tail import Tail
from streams.directory import Directory
from streams.errors import BrokerError, InputError
from streams.settings import Settings
from streams.times import DAY_MS

CATCH_UP_S = 30.0  # all of it: a year of orders is read in a second or two
CANCELS_S = 3.0  # of one look: what agents wrote holds nobody up for longer
FOLLOW_S = 0.3
TOLD_EVERY = 1_000  # records passed over; each line of a log costs more than the record

log = logging.getLogger("phigate")


class Orders:
    """Follows the orders without a group. Not thread-safe.

    `topics` are those that this role may read: an officer has no business with cancels, an agent
    none with `controls`.
    """

    def __init__(
        self,
        settings: Settings,
        authority: Authority,
        topics: Iterable[str] = (CONTROLS, CANCELS),
    ) -> None:
        keep_ms = settings.ttl_ms_max + 2 * settings.clock_skew_ms_max + DAY_MS
        self.board = Board(keep_ms)
        self.read = False  # to its end, once
        self._authority = authority
        self._tails = {name: Tail(settings, name, partial(self._take, name)) for name in topics}
        self._tallies: dict[int, Tally] = defaultdict(Tally)
        self._passed: Counter[str] = Counter()

    @classmethod
    def of(
        cls,
        settings: Settings,
        directory: Directory,
        topics: Iterable[str] = (CONTROLS, CANCELS),
    ) -> Self:
        """Return the orders as this directory's officers and agents may give them."""
        return cls(settings, Authority.known(settings, directory), topics)

    def open(self) -> Self:
        """Connect. Raises BrokerError: away, or `no_topic`."""
        for tail in self._tails.values():
            tail.open()
        return self

    def catch_up(self, timeout_s: float = CATCH_UP_S) -> Board:
        """Read to the end as it is now, and return the board. Raises BrokerError, OperatorError."""
        deadline = time.monotonic() + timeout_s
        if CONTROLS in self._tails:
            self._tails[CONTROLS].catch_up(timeout_s)
        if CANCELS in self._tails:
            left_s = max(0.0, deadline - time.monotonic())
            self._cancels(self._tails[CANCELS], left_s)
        self.read = True
        return self.board

    def _cancels(self, tail: Tail, left_s: float) -> None:
        if CONTROLS not in self._tails:  # asked for these alone: all or nothing
            tail.catch_up(left_s)
            return
        try:
            tail.catch_up(min(CANCELS_S, left_s))
        except BrokerError as error:
            log.warning("agents' cancels are behind: %s", error)

    async def follow(self, ready: Callable[[], None]) -> None:
        """Catch up for ever; `ready` is called once everything that was there is read."""
        try:
            while True:
                try:
                    await asyncio.to_thread(self.catch_up)
                except BrokerError as error:
                    log.warning("controls cannot be read: %s", error)
                else:
                    ready()
                await asyncio.sleep(FOLLOW_S)
        finally:
            self.close()

    def close(self) -> None:
        """Let go of the connections."""
        for tail in self._tails.values():
            tail.close()

    def _take(self, name: str, number: int, offset: int, key: bytes, value: bytes, at: int) -> None:  # noqa: PLR0913, PLR0917 - a record's parts
        tally = self._tallies[number] if name == CANCELS else None
        try:
            judged = judge(key, value, at, self._authority, name, tally)
        except InputError as why:
            if not self._passed[why.code] % TOLD_EVERY:
                log.warning("%s-%d at %d does not count: %s", name, number, offset, why.code)
            self._passed[why.code] += 1
            return
        self.board.take(judged.order)


def read(settings: Settings, directory: Directory) -> Board:
    """Return the board of officers' orders as it is now. Raises BrokerError."""
    orders = Orders.of(settings, directory, (CONTROLS,))
    with closing(orders):
        return orders.catch_up()
