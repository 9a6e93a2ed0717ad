"""The last look before a run: whether the grant is halted, revoked or cancelled by now.

`controls` is read here directly, to its end as it is at this moment, and every signature is checked
against the directory's officers. So an order holds from the moment that the broker has it, whatever
admit and fold are doing. Where it cannot be read to its end, nothing is begun. Agents' `cancels`
are read after it for a few seconds at most: they are the agents' own, and hold up no run.

What is stopped is over: it is reported as `failed`, by the code that stopped it. It does not wait
for the resume: all that people agreed to before an incident would then run at once, in another
situation than they agreed to. Agents ask again.
"""

import logging

from streams.control.board import CANCELLED, HALTED, REVOKED
from streams.control.reader import Orders
from streams.errors import BrokerError, RefusedError
from streams.events import GrantStatement
from streams.executor.loop import Fenced

PATIENCE_S = 10.0  # then the loop comes back to the grant, and asks again

_WHY = {
    HALTED: "An officer has halted this. It was not run and will not be: ask again later.",
    REVOKED: "An officer has revoked this intent. It was not run.",
    CANCELLED: "The agent has cancelled this intent. It was not run.",
}

log = logging.getLogger(__name__)


class Halts:
    """Asks for the orders before each run. Not thread-safe: one executor, one thread."""

    def __init__(self, orders: Orders) -> None:
        self._orders = orders

    def open(self) -> None:
        """Connect. Raises BrokerError: away, or there is no such topic."""
        self._orders.open()

    def close(self) -> None:
        """Let go of the connection."""
        self._orders.close()

    def check(self, grant: GrantStatement) -> None:
        """Return if the grant may be run now; Fenced where nobody can tell.

        Raises RefusedError `halted`, `revoked`, `cancelled`.
        """
        try:
            stop = self._orders.catch_up(PATIENCE_S).stop_on(grant)
        except BrokerError as error:
            log.warning("grant %s waits: %s", grant.grant_id, error)
            raise Fenced from None
        if stop is not None:
            code, order = stop
            log.warning("grant %s is %s by %s", grant.grant_id, code, order.by)
            raise RefusedError(_WHY[code], code=code)
