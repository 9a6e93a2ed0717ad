"""Faust's worker process, made to end within seconds of being told to."""

import signal
import threading
from functools import partial
from typing import Any

import faust

from streams.worker.leave import leave

# What was taken is finished and flushed in a second or two. Without a broker Faust waits a minute
# to leave its group and another for its thread; what is not acknowledged by then is taken again.
STOP_S = 15.0


class Process(faust.Worker):  # type: ignore[misc]
    """Stops in order where it can, and leaves where that takes too long: the broker is away."""

    stop_s = STOP_S

    def _schedule_shutdown(self, number: signal.Signals) -> Any:
        why = f"told to stop, and not done in {self.stop_s:g} s; what is left is taken again"
        last = threading.Timer(self.stop_s, partial(leave, why))
        last.daemon = True
        last.start()
        return super()._schedule_shutdown(number)
