"""No core dumps of a process that holds keys or plaintext, and nobody looks into its memory.

A crash would write all of it to a disk, or into somebody's crash reporter. On Linux the process
also stops being traceable by others of its user.
"""

import contextlib
import ctypes
import resource
import sys

__all__ = ["forbid"]

_SET_DUMPABLE = 4  # PR_SET_DUMPABLE of linux/prctl.h


def forbid() -> None:
    """Forbid core dumps of this process. What it starts inherits the limit, not the rest."""
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_SET_DUMPABLE, 0, 0, 0, 0)
