"""How a command ends: the one mapping from errors to exit codes, each of which means one thing.

0  DONE     it is done, or the answer is yes
1  NO       the answer is no: denied, refused, broken, at risk, something would change
2  ACT      somebody must act: wrong use, a setting, a file, a key
3  NOTHING  there is no such thing, or nothing to look at
4  LATE     the time ran out: no answer yet, or it expired
5  AWAY     the broker, or another service, is away: try again
6  UNDONE   it was granted, and was not done, or nobody knows
70  LEFT     a worker left, since going on could lose something: start it again
130  STOPPED  Ctrl-C
"""

from enum import IntEnum
from typing import Final

from streams.errors import InputError, InvariantError, PhigateError, ProviderError

__all__ = ["Exit", "of"]


class Exit(IntEnum):
    """The codes of the table above."""

    DONE = 0
    NO = 1
    ACT = 2
    NOTHING = 3
    LATE = 4
    AWAY = 5
    UNDONE = 6
    LEFT = 70
    STOPPED = 130


_BY_CODE: Final = {
    **dict.fromkeys(("no_request", "no_intent", "no_hold", "no_reveal"), Exit.NOTHING),
    **dict.fromkeys(("login_timeout", "gate_busy"), Exit.LATE),
    **dict.fromkeys(("broker", "broker_away", "broker_died", "no_broker"), Exit.AWAY),
    **dict.fromkeys(("provider_away", "provider_unreachable", "not_delivered"), Exit.AWAY),
    **dict.fromkeys(("ambiguous", "bad_id"), Exit.ACT),
    "login_refused": Exit.NO,
}


def of(error: PhigateError) -> Exit:
    """Return the exit code of an error: by its reason code, else by who can mend it."""
    if error.code in _BY_CODE:
        return _BY_CODE[error.code]
    if isinstance(error, InvariantError):
        return Exit.LEFT
    if isinstance(error, ProviderError):
        return Exit.AWAY
    return Exit.NO if isinstance(error, InputError) else Exit.ACT
