"""Once, whatever was lost or put back: positions, ledgers, notes; on a real broker."""

import shutil
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from confluent_kafka import TopicPartition

from streams.events import Status, derived_id
from streams.executor import ActionRequest, loop
from streams.executor.ledger import Ledger, inspect
from streams.signing import SigningKey
from streams.wire import client, topics
from tests.agent.rig import EXECUTOR
from tests.executor.site import APPROVED, FAR_MS, Site

pytestmark = pytest.mark.kafka


class PowerCut(BaseException):
    """The executor ends here; it leaves its group, so that the group can be deleted at once."""


def group(site: Site) -> str:
    """Return the consumer group of the site's executors."""
    return topics.app_id(site.rig.settings, f"executor-{EXECUTOR}")


def lose_position(site: Site) -> None:
    """Delete the consumer group, as an administrator can once nobody is in it."""
    admin = client.admin(site.rig.settings)
    for deleted in admin.delete_consumer_groups([group(site)]).values():
        deleted.result(120)


def reset_position(site: Site) -> None:
    """Set the group back to the beginning, as `kafka-consumer-groups --reset-offsets` does."""
    consumer = client.consumer(site.rig.settings, group(site))
    partitions = range(site.rig.settings.partitions)
    places = [TopicPartition(site.rig.topic(APPROVED), number, 0) for number in partitions]
    consumer.commit(offsets=places, asynchronous=False)
    consumer.close()


def lose_notes(site: Site) -> None:
    """Delete every record of the class's notes."""
    admin = client.admin(site.rig.settings)
    topic = site.rig.topic(f"begun.{EXECUTOR}")
    last = [TopicPartition(topic, number, -1) for number in range(site.rig.settings.partitions)]
    for deleted in admin.delete_records(last).values():
        deleted.result(120)


def die(site: Site, ledger: Path | None = None) -> None:
    """Serve until the handler cuts the power, or whatever comes before it."""
    over = threading.Event()

    def cut(request: ActionRequest) -> None:
        write_down(site, request)
        raise PowerCut

    def run() -> None:
        with pytest.raises(PowerCut):
            site.executor(cut, ledger=ledger).run()
        over.set()

    threading.Thread(target=run).start()
    assert over.wait(240)


def write_down(site: Site, request: ActionRequest) -> None:
    """Write down, outside of everything, that a handler was run."""
    with (site.home / "ran").open("a") as file:
        file.write(f"{request.grant_id}\n")


def served(site: Site, at_least: int, ledger: Path | None = None) -> dict[str, list[Status]]:
    """Serve until there are so many outcomes, and a little longer; return what was reported."""
    with site.serving(partial(write_down, site), ledger=ledger):
        site.outcomes(at_least)
        time.sleep(1.0)  # for what should not come
    said: dict[str, list[Status]] = {}
    for record in site.outcomes():
        statement, _ = site.said(record)
        said.setdefault(statement.intent_id, []).append(statement.status)
    return said


@pytest.mark.parametrize("lose", [lose_position, reset_position], ids=["deleted", "reset"])
def test_no_position_and_a_new_ledger_run_nothing_again(
    site: Site, lose: Callable[[Site], None]
) -> None:
    """What was done is neither run nor reported again; what nobody has begun yet runs, once."""
    for name in ("i", "j", "k"):
        site.grant(name)
    served(site, 3)
    lose(site)
    site.grant("new")
    said = served(site, 4, site.home / "another")
    assert {name: [Status.OK] for name in ("i", "j", "k", "new")} == said
    assert sorted(derived_id("grant", name) for name in said) == sorted(site.ran())


def test_what_was_interrupted_is_unknown_without_position_and_ledger(site: Site) -> None:
    """Killed in the handler; then the group is deleted, and the ledger is another one."""
    site.grant("i")
    die(site)
    lose_position(site)
    assert {"i": [Status.UNKNOWN]} == served(site, 1, site.home / "another")
    assert 1 == len(site.ran())


@pytest.mark.parametrize(
    "lose", [lambda _: None, lose_position, lose_notes], ids=["nothing", "position", "notes"]
)
def test_an_interrupted_grant_is_unknown_with_a_ledger_that_was_put_back(
    site: Site, lose: Callable[[Site], None]
) -> None:
    """A ledger from a copy finds itself older than the mark it left, and does not run it again."""
    site.grant("before")
    served(site, 1)
    shutil.copy(site.ledger, site.home / "copy")
    site.grant("i")
    die(site)
    for file in site.home.glob("ledger*"):
        file.unlink()
    shutil.copy(site.home / "copy", site.ledger)
    lose(site)
    said = served(site, 2)
    assert Status.UNKNOWN is said["i"][0]
    assert {Status.OK} == set(said["before"])
    assert [derived_id("grant", name) for name in ("before", "i")] == site.ran()


def test_a_crash_before_the_start_is_no_run_to_a_ledger_that_is_not_older(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the fence and the ledger's row: the same ledger knows that nothing ran.

    Another one cannot know it: to that the grant is unknown.
    """

    def cut(*_: object) -> None:
        raise PowerCut

    for name, ledger, status in (
        ("i", site.ledger, Status.OK),
        ("j", site.home / "another", Status.UNKNOWN),
    ):
        site.grant(name)
        with monkeypatch.context() as patch:
            patch.setattr(Ledger, "start", cut)
            die(site)
        assert [status] == served(site, 1, ledger)[name]
    assert [derived_id("grant", "i")] == site.ran()


def test_a_grant_under_a_key_that_comes_later_runs_once_it_is_here(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not passed over, also by a restart; what follows it runs; no restart is needed."""
    monkeypatch.setattr(loop, "RECHECK_S", 0.2)
    later, path = SigningKey.new("gate-grants"), site.rig.settings.directory
    for change in ({"key": later}, {"grant_id": "next"}):  # on one partition
        site.rig.put(APPROVED, "i", site.gate.grant("i", expires_at_ms=FAR_MS, **change))
    for reported in (1, 2):  # after a restart the second one is said again
        with site.serving(partial(write_down, site), by_file=True):
            site.outcomes(reported)
        assert (["next"], ["unknown_key"]) == (site.ran(), refused(site))
    with site.serving(partial(write_down, site), by_file=True):
        site.outcomes(3)
        known = site.rig.keys.grants.public.text
        path.write_text(path.read_text().replace(known, f"{known}, {later.public.text}"))
        site.outcomes(4)
    assert (["next", derived_id("grant", "i")], []) == (site.ran(), refused(site))
    site.grant("last")
    assert [Status.OK] == served(site, 5)["last"]
    assert 5 == len(site.outcomes())  # nothing that waited holds the position back any more


def refused(site: Site) -> list[str]:
    """Return the codes of what the ledger lists as refused."""
    return [each.code for each in inspect(site.ledger)[1]]
