"""Faust's queue of what was read ahead, which never holds a record over a rebalance (rule 24)."""

from typing import Any

from mode.utils.queues import ThrowableQueue


class ReadAhead(ThrowableQueue):  # type: ignore[misc]
    """Drops what is put while flow is suspended, as Faust drops what stands in it then.

    Faust's own waits for the flow to go on, and the rebalance waits for each record that was read
    and not acknowledged: where the queue was full when the rebalance began, both wait for ever.
    What is dropped is read again: the host's positions say where.
    """

    def put_nowait_enhanced(self, value: Any, **calls: Any) -> bool:
        """Put it; drop it where flow is suspended since it was let through."""
        if not self._flow_control.is_active():
            return False
        return bool(super().put_nowait_enhanced(value, **calls))

    async def put(self, value: Any) -> None:
        """Wait for room, and put it; drop it where flow is suspended."""
        if self._flow_control.is_active():
            await super().put(value)
