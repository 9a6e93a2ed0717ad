"""The clock of this machine, looked at by entry points, admit and the fold's timer.

The core never looks: it is handed the time, and what it decides is the same whenever it is asked.
"""

import time


def now_ms() -> int:
    """Return the time, in milliseconds since 1970 UTC."""
    return time.time_ns() // 1_000_000  # noqa: TID251 - the one place
