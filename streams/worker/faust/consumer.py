"""Faust's consumer, made to continue where the host says (rule 20)."""

import asyncio
from typing import Any

from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from streams.worker.leave import leave


class NoOffsets(dict[TP, int]):
    """Faust drops what stands before the last offset it has read, also after a seek back.

    A record that was on its way during the seek moves that offset on again, and what was sought is
    dropped. `Positions` looks at every record, so nothing is dropped here.
    """

    def __getitem__(self, _: TP) -> None:  # type: ignore[override]
        return None

    def __setitem__(self, _: TP, __: int) -> None:
        return

    def update(self, *_: Any, **__: Any) -> None:
        """Note nothing."""


class Consumer(driver.Consumer):  # type: ignore[misc]
    """Seeks to the host's own positions, not to the committed ones (rule 20)."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._read_offset = NoOffsets()

    async def perform_seek(self) -> None:
        """Seek every assigned partition, after Faust has sought the committed offsets."""
        await super().perform_seek()
        await self.app.seek_own(self)

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Let Faust wait for what is in flight; after that nothing is taken until it is sought.

        The group waits no longer than its rebalance time-out, and then goes on without this member:
        what is still in flight is taken again by whoever has its partition.
        """
        waits_s = self.app.conf.broker_rebalance_timeout
        try:
            async with asyncio.timeout(waits_s):
                await super().on_partitions_revoked(revoked)
        except TimeoutError:
            leave(f"what is in flight took longer than the {waits_s:.0f} s of a rebalance")
        self.app.let_go()

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Say nothing: Faust calls a quiet partition one that has not committed, a bug to report.

        `GateApp.watch` looks whether what stands still has reason to.
        """

    def continue_at(self, starts: dict[TP, int]) -> None:
        """Commit from here on: acknowledgements after a gap would pile up, and never commit."""
        for tp, offset in starts.items():
            self._acked.pop(tp, None)
            self._acked_index.pop(tp, None)
            self._committed_offset[tp] = offset or None


class Transport(driver.Transport):  # type: ignore[misc]
    """Uses the consumer above."""

    Consumer = Consumer
