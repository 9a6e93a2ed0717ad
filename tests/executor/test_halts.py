"""The last look on a real broker: what is ordered holds from the moment the broker has it."""

import threading
import time
from typing import Any

import pytest

from streams.clock import now_ms
from streams.control.client import Desk
from streams.control.scope import Scope
from streams.errors import BrokerError, OperatorError
from streams.events import ControlKind, Status
from streams.executor import ActionRequest
from streams.executor.ledger import inspect
from streams.signing import SigningKey
from streams.wire import client
from tests.agent.rig import Rig
from tests.control.orders import INTENT_ID, order
from tests.executor.site import Site

pytestmark = pytest.mark.kafka
ALL = Scope.parse("all")


def desk(rig: Rig, key: SigningKey | None = None) -> Desk:
    """Return an officer's desk, or an agent's."""
    return Desk(rig.settings, rig.directory, key or rig.keys.officer)


def said(site: Site, count: int) -> dict[str, Status]:
    """Return each intent's outcome, once there are so many."""
    told = (site.said(each)[0] for each in site.outcomes(count))
    return {each.intent_id: each.status for each in told}


def test_a_halt_outranks_what_was_approved_before_and_a_resume_lets_new_grants_run(
    site: Site,
) -> None:
    """Granted before the halt: never run, not after the resume either. Granted after: run."""
    ran: list[ActionRequest] = []
    with site.serving(ran.append):
        site.grant("a")
        assert {"a": Status.OK} == said(site, 1)
        assert desk(site.rig).halt(ALL, "leak", now_ms()).counts
        site.grant("b")
        assert Status.FAILED is said(site, 2)["b"]
        assert desk(site.rig).resume(ALL, "mended", now_ms()).counts
        site.grant("c")
        site.grant("d", issued_at_ms=now_ms() + 60_000)
        found = said(site, 4)
    assert (Status.FAILED, Status.OK) == (found["c"], found["d"])
    assert ["a", "d"] == [each.intent_id for each in ran]
    assert ["halted", "halted"] == [each.code for each in inspect(site.ledger)[1]]


def test_a_revocation_and_a_cancel_reach_the_executor_by_themselves(site: Site) -> None:
    """No admit and no fold runs here; another agent's cancel stops nothing."""
    ran: list[ActionRequest] = []
    desk(site.rig).revoke(INTENT_ID, "wrong patient", now_ms())
    own = INTENT_ID.replace("9c10", "9c12")
    foreign = INTENT_ID.replace("9c10", "9c13")
    for name in (own, foreign):
        desk(site.rig, site.rig.keys.agent).cancel(name, "not needed", now_ms())
    with site.serving(ran.append):
        site.grant(INTENT_ID)
        site.grant(own, agent="signer")
        site.grant(foreign)
        found = said(site, 3)
    assert [foreign] == [each.intent_id for each in ran]
    assert (Status.FAILED, Status.FAILED) == (found[INTENT_ID], found[own])
    assert {"revoked", "cancelled"} == {each.code for each in inspect(site.ledger)[1]}


def test_orders_of_strangers_and_replays_stop_nothing(site: Site) -> None:
    """What does not count is passed over, and does not keep a genuine grant from running."""
    keys, ran = site.rig.keys, list[ActionRequest]()
    halt = order(keys, ControlKind.HALT)  # signed years ago
    forged = order(keys, ControlKind.HALT, key=keys.person, at_ms=now_ms())
    for value in (halt, forged, b"\x00garbage"):
        site.rig.put("controls", halt.subject_id, value)
    with site.serving(ran.append):
        site.grant("a")
        assert {"a": Status.OK} == said(site, 1)
    assert ["a"] == [each.intent_id for each in ran]


def test_without_controls_nothing_runs(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    """A topic that cannot be read says nothing, so the grant waits; it is not lost."""
    ran: list[ActionRequest] = []
    deleted = client.admin(site.rig.settings)
    with site.serving(ran.append):
        site.grant("a")
        assert {"a": Status.OK} == said(site, 1)
        for each in deleted.delete_topics([site.rig.topic("controls")]).values():
            each.result(120)
        site.grant("b")
        while "waits: " not in caplog.text:  # the test's time is bounded
            time.sleep(0.1)
        assert 1 == len(site.outcomes())
    assert ["a"] == [each.intent_id for each in ran]
    with pytest.raises(BrokerError) as caught, site.serving(ran.append):
        pass
    assert "no_topic" == caught.value.code


def test_a_topic_that_was_made_anew_ends_the_executor(site: Site) -> None:
    """What was halted may be forgotten: a person has to see to it."""
    desk(site.rig).halt(Scope.parse("agent:signer"), "leak", now_ms())
    executor = site.executor(lambda _: None)
    failures: list[BaseException] = []

    def run() -> None:
        try:
            executor.run()
        except OperatorError as error:
            failures.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        site.grant("a")
        assert {"a": Status.OK} == said(site, 1)
        admin = client.admin(site.rig.settings)
        for each in admin.delete_topics([site.rig.topic("controls")]).values():
            each.result(120)
        _again(site.rig)
        site.grant("b")
        thread.join(90)
    finally:
        executor.stop()
        thread.join(240)
    assert ["controls_lost"] == [getattr(each, "code", "") for each in failures]


def _again(rig: Rig) -> None:
    """Make the topics that are missing."""
    from confluent_kafka import KafkaException  # noqa: PLC0415 - one use

    for _ in range(100):
        try:
            rig.create()
        except KafkaException:
            time.sleep(0.1)
        if rig.topic("controls") in client.admin(rig.settings).list_topics(timeout=120).topics:
            return


def test_the_time_from_halt_to_the_last_run(
    site: Site, record_property: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """A stream of grants is halted; no run begins once `halt` has returned. The time is printed."""
    began: list[float] = []
    feeding = threading.Event()

    def feed() -> None:
        number = 0
        while not feeding.is_set():
            number += 1
            site.grant(f"i{number}")

    with site.serving(lambda _: began.append(time.monotonic())):
        thread = threading.Thread(target=feed)
        thread.start()
        try:
            while len(began) < 50:
                time.sleep(0.01)
            asked = time.monotonic()
            assert desk(site.rig).halt(ALL, "leak", now_ms()).counts
            returned, after = time.monotonic(), len(began)
            runs = len(began)
            while len(inspect(site.ledger)[1]) < 20:  # refused as halted, since
                time.sleep(0.01)
        finally:
            feeding.set()
            thread.join(240)
    assert began[-1] < returned, f"{len(began) - after} runs began after it"
    last_ms = 1000 * (max(each for each in began if each < returned) - asked)
    record_property("halt_to_last_run_ms", round(last_ms, 1))
    with capsys.disabled():
        print(  # noqa: T201 - the measurement that the issue asks for
            f"\nhalt: {1000 * (returned - asked):.0f} ms until it returned; the last of {runs} "
            f"runs began {last_ms:.0f} ms after it was called"
        )
