"""The executor on a real broker: permitted once, refused without harm, safe in a crash."""

import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from streams.cluster.embedded.cluster import Cluster
from streams.errors import BrokerError, KeyringError, SettingsError
from streams.events import Status, derived_id
from streams.executor import ActionRequest, Executor, command, loop
from streams.executor.ledger import inspect
from streams.settings import load_settings
from streams.signing import SigningKey
from tests.agent.rig import EXECUTOR, Keys, Rig
from tests.executor.gate import PARAMS
from tests.executor.site import APPROVED, Site

pytestmark = pytest.mark.kafka


def test_a_permitted_grant_runs_once_also_after_a_restart(site: Site) -> None:
    """The handler gets the exact params, the outcome is signed, and the position is committed."""
    ran: list[ActionRequest] = []
    site.grant("i")
    with site.serving(ran.append):
        (record,) = site.outcomes(1)
    site.grant("j")
    with site.serving(ran.append):
        assert ["i", "j"] == [site.said(each)[0].intent_id for each in site.outcomes(2)]
    assert [("i", PARAMS), ("j", PARAMS)] == [(each.intent_id, each.params_bytes) for each in ran]
    statement, _ = site.said(record)
    assert (b"i", Status.OK, derived_id("grant", "i")) == (
        record.key,
        statement.status,
        statement.grant_id,
    )


def test_a_replayed_record_is_reported_again_and_not_run(site: Site) -> None:
    """The same record twice on the topic: one run, two identical outcomes."""
    ran: list[ActionRequest] = []
    grant = site.gate.grant("i", expires_at_ms=4_000_000_000_000)
    for _ in range(2):
        site.rig.put(APPROVED, "i", grant)
    with site.serving(ran.append):
        one, other = site.outcomes(2)
    assert 1 == len(ran)
    assert one.value == other.value


def test_refused_records_are_written_down_and_the_next_grant_runs(site: Site) -> None:
    """Rubbish, foreign, moved, another class's, expired, tampered: refused; a good one runs."""
    genuine = site.gate.grant("t", expires_at_ms=4_000_000_000_000)
    envelope = bytearray(genuine.envelope)
    envelope[40] ^= 1
    key = "i"  # all on one partition, so that their order is sure
    site.rig.put(APPROVED, key, b"rubbish")
    site.grant(key, key=SigningKey.new("gate-grants"))
    site.rig.put(APPROVED, key, genuine)
    site.grant(key, executor="mail")
    site.rig.put(APPROVED, key, genuine.model_copy(update={"envelope": bytes(envelope)}))
    site.grant(key)
    site.rig.put(APPROVED, "e", site.gate.grant("e", expires_at_ms=1))
    ran: list[ActionRequest] = []
    with site.serving(ran.append):
        outcomes = {each.key: site.said(each) for each in site.outcomes(2)}
    assert ["i"] == [each.intent_id for each in ran]
    assert Status.OK == outcomes[b"i"][0].status
    assert (Status.FAILED, "the grant has expired") == (outcomes[b"e"][0].status, outcomes[b"e"][1])
    refused = sorted(
        (each.code, each.topic == site.rig.topic(APPROVED)) for each in inspect(site.ledger)[1]
    )
    assert [
        ("bad_signature", True),
        ("grant_expired", True),
        ("key_mismatch", True),
        ("not_avro", True),
        ("unknown_key", True),
        ("wrong_executor", True),
    ] == refused


def test_phi_in_an_exception_is_nowhere_in_clear(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    """A handler that quotes its params in an exception: sealed on the topic, masked below that."""

    def broken(request: ActionRequest) -> None:
        raise LookupError(f"no row for {request.params['name']}, SSN 536-90-4399")

    site.grant("i")
    with site.serving(broken):
        (record,) = site.outcomes(1)
    statement, message = site.said(record)
    raw = (record.value or b"") + repr(record.headers).encode() + site.ledger.read_bytes()
    assert Status.FAILED == statement.status
    assert message.startswith("LookupError: ")
    for secret in ("Musterfrau", "536-90-4399"):
        assert secret.encode() not in raw
        assert secret not in message
        assert secret not in caplog.text


def test_a_crash_in_the_handler_is_unknown_then_settled_by_a_person(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed while it ran: unknown after the restart, not run again; a person settles it."""
    site.grant("i")
    dying = '@app.handler("db.query")\ndef query(request):\n    note(request)\n    os._exit(9)\n'
    with site.process(dying) as process:
        process.communicate(timeout=240)
    assert 9 == process.returncode
    assert [("started", None)] == [(row.state, row.status) for row in inspect(site.ledger)[0]]
    living = '@app.handler("db.query")\ndef query(request):\n    note(request)\n'
    with site.process(living) as process:
        (record,) = site.outcomes(1)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=240)
    statement, _ = site.said(record)
    assert (Status.UNKNOWN, 0) == (statement.status, process.returncode)
    assert [derived_id("grant", "i")] == site.ran()
    for name in ("bootstrap", "prefix", "home"):
        monkeypatch.setenv(f"PHIGATE_{name.upper()}", str(getattr(site.rig.settings, name)))
    monkeypatch.chdir(site.home)
    flags = ["resolve", "app:app", statement.grant_id, "--status", "failed", "-m", "not written"]
    assert 0 == CliRunner().invoke(command.executor, flags).exit_code
    settled, message = site.said(site.outcomes(2)[-1])
    assert (Status.FAILED, "not written") == (settled.status, message)


def test_a_crash_between_ledger_and_report_is_reported_not_run(site: Site) -> None:
    """Killed after it was done: the next start sends the very bytes that the ledger has."""
    site.grant("i")
    dying = (
        "from streams.executor.loop import Loop\n"
        "Loop.deliver = lambda *_: os._exit(9)\n"
        '@app.handler("db.query")\ndef query(request):\n    note(request)\n'
    )
    with site.process(dying) as process:
        process.communicate(timeout=240)
    (row,) = inspect(site.ledger)[0]
    ran: list[ActionRequest] = []
    with site.serving(ran.append):
        record = site.outcomes(1)[0]
    assert ("done", row.report) == (row.state, record.value)
    assert ([derived_id("grant", "i")], []) == (site.ran(), ran)


def test_a_lost_ledger_does_not_make_a_begun_grant_run_again(site: Site) -> None:
    """Killed while it ran, then started with an empty ledger: the group's position tells."""
    site.grant("i")
    dying = '@app.handler("db.query")\ndef query(request):\n    os._exit(9)\n'
    with site.process(dying) as process:
        process.communicate(timeout=240)
    ran: list[ActionRequest] = []
    with site.serving(ran.append, ledger=site.home / "another"):
        (record,) = site.outcomes(1)
    assert (Status.UNKNOWN, []) == (site.said(record)[0].status, ran)


def test_sigterm_finishes_the_grant_at_hand(site: Site) -> None:
    """Asked to stop in the middle of a handler, it ends it, reports, commits, and exits with 0."""
    site.grant("i")
    slow = (
        "import time\n"
        '@app.handler("db.query")\ndef query(request):\n'
        "    note(request)\n"
        '    while not (here / "go").exists():\n'
        "        time.sleep(0.05)\n"
    )
    with site.process(slow) as process:
        while not site.ran():
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        (site.home / "go").touch()
        output, _ = process.communicate(timeout=240)
    assert 0 == process.returncode, output
    assert [Status.OK] == [site.said(each)[0].status for each in site.outcomes()]
    with site.serving(lambda _: None):
        site.grant("j")
        assert ["i", "j"] == [site.said(each)[0].intent_id for each in site.outcomes(2)]


def test_who_was_fenced_goes_back_to_the_record(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A grant that could not be begun is not passed over by the commit of the one after it."""
    fences: list[str] = []
    fence = loop.Loop._fence

    def once(self: loop.Loop, consumer: Any, message: Any, grant_id: str) -> None:
        fences.append(grant_id)
        if len(fences) == 1:
            raise loop.Fenced
        fence(self, consumer, message, grant_id)

    monkeypatch.setattr(loop.Loop, "_fence", once)
    monkeypatch.setattr(loop, "RETRY_S", 0.1)
    ran: list[str] = []
    site.rig.put(APPROVED, "i", b"rubbish")
    site.grant("i")
    with site.serving(lambda request: ran.append(request.intent_id)):
        site.outcomes(1)
    assert (["i"], 2) == (ran, len(fences))


def test_a_broker_that_is_lost_and_back_costs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The broker dies while a handler runs: a clear line, the outcome once it is back, one run."""
    monkeypatch.setattr(loop, "RETRY_S", 0.2)
    ran: list[str] = []
    begun, back = threading.Event(), threading.Event()

    def handler(request: ActionRequest) -> None:
        ran.append(request.intent_id)
        begun.set()
        assert back.wait(240)

    with Cluster(tmp_path / "kafka", plain=True) as cluster:
        site = Site.up(Rig.up(cluster.bootstrap, tmp_path))
        site.grant("i")
        with site.serving(handler):
            assert begun.wait(240)
            cluster.kill(1)
            back.set()
            cluster.up()
            site.grant("j")
            while {b"i", b"j"} != {each.key for each in site.outcomes()}:  # "i" may come twice
                time.sleep(0.1)
        reports = {each.value for each in site.outcomes() if each.key == b"i"}
    assert (["i", "j"], 1) == (ran, len(reports))
    assert "the broker is away; retrying until it is back" in caplog.text


def test_a_broker_away_at_the_start_is_a_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No broker at the start: BrokerError within a bound, so that a supervisor sees it."""
    monkeypatch.setattr(loop, "AWAY_S", 1.0)
    keys = Keys()
    settings = load_settings(bootstrap="127.0.0.1:1", home=tmp_path)
    settings.directory.write_text(keys.directory_text())
    executor = Executor(EXECUTOR, settings, key=keys.executor, seal_key=keys.executor_seal)
    with pytest.raises(BrokerError) as caught:
        executor.run()
    assert "broker_away" == caught.value.code


def test_keys_that_the_directory_lacks_are_told_before_anything_runs(site: Site) -> None:
    """Outcomes under an unknown key would all be refused: better not to start."""
    keys, settings, directory = site.rig.keys, site.rig.settings, site.rig.directory
    stranger = SigningKey.new("stranger")
    with pytest.raises(KeyringError, match="stranger"):
        Executor(
            EXECUTOR, settings, key=stranger, seal_key=keys.executor_seal, directory=directory
        ).run()
    with pytest.raises(SettingsError, match="mail"):
        Executor(
            "mail", settings, key=keys.executor, seal_key=keys.executor_seal, directory=directory
        ).run()


def test_one_action_has_one_handler(site: Site) -> None:
    """A second handler for an action is an error, not a replacement."""
    executor = site.executor(lambda _: None)
    with pytest.raises(SettingsError):
        executor.handler("db.query")(lambda _: None)
