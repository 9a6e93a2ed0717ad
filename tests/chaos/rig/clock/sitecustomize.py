"""Moves the clock of one worker: by the milliseconds in the file `clock` beside its data folder.

Python imports this by itself where the folder stands in PYTHONPATH. Only the wall clock moves.
"""

import sys
import time
from pathlib import Path

_real_ns, _real = time.time_ns, time.time  # noqa: TID251 - what is replaced


def _file() -> Path | None:
    arguments = sys.orig_argv
    if "--data" not in arguments:
        return None
    return Path(arguments[arguments.index("--data") + 1]).parent / "clock"


_FILE = _file()


def _shift_ms() -> int:
    try:
        return int(_FILE.read_text()) if _FILE else 0
    except (OSError, ValueError):
        return 0


if _FILE is not None:
    time.time_ns = lambda: _real_ns() + _shift_ms() * 1_000_000  # noqa: TID251 - what is replaced
    time.time = lambda: _real() + _shift_ms() / 1000  # noqa: TID251 - what is replaced
