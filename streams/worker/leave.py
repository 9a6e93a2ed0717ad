"""How a process leaves when going on would lose something.

Faust acknowledges an event whose agent raised, swallows errors in recovery, and warns where a send
failed. Each is a silent loss, so the process ends at once, without running any handler that could
still commit. The supervisor starts another, which goes on from the last position that holds.
"""

import logging
import os
import sys
import traceback
from typing import NoReturn

from streams.errors import PhigateError

RESTART = 70  # EX_SOFTWARE: start again, the log has everything
OPERATOR = 78  # EX_CONFIG: starting again will not help, a person must

log = logging.getLogger("phigate")


def leave(reason: str, *, code: int = RESTART) -> NoReturn:
    """End this process now, saying why. The reason never holds a value from a message."""
    log.critical("leaving: %s", reason)
    for handler in logging.getLogger().handlers:
        handler.flush()
    sys.stderr.flush()
    os._exit(code)


def leave_on(error: BaseException) -> NoReturn:
    """End this process over an error nobody expected."""
    leave(type_and_place(error))


def type_and_place(error: BaseException) -> str:
    """Return an error's type and where it came from; its text is not told, it may hold PHI."""
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    where = " < ".join(f"{frame.filename}:{frame.lineno}" for frame in reversed(frames))
    code = f" ({error.code})" if isinstance(error, PhigateError) else ""
    if isinstance(error, OSError) and error.strerror:  # the system's own words: the disk is full
        code = f" ({error.strerror})"
    return f"{type(error).__name__}{code} at {where}"


class RecoveryErrors(logging.Filter):
    """Leaves on Faust's warning that recovery failed: the table would be empty and called ready."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass but that one."""
        if str(record.msg).startswith("Error in recovery"):
            leave("recovery of the table failed")
        return True
