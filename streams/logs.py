"""What a worker or an executor logs, so that the one useful line does not drown.

Kafka's client libraries say each failed connection many times a second, from every client of a
process, for as long as the broker is away. Of lines that differ in figures and addresses alone one
passes in a minute, and says how many were left out before it.
"""

import logging
import re
import time
from collections.abc import Callable
from typing import Final

__all__ = ["Repeats", "to_stderr"]

SPAN_S: Final = 60.0
KINDS_MAX: Final = 1_000  # then all are forgotten: a line too many is better than growing
LIBRARIES: Final = ("phigate.kafka", "aiokafka", "kafka", "faust", "mode", "asyncio")
_VARIES: Final = re.compile(r"0x[0-9a-fA-F]+|\d+(?:\.\d+)*")


class Repeats(logging.Filter):
    """Lets one line of a kind pass in `span_s`, of those that libraries write."""

    def __init__(self, span_s: float = SPAN_S, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._span_s = span_s
        self._clock = clock
        self._seen: dict[tuple[str, int, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether the record passes; one that does tells what was left out before."""
        if not record.name.startswith(LIBRARIES) or record.levelno >= logging.CRITICAL:
            return True
        said = record.getMessage()
        kind = record.name, record.levelno, _VARIES.sub("#", said)[:200]
        now_s = self._clock()
        passed_s, left_out = self._seen.get(kind, (-self._span_s, 0))
        if now_s - passed_s < self._span_s:
            self._seen[kind] = passed_s, left_out + 1
            return False
        if len(self._seen) >= KINDS_MAX:
            self._seen.clear()
        self._seen[kind] = now_s, 0
        if left_out:
            record.msg, record.args = f"{said} (and {left_out} times more before)", None
        return True


def to_stderr(level: int = logging.WARNING) -> None:
    """Log `level` and worse to standard error, as every process does that stays."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=level)
    for handler in logging.getLogger().handlers:
        handler.addFilter(Repeats())
