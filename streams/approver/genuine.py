"""Whether a request is the gate's own: signed by it, for this gate, as it stands here.

Whoever can write to `requests` can write anything there. So every door asks here before it shows
anything, and again before a key signs.
"""

from dataclasses import dataclass

from streams import statements
from streams.directory.published import GateSet
from streams.errors import RefusedError
from streams.events import Request, RequestStatement, State
from streams.gate import view


@dataclass(frozen=True)
class Genuine:
    """The keys that the gate signs requests with; none is open for longer than `open_ms_max`."""

    gate: GateSet
    open_ms_max: int

    def check(self, request: Request, now_ms: int) -> None:
        """Return if the gate signed exactly this.

        Raises SignatureError as `signing.open_envelope` does, and RefusedError: `not_signed`,
        `bad_statement`, `other_gate`, `request_mismatch`, `retired_key`.
        """
        if not request.envelope:
            raise RefusedError("the gate has not signed this request", code="not_signed")
        gate = self.gate
        key, said = statements.opened(RequestStatement, request.envelope, gate.grants, gate.id)
        if said != view.statement(request):
            raise RefusedError("the gate signed another request", code="request_mismatch")
        self._check_current(request, gate.ends_ms.get(key.key_id), now_ms)

    def _check_current(self, request: Request, end_ms: int | None, now_ms: int) -> None:
        """Refuse what a key signed after its end: whoever stole it would date a request back.

        So an open one counts for nothing once every genuine one of the key's time is over.
        """
        if end_ms is None:
            return
        over = request.state is State.PENDING and now_ms >= end_ms + self.open_ms_max
        if request.opened_at_ms > end_ms or over:
            raise RefusedError("the key that signed the request has ended", code="retired_key")
