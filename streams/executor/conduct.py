"""One record from the topic to the report that is to be sent: steps 1 to 9.

    1  decode                                   6  a handler is registered for the action
    2  the gate's signature; all ids agree      7  the ledger has `started`, durably
    3  the class is ours                        8  run
    4  it has not expired (again before 8)      9  the ledger has `done`, with the report's bytes
    5  the digests are those that were signed
                                (`loop`: 10 report delivered, 11 position committed)

A grant that the group has passed over, or noted as over, and that this ledger does not know
(`passed`) was reported by an executor with another ledger: it is neither run nor reported here.

Between 6 and 7 the loop fences, and then no order may stand against it (`halts`): the last look.

One grant has one outcome. So whatever the ledger knows already comes before steps 3 to 6: a grant
that was done is reported again, byte for byte, even if it has expired since; one that was begun and
not done is `unknown`, unless its handler is idempotent and the grant still allows it.

A refusal at steps 1 to 3, or of ids, is only written down: it says nothing about the genuine grant
of that id, which may stand elsewhere. A refusal at steps 4 to 6 is the grant's outcome, `failed`.

What may be the gate's own by a key, or in a form, that has not come here yet is `Waiting`: nobody
passes over it while it could still be run.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from streams.errors import InputError, RefusedError
from streams.events import GrantStatement, Status
from streams.executor.check import (
    Ends,
    Signed,
    authenticate,
    check_current,
    permit,
    wanted_until_ms,
)
from streams.executor.ledger import Ledger, LedgerRow, Refused
from streams.executor.report import Ending, Reporter, ending_of
from streams.executor.request import ActionRequest, Registered
from streams.executor.scrub import Mask, told
from streams.sealing import SealKey
from streams.signing import PublicKey

log = logging.getLogger(__name__)

NO_HANDLER = "no_handler"
INTERRUPTED = "It was begun, and then this executor stopped: whether it was done is not known."
EXPIRED = Ending(Status.FAILED, "the grant has expired", code="grant_expired")
# refusals that say nothing of the genuine grant
_ELSEWHERE = frozenset({"wrong_executor", "other_gate", "retired_key"})
# another key, or another phigate, may read it
_NOT_YET = frozenset({"unknown_key", "unknown_schema", "bad_statement"})


class Waiting(Exception):  # noqa: N818 - no error: somebody else may know it by and by
    """The record cannot be judged yet; after `until_ms` nobody could run it any more."""

    def __init__(self, until_ms: int) -> None:
        super().__init__(until_ms)
        self.until_ms = until_ms


@dataclass(frozen=True, slots=True)
class GrantRecord:
    """A record of `approved.<class>`, and what the group knows of a grant.

    `begun`: somebody began it, and this ledger cannot say that it was nothing. `passed`: it stands
    before the group's position, or is noted as over. Until `until_ms` a grant of its age may last;
    `waited` tells that it was refused before, for what was not known then.
    """

    topic: str
    partition: int
    offset: int
    key: bytes
    value: bytes
    begun: Callable[[str], bool]
    passed: Callable[[str], bool] = lambda _: False
    until_ms: int = 0
    waited: bool = False


@dataclass(frozen=True, slots=True)
class RunReport:
    """The outcome's bytes, and the intent whose record they are."""

    grant_id: str
    intent_id: str
    value: bytes


@dataclass(frozen=True, slots=True)
class Conductor:
    """All that steps 1 to 9 need. `now_ms` is the clock of step 4 and of the report.

    `check_orders` raises RefusedError where an order stands against the grant.
    """

    executor: str
    gate_keys: tuple[PublicKey, ...]
    seal_key: SealKey
    handlers: Mapping[str, Registered]
    ledger: Ledger
    reporter: Reporter
    mask: Mask
    now_ms: Callable[[], int]
    check_orders: Callable[[GrantStatement], None]
    ends: Ends

    def conduct(self, record: GrantRecord, fence: Callable[[str], None]) -> RunReport | None:
        """Take one record through steps 1 to 9; return what is to be reported, if anything.

        `fence` is called with the grant's id before anything is begun, and raises where this
        process may not go on. Raises Waiting, LedgerError, what `fence` and BaseExceptions raise.
        """
        try:
            signed = authenticate(record.key, record.value, self.gate_keys)  # 1, 2
        except InputError as refusal:
            self._refuse(record, refusal)
            self._wait(record, refusal.code)
            return None
        if record.waited:
            self.ledger.admit(record.topic, record.partition, record.offset)
        statement = signed.statement
        row = self.ledger.find(statement.grant_id)
        if row and row.report is not None:
            log.info("grant %s is %s already: reported again", row.grant_id, row.status)
            return RunReport(row.grant_id, row.intent_id, row.report)
        if row is None and record.passed(statement.grant_id):
            log.info("grant %s was taken by another executor: not run here", statement.grant_id)
            return None
        return self._first(record, signed, row, fence)

    def _wait(self, record: GrantRecord, code: str) -> None:
        """Raise Waiting where it is not sure yet that the refusal is for good."""
        until_ms = record.until_ms if code in _NOT_YET else 0
        if code == "unknown_key":  # anybody can draw a key: what it signed must be a grant of ours
            until_ms = min(
                until_ms, wanted_until_ms(record.key, record.value, self.executor, self.ends.gate)
            )
        if self.now_ms() < until_ms:
            raise Waiting(until_ms)

    def _first(
        self,
        record: GrantRecord,
        signed: Signed,
        row: LedgerRow | None,
        fence: Callable[[str], None],
    ) -> RunReport | None:
        """Run a grant that has no outcome yet, if it may be run."""
        begun = row is not None or record.begun(signed.statement.grant_id)
        try:
            request, registered = self._permitted(signed)  # 3 to 6
        except InputError as refusal:
            self._refuse(record, refusal)
            return self._not_run(signed, row, refusal, begun=begun)
        if begun and not registered.idempotent:
            return self._unknown(signed, row)
        fence(request.grant_id)
        try:
            self.check_orders(signed.statement)
        except RefusedError as refusal:
            self._refuse(record, refusal)
            return self._not_run(signed, row, refusal, begun=begun)
        if row is None:
            self._start(signed)  # 7
        if self.now_ms() >= request.expires_at_ms:  # 4 again: the fence may have waited long
            return self._unknown(signed, row) if begun else self._end(signed, EXPIRED, known=True)
        return self._end(signed, self._run(registered, request), known=True)  # 8, 9

    def _not_run(
        self, signed: Signed, row: LedgerRow | None, refusal: InputError, *, begun: bool
    ) -> RunReport | None:
        """Return the outcome of a grant that was refused at steps 3 to 6."""
        if refusal.code in _ELSEWHERE and not begun:
            return None
        if begun:  # it may have been done before it became a refusal
            return self._unknown(signed, row)
        ending = Ending(Status.FAILED, str(refusal), code=refusal.code)
        return self._end(signed, ending, known=False)

    def _permitted(self, signed: Signed) -> tuple[ActionRequest, Registered]:
        check_current(signed, self.ends, self.now_ms())  # 2
        request = permit(signed, self.executor, self.now_ms(), self.seal_key)  # 3, 4, 5
        registered = self.handlers.get(request.action)  # 6
        if registered is None:
            raise InputError("this executor has no handler for the action", code=NO_HANDLER)
        return request, registered

    def _run(self, registered: Registered, request: ActionRequest) -> Ending:
        """Run the handler. What it raises is its outcome; the text is masked and never logged."""
        log.info("grant %s: running %s", request.grant_id, request.action)
        try:
            result = registered.handler(request)
        except Exception as error:  # noqa: BLE001 - a handler may raise anything
            log.warning("grant %s: the handler raised %s", request.grant_id, type(error).__name__)
            return Ending(Status.FAILED, told(error, self.mask), code="handler_raised")
        return ending_of(result)

    def _unknown(self, signed: Signed, row: LedgerRow | None) -> RunReport:
        """Report that nobody here can tell; a person must look. It is not run again."""
        log.error(
            "grant %s was begun and not finished: reported as unknown, look at it and settle it "
            "with `phigate executor resolve`",
            signed.statement.grant_id,
        )
        ending = Ending(Status.UNKNOWN, INTERRUPTED, code="interrupted")
        return self._end(signed, ending, known=row is not None)

    def _start(self, signed: Signed) -> None:
        statement = signed.statement
        self.ledger.start(statement.grant_id, statement.intent_id, statement.action, self.now_ms())

    def _end(self, signed: Signed, ending: Ending, *, known: bool) -> RunReport:
        """Sign the ending and write it down, durably, before anybody hears of it."""
        statement = signed.statement
        if not known:
            self._start(signed)
        finish = self.reporter.finish(
            statement.intent_id, statement.grant_id, ending, self.now_ms()
        )
        self.ledger.finish(statement.grant_id, finish)
        return RunReport(statement.grant_id, statement.intent_id, finish.report)

    def _refuse(self, record: GrantRecord, refusal: InputError) -> None:
        """Write down that nothing was run, and why; never what the record holds."""
        log.error(
            "refused %s/%d at offset %d: %s (%s)",
            record.topic,
            record.partition,
            record.offset,
            refusal,
            refusal.code,
        )
        self.ledger.refuse(
            Refused(refusal.code, record.topic, record.partition, record.offset, self.now_ms())
        )
