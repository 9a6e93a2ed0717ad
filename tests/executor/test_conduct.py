"""Steps 1 to 9 with a real ledger: each grant once, each refusal written down."""

import base64
import hashlib
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from streams import signing
from streams.errors import RefusedError
from streams.events import Grant, GrantStatement, Status
from streams.executor.check import Ends
from streams.executor.conduct import Conductor, GrantRecord, RunReport, Waiting
from streams.executor.ledger import Ledger, inspect
from streams.executor.report import Reporter
from streams.executor.request import ActionRequest, Registered
from streams.signing import PublicKey, SigningKey
from streams.wire import codec
from tests.agent.rig import EXECUTOR, GATE_ID, Keys
from tests.executor.gate import EXPIRES_MS, ISSUED_MS, Gate

KEYS = Keys()
GATE = Gate(KEYS)


class PowerCut(BaseException):
    """The process ends here: no handler catches it."""


@dataclass
class Bench:
    """A conductor whose clock and handler the test moves."""

    path: Path
    now_ms: int = ISSUED_MS
    idempotent: bool = False
    ran: list[str] = field(default_factory=list)
    handler: Callable[[ActionRequest], Any] = lambda _: {"rows": 3}
    fenced: list[str] = field(default_factory=list)
    at_fence: Callable[[], None] = lambda: None
    offset: int = -1
    stopped: str = ""
    ends: dict[str, int] = field(default_factory=dict)
    gate_keys: tuple[PublicKey, ...] = (KEYS.grants.public,)

    def take(  # noqa: PLR0913 - what a record can be, by name
        self,
        grant: Grant | bytes,
        key: str = "i",
        *,
        begun: bool = False,
        passed: bool = False,
        until_ms: int = 0,
        waited: bool = False,
    ) -> RunReport | None:
        """Conduct one record with a ledger opened for it, as after a restart."""
        value = grant if isinstance(grant, bytes) else codec.encode(grant)
        self.offset += not waited
        record = GrantRecord(
            "t",
            0,
            self.offset,
            key.encode(),
            value,
            lambda _: begun,
            lambda _: passed,
            until_ms,
            waited,
        )
        with Ledger(self.path) as ledger:
            return self._conductor(ledger).conduct(record, self._fence)

    def refusals(self) -> list[str]:
        """Return the codes of all refusals."""
        return [refused.code for refused in inspect(self.path)[1]]

    def state(self) -> list[tuple[str, Status | None]]:
        """Return each grant's state and status."""
        return [(row.state, row.status) for row in inspect(self.path)[0]]

    def _conductor(self, ledger: Ledger) -> Conductor:
        return Conductor(
            executor=EXECUTOR,
            gate_keys=self.gate_keys,
            seal_key=KEYS.executor_seal,
            handlers={"db.query": Registered(self._run, self.idempotent)},
            ledger=ledger,
            reporter=Reporter(KEYS.executor, KEYS.gate_seal.public, GATE_ID),
            mask=lambda _: "<masked>",
            now_ms=lambda: self.now_ms,
            check_orders=self._check_orders,
            ends=Ends(self.ends, GRACE_MS, GATE_ID),
        )

    def _run(self, request: ActionRequest) -> Any:
        assert [request.grant_id] == self.fenced[-1:]
        assert "started" in [state for state, _ in self.state()]  # durable before it runs
        self.ran.append(request.grant_id)
        return self.handler(request)

    def _check_orders(self, grant: GrantStatement) -> None:
        assert [grant.grant_id] == self.fenced[-1:]  # the last look comes after the fence
        if self.stopped:
            raise RefusedError("an officer said so", code=self.stopped)

    def _fence(self, grant_id: str) -> None:
        self.at_fence()
        self.fenced.append(grant_id)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """Return a bench with an empty ledger."""
    return Bench(tmp_path / "ledger")


GRACE_MS = 1_200_000


def _flipped() -> bytes:
    """Return an envelope with another signature than it should have."""
    whole = json.loads(GATE.grant("i").envelope)
    whole["signatures"][0]["sig"] = base64.b64encode(bytes(64)).decode()
    return json.dumps(whole, sort_keys=True, separators=(",", ":")).encode()


def _unsaid() -> bytes:
    """Return what a stranger signed that says nothing."""
    return signing.envelope(b"{}", signing.GRANT, SigningKey.new("gate-grants"))


def _said(report: RunReport | None) -> tuple[Status, str]:
    assert report
    statement, message = GATE.reported(report.value)
    return statement.status, message


def test_a_permitted_grant_runs_once_and_is_reported(bench: Bench) -> None:
    """Run, write, report: the outcome names intent and grant, the ledger says done."""
    report = bench.take(GATE.grant("i"))
    assert report
    statement, message = GATE.reported(report.value)
    assert ([statement.grant_id], Status.OK, "") == (bench.ran, statement.status, message)
    assert [("done", Status.OK)] == bench.state()


def test_a_replay_is_reported_again_byte_for_byte_and_not_run(bench: Bench) -> None:
    """However often a grant comes, even after its expiry, it ran once and says the same."""
    grant = GATE.grant("i")
    first = bench.take(grant)
    bench.now_ms = EXPIRES_MS + 1
    assert [first, first] == [bench.take(grant), bench.take(grant)]
    assert 1 == len(bench.ran)
    assert [] == bench.refusals()


def test_a_new_envelope_for_the_same_grant_is_not_run_again(bench: Bench) -> None:
    """One intent, one grant: another signed grant of the same id is the same grant."""
    first = bench.take(GATE.grant("i"))
    assert first == bench.take(GATE.grant("i", expires_at_ms=EXPIRES_MS + 5))
    assert 1 == len(bench.ran)


def test_a_crash_in_the_handler_is_unknown_and_never_run_again(bench: Bench) -> None:
    """What was begun and not written as done is told as unknown; a person must look."""

    def cut(_: ActionRequest) -> None:
        raise PowerCut

    grant = GATE.grant("i")
    bench.handler = cut
    with pytest.raises(PowerCut):
        bench.take(grant)
    assert [("started", None)] == bench.state()
    bench.handler = lambda _: None
    first = bench.take(grant)
    assert Status.UNKNOWN == _said(first)[0]
    assert first == bench.take(grant)
    assert 1 == len(bench.ran)


def test_an_idempotent_handler_is_run_again_after_a_crash_but_not_after_expiry(
    bench: Bench,
) -> None:
    """Idempotent: run again while the grant lasts; afterwards it is unknown like any other."""

    def cut(_: ActionRequest) -> None:
        raise PowerCut

    bench.idempotent, bench.handler = True, cut
    for name in ("i", "j"):
        with pytest.raises(PowerCut):
            bench.take(GATE.grant(name), name)
    bench.handler = lambda _: None
    assert Status.OK == _said(bench.take(GATE.grant("i"), "i"))[0]
    bench.now_ms = EXPIRES_MS
    assert Status.UNKNOWN == _said(bench.take(GATE.grant("j"), "j"))[0]
    assert 3 == len(bench.ran)


def test_what_the_group_knows_as_begun_elsewhere_is_unknown(bench: Bench) -> None:
    """With an empty ledger, but a mark of another one in the group's position: not run."""
    assert Status.UNKNOWN == _said(bench.take(GATE.grant("i"), begun=True))[0]
    assert [] == bench.ran
    bench.idempotent = True
    assert Status.OK == _said(bench.take(GATE.grant("j"), "j", begun=True))[0]


def test_who_is_fenced_begins_nothing(bench: Bench) -> None:
    """A process that lost its partition neither writes `started` nor runs; later it may."""

    def lost() -> None:
        raise PowerCut

    bench.at_fence = lost
    with pytest.raises(PowerCut):
        bench.take(GATE.grant("i"))
    assert ([], []) == (bench.ran, bench.state())
    bench.at_fence = lambda: None
    assert Status.OK == _said(bench.take(GATE.grant("i")))[0]


@pytest.mark.parametrize(
    ("code", "grant", "key"),
    [
        ("not_avro", b"rubbish", "i"),
        ("not_avro", b"", "i"),
        ("unknown_key", GATE.grant("i", key=SigningKey.new("mallory")), "i"),
        ("key_mismatch", GATE.grant("i"), "other"),
        ("wrong_executor", GATE.grant("i", executor="mail"), "i"),
    ],
)
def test_a_false_grant_is_written_down_and_says_nothing_of_the_genuine_one(
    bench: Bench, code: str, grant: Grant | bytes, key: str
) -> None:
    """Nothing runs, nothing is reported; then the genuine grant of that id runs as ever."""
    assert bench.take(grant, key) is None
    assert ([code], [], []) == (bench.refusals(), bench.ran, bench.state())
    assert Status.OK == _said(bench.take(GATE.grant("i")))[0]


@pytest.mark.parametrize(
    ("code", "grant"),
    [
        ("grant_expired", GATE.grant("i", expires_at_ms=ISSUED_MS)),
        ("action_mismatch", GATE.grant("i", action_digest="0" * 64)),
        ("display_mismatch", GATE.grant("i", display_digest="0" * 64)),
        ("unsealable", GATE.grant("i").model_copy(update={"sealed": None})),
        ("no_handler", GATE.grant("i", unmask=False, action="db.drop")),
        ("bad_params", GATE.grant("i", params=b"[" * 100_000 + b"]" * 100_000)),
        ("bad_params", GATE.grant("i", params=b"{'Maria'}")),
    ],
)
def test_a_signed_grant_that_may_not_run_has_failed_for_good(
    bench: Bench, code: str, grant: Grant
) -> None:
    """It is reported as failed and written down; a clock set back does not run it after all."""
    report = bench.take(grant)
    status, message = _said(report)
    assert (Status.FAILED, [code], []) == (status, bench.refusals(), bench.ran)
    assert "Maria" not in message
    bench.now_ms = ISSUED_MS - 1
    assert report == bench.take(grant) == bench.take(GATE.grant("i"))
    assert [] == bench.ran


def test_a_handler_that_raises_has_failed_with_its_message_masked(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    """The report holds class and masked text; log and ledger hold neither text nor trace."""

    def broken(request: ActionRequest) -> None:
        raise ValueError(request.params["name"])

    caplog.set_level(logging.DEBUG)
    bench.handler = broken
    report = bench.take(GATE.grant("i"))
    assert (Status.FAILED, "ValueError: <masked>") == _said(report)
    assert report
    everything = caplog.text.encode() + report.value + bench.path.read_bytes()
    assert b"Maria" not in everything


def test_a_results_digest_is_salted_and_the_result_is_not_kept(bench: Bench) -> None:
    """The digest can be proven with the ledger's salt, and not be guessed without."""
    bench.handler = lambda _: {"patient": "Maria"}
    report = bench.take(GATE.grant("i"))
    assert report
    digest = GATE.reported(report.value)[0].result_digest
    with Ledger(bench.path) as ledger:
        (salt,) = ledger._db.execute("SELECT salt FROM grants").fetchone()
    data = json.dumps({"patient": "Maria"}, separators=(",", ":")).encode()
    assert hashlib.sha256(salt + data).hexdigest() == digest
    assert hashlib.sha256(data).hexdigest() != digest
    assert b"Maria" not in bench.path.read_bytes() + report.value


def test_a_refused_grant_leaves_the_next_alone(bench: Bench) -> None:
    """After every kind of refusal the next grant runs."""
    bench.take(b"rubbish")
    bench.take(GATE.grant("i", expires_at_ms=0))
    assert Status.OK == _said(bench.take(GATE.grant("j"), "j"))[0]
    assert [("done", Status.FAILED), ("done", Status.OK)] == bench.state()


def test_a_grant_that_the_group_passed_over_is_not_run_here(bench: Bench) -> None:
    """Another ledger has it: not run, not reported, also once it has expired or was marked."""
    grant = GATE.grant("i")
    told = [bench.take(grant, passed=True), bench.take(grant, passed=True, begun=True)]
    bench.now_ms = EXPIRES_MS + 1
    assert [None] * 3 == [*told, bench.take(grant, passed=True)]
    assert ([], [], []) == (bench.ran, bench.state(), bench.refusals())


def test_what_this_ledger_knows_comes_before_what_the_group_passed(bench: Bench) -> None:
    """Run here and passed since: the report is said again, as ever."""
    grant = GATE.grant("i")
    assert bench.take(grant) == bench.take(grant, passed=True)


def test_a_grant_that_expires_while_the_fence_waits_is_not_run(bench: Bench) -> None:
    """The broker was away for longer than the grant lasts: it is refused before its handler."""

    def wait() -> None:
        bench.now_ms = EXPIRES_MS

    bench.at_fence = wait
    assert (Status.FAILED, "the grant has expired") == _said(bench.take(GATE.grant("i")))
    assert ([], [("done", Status.FAILED)]) == (bench.ran, bench.state())


def test_one_that_was_begun_before_and_expires_in_the_fence_is_unknown(bench: Bench) -> None:
    """Its handler may be run again, but it is too late: nobody here can tell what was done."""

    def wait() -> None:
        bench.now_ms = EXPIRES_MS

    bench.idempotent, bench.at_fence = True, wait
    assert Status.UNKNOWN == _said(bench.take(GATE.grant("i"), begun=True))[0]
    assert [] == bench.ran


@pytest.mark.parametrize("code", ["halted", "revoked", "cancelled"])
def test_what_is_stopped_is_not_run_and_is_over(bench: Bench, code: str) -> None:
    """An order at the last look is the grant's outcome: failed, and so it stays."""
    bench.stopped = code
    grant = GATE.grant("i")
    first = bench.take(grant)
    assert Status.FAILED is _said(first)[0]
    assert ([], [code]) == (bench.ran, bench.refusals())
    bench.stopped = ""
    assert first == bench.take(grant)
    assert [] == bench.ran


def test_what_was_begun_before_the_halt_is_unknown(bench: Bench) -> None:
    """It may have been done: that nobody may run it again does not say that nobody did."""
    bench.idempotent, bench.stopped = True, "halted"
    assert Status.UNKNOWN is _said(bench.take(GATE.grant("i"), begun=True))[0]
    assert [] == bench.ran


def test_a_grant_of_a_retired_key_is_refused_after_its_end(bench: Bench) -> None:
    """By the date in it, and by our clock once every genuine grant of its time is over.

    It says nothing of the genuine grant, which still runs.
    """
    old = KEYS.grants.public.key_id
    bench.ends = {old: ISSUED_MS - 1}
    assert None is bench.take(GATE.grant("i"))
    bench.ends = {old: ISSUED_MS}
    assert None is bench.take(GATE.grant("i", issued_at_ms=ISSUED_MS + 1))
    late = GATE.grant("i", expires_at_ms=ISSUED_MS + 10**9)
    bench.now_ms = ISSUED_MS + GRACE_MS
    assert None is bench.take(late)
    assert (["retired_key"] * 3, []) == (bench.refusals(), bench.ran)
    bench.now_ms -= 1
    assert Status.OK is _said(bench.take(late))[0]


LATER = SigningKey.new("gate-grants")  # the gate's next key: not known here yet
LASTS_MS = EXPIRES_MS + 3_600_000  # when no grant of the record's age could be run any more


def test_a_key_that_is_not_known_yet_waits_and_then_the_grant_runs(bench: Bench) -> None:
    """Refused in the ledger's list, and not passed over; with the key it runs, and leaves it."""
    grant = GATE.grant("i", key=LATER)
    with pytest.raises(Waiting) as caught:
        bench.take(grant, until_ms=LASTS_MS)
    assert (EXPIRES_MS, ["unknown_key"], []) == (
        caught.value.until_ms,
        bench.refusals(),
        bench.state(),
    )
    bench.gate_keys = (KEYS.grants.public, LATER.public)
    assert Status.OK is _said(bench.take(grant, until_ms=LASTS_MS, waited=True))[0]
    assert ([], 1) == (bench.refusals(), len(bench.ran))


def test_an_unknown_key_is_waited_for_while_the_grant_lasts_and_no_longer(bench: Bench) -> None:
    """By the grant's own word, and never longer than a grant of the record's age could last."""
    for now_ms, until_ms, expires_at_ms in (
        (EXPIRES_MS, LASTS_MS, EXPIRES_MS),
        (LASTS_MS, LASTS_MS, 10 * LASTS_MS),
    ):
        grant = GATE.grant("i", key=LATER, expires_at_ms=expires_at_ms)
        bench.now_ms = now_ms - 1
        with pytest.raises(Waiting):
            bench.take(grant, until_ms=until_ms)
        bench.now_ms = now_ms
        assert bench.take(grant, until_ms=until_ms, waited=True) is None
    assert (["unknown_key"] * 2, []) == (bench.refusals(), bench.ran)


@pytest.mark.parametrize(
    ("code", "grant", "key"),
    [
        ("not_avro", b"rubbish", "i"),
        ("bad_signature", GATE.grant("i").model_copy(update={"envelope": _flipped()}), "i"),
        ("unknown_key", GATE.grant("i", key=LATER), "other"),
        ("unknown_key", GATE.grant("i", key=LATER, executor="mail"), "i"),
        ("unknown_key", GATE.grant("i", key=LATER).model_copy(update={"grant_id": "g"}), "i"),
        ("unknown_key", GATE.grant("i").model_copy(update={"envelope": _unsaid()}), "i"),
        ("key_mismatch", GATE.grant("i"), "other"),
    ],
)
def test_what_no_key_would_make_good_does_not_wait(
    bench: Bench, code: str, grant: Grant | bytes, key: str
) -> None:
    """Rubbish, a false signature, another class's or a moved grant: refused, and passed over."""
    assert bench.take(grant, key, until_ms=LASTS_MS) is None
    assert ([code], []) == (bench.refusals(), bench.ran)


def test_what_a_newer_phigate_wrote_waits(bench: Bench) -> None:
    """A record in a schema, or a signed statement in a form, that is not known here yet."""
    newer = codec.encode(GATE.grant("i"))
    newer = newer[:2] + b"\xff" * 8 + newer[10:]
    envelope = signing.envelope(b'{"grant_id":"i","new":1}', signing.GRANT, KEYS.grants)
    for record in (newer, GATE.grant("i").model_copy(update={"envelope": envelope})):
        with pytest.raises(Waiting):
            bench.take(record, until_ms=LASTS_MS)
    assert ["unknown_schema", "bad_statement"] == bench.refusals()
