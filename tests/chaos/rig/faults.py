"""The table of faults: each does its harm, waits where that takes time, and mends what it broke.

Workers are started again by the product's supervisor, brokers by hand.
"""

import json
import os
import random  # noqa: TID251 - a seed that reproduces a run
import shutil
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from confluent_kafka import KafkaException

from streams.clock import now_ms
from streams.cluster.embedded.cluster import Cluster
from streams.errors import BrokerError
from streams.settings import Settings
from streams.wire import client, topics
from streams.worker.faust.app import SESSION_S
from streams.worker.supervise import Child
from tests.chaos.rig import upgrade
from tests.chaos.rig.crew import Crew, children_of
from tests.chaos.rig.history import INPUTS
from tests.chaos.rig.proxy import Proxy
from tests.chaos.rig.site import change_policy

BROKER_DOWN_S = (3.0, 9.0)
CUT_S = (1.0, 6.0)
SLOW_S, SLOW_FOR_S = (0.05, 0.4), (5.0, 12.0)
CLOCK_MS = 120_000  # within what admit takes for a skew; further than a verdict takes
TERM_S = 30.0
EMPTY_S = 60.0  # a member that was killed counts for as long as its session
OVERLOAD_BATCH, OVERLOAD_RATE = 100, 100.0  # a second; two cores admit some ten
MEND_TRIES, MEND_S = 3, 300.0
CALM_S = 60.0  # how long a rolling restart waits for all replicas


@dataclass
class Shared:
    """What the faults of a run leave behind, and all strikers see."""

    policies: int = 0
    next_version: Path | None = None
    drained_s: float = 0.0  # the longest that a worker took to finish when told


@dataclass
class World:
    """All that can be broken; `dice` decides what is."""

    settings: Settings
    cluster: Cluster
    proxy: Proxy
    crew: Crew
    dice: random.Random = field(default_factory=random.Random)  # each striker has its own
    burst: Callable[[int], None] = lambda _: None
    overload_s: float = 10.0
    shared: Shared = field(default_factory=Shared)

    def worker(self, role: str = "") -> Child:
        """Choose a worker."""
        found = self.crew.children(role or self.dice.choice(("admit", "fold", "audit")))
        return self.dice.choice(found)

    def between(self, bounds: tuple[float, float]) -> float:
        """Choose a duration."""
        return self.dice.uniform(*bounds)


class NotDone(Exception):  # noqa: N818 - it is no error
    """A fault that hit nothing, or not all it should have: it does not count."""


def _kill(role: str) -> Callable[[World], str]:
    def kill(world: World) -> str:
        child = world.worker(role)
        world.crew.signal(child, signal.SIGKILL)
        return child.name

    return kill


def _pause(role: str) -> Callable[[World], str]:
    """Stop a worker for longer than its session, then let it go on: the zombie."""

    def pause(world: World) -> str:
        child = world.worker(role)
        seconds = SESSION_S + world.between((2.0, 6.0))
        pid = world.crew.signal(child, signal.SIGSTOP)
        time.sleep(seconds)
        if child.process is not None and child.process.pid == pid:
            world.crew.signal(child, signal.SIGCONT)
        return f"{child.name} for {seconds:.0f} s"

    return pause


def _nap(world: World) -> str:
    """Stop a worker for less than its session: it still owns what it owned."""
    child = world.worker()
    seconds = world.between((2.0, SESSION_S - 2.0))
    world.crew.signal(child, signal.SIGSTOP)
    time.sleep(seconds)
    world.crew.signal(child, signal.SIGCONT)
    return f"{child.name} for {seconds:.0f} s"


def _wipe(world: World) -> str:
    child = world.worker(world.dice.choice(("fold", "audit")))
    world.crew.wipe(child)
    return child.name


def _hang(world: World) -> str:
    """Stop one masking process for good: the pool has to notice, end it and start another."""
    child = world.worker("admit")
    masking = [
        grandchild
        for server in children_of(child.process.pid if child.process else 0)
        for grandchild in children_of(server)
    ]
    if not masking:
        raise NotDone(f"{child.name} masks nothing yet")
    with suppress(ProcessLookupError):
        os.kill(world.dice.choice(masking), signal.SIGSTOP)
    return child.name


def _clock(world: World) -> str:
    """Step one worker's clock, and back again."""
    child = world.worker(world.dice.choice(("admit", "fold")))
    step_ms = world.dice.choice((-CLOCK_MS, CLOCK_MS))
    file = world.crew.folder(child) / "clock"
    file.write_text(str(step_ms))
    time.sleep(world.between(SLOW_FOR_S))
    file.write_text("0")
    return f"{child.name} by {step_ms // 1000} s"


def _restart(world: World, child: Child) -> None:
    """Tell a worker to finish, and wait until the supervisor has it up again."""
    took_s = world.crew.term(child, TERM_S)
    world.shared.drained_s = max(world.shared.drained_s, took_s)
    world.crew.wait_up(child)


def _roll_workers(world: World) -> str:
    """Restart every worker of a role, one after the other."""
    role = world.dice.choice(("admit", "fold", "audit"))
    for child in world.crew.children(role):
        _restart(world, child)
    return role


def _policy(world: World) -> str:
    """Change the policy and restart every admit, as an operator does."""
    world.shared.policies += 1
    change_policy(world.settings, world.shared.policies)
    for child in world.crew.children("admit"):
        _restart(world, child)
    return f"change {world.shared.policies}"


def _upgrade(world: World) -> str:
    """Go over to the next version, and another policy, worker by worker under load; once a run."""
    if world.shared.next_version is not None:
        raise NotDone("once a run")
    world.shared.next_version = upgrade.make(world.settings.home / "next")
    world.shared.policies += 1
    change_policy(world.settings, world.shared.policies)
    for role in upgrade.ORDER:
        for child in world.crew.everyone(role):
            child.cwd = world.shared.next_version
            _restart(world, child)
    return "audit, fold, admit"


def _overload(world: World) -> str:
    """Send far more than the gate can take, not through the SDK, which would wait."""
    began_s, sent = time.monotonic(), 0
    while time.monotonic() - began_s < world.overload_s:
        world.burst(OVERLOAD_BATCH)
        sent += OVERLOAD_BATCH
        time.sleep(OVERLOAD_BATCH / OVERLOAD_RATE)
    return f"{sent} intents in {time.monotonic() - began_s:.0f} s"


def _kill_executor(world: World) -> str:
    child = world.worker("executor")
    world.crew.signal(child, signal.SIGKILL)
    return child.name


def _ledger_restored(world: World) -> str:
    """Copy an executor's ledger while it stands still, and put the copy back a little later."""
    child = world.worker("executor")
    file = _ledger(world, child)
    copy = file.with_suffix(".copy")
    with world.crew.down([child], TERM_S):
        if not file.exists():
            raise NotDone(f"{child.name} has no ledger yet")
        _remove(copy)
        for each in file.parent.glob(f"{file.name}*"):
            shutil.copy(each, copy.with_name(copy.name + each.name.removeprefix(file.name)))
    time.sleep(world.between(SLOW_FOR_S))
    world.crew.signal(child, signal.SIGKILL)
    with world.crew.down([child], TERM_S):
        _remove(file)
        for each in copy.parent.glob(f"{copy.name}*"):
            each.rename(file.with_name(file.name + each.name.removeprefix(copy.name)))
    return child.name


def _offsets_lost(world: World) -> str:
    """Delete the executors' group, and all their ledgers with it."""
    children = world.crew.children("executor")
    group = topics.app_id(world.settings, "executor-clinic")
    with world.crew.down(children, TERM_S):
        _delete_group(world, group)
        for child in children:
            _remove(_ledger(world, child))
    return group


def _delete_group(world: World, group: str) -> None:
    """Delete a group once the broker has seen its last member go."""
    admin = client.admin(world.settings)
    end_s = time.monotonic() + EMPTY_S
    while True:
        try:
            admin.delete_consumer_groups([group])[group].result(20)
        except KafkaException as error:
            if time.monotonic() > end_s:
                raise NotDone(str(error.args[0].name())) from None
            time.sleep(1.0)
        else:
            return


def _ledger(world: World, child: Child) -> Path:
    number = child.name.rpartition("-")[2]
    return world.settings.home / "executors" / f"clinic-{number}.sqlite3"


def _remove(file: Path) -> None:
    """Remove a database and what SQLite keeps beside it."""
    for each in file.parent.glob(f"{file.name}*"):
        each.unlink()


# ---------------------------------------------------------------- brokers


def _kill_broker(choose: Callable[[World], int]) -> Callable[[World], str]:
    def kill(world: World) -> str:
        number = choose(world)
        world.cluster.kill(number)
        time.sleep(world.between(BROKER_DOWN_S))
        world.cluster.up()
        return f"broker {number}"

    return kill


def _any(world: World) -> int:
    return world.dice.choice((1, 2, 3))


def _controller(world: World) -> int:
    """Return who leads the quorum, as the nodes' own state has it."""
    for path in sorted(world.cluster.home.glob("node-*/data/__cluster_metadata-0/quorum-state")):
        try:
            leader = int(json.loads(path.read_text())["leaderId"])
        except (OSError, ValueError, KeyError):
            continue
        if leader > 0:
            return leader
    return _any(world)


def _leader(world: World) -> int:
    """Return who leads one of the log's partitions."""
    cases = topics.name(world.settings, "cases")
    found = client.admin(world.settings).list_topics(topic=cases, timeout=10).topics[cases]
    number = world.dice.randrange(world.settings.partitions)
    return int(found.partitions[number].leader)


def _roll_brokers(world: World) -> str:
    """Restart every broker in order, each once all replicas are there again."""
    for state in world.cluster.status():
        calm(world)
        world.cluster.kill(state.id, signal.SIGTERM)
        end_s = time.monotonic() + TERM_S
        while world.cluster.status()[state.id - 1].alive and time.monotonic() < end_s:
            time.sleep(0.2)
        world.cluster.kill(state.id)
        world.cluster.up()
    return "1, 2, 3"


def calm(world: World, timeout_s: float = CALM_S) -> bool:
    """Wait until every partition has all its replicas."""
    admin = client.admin(world.settings)
    end_s = time.monotonic() + timeout_s
    while time.monotonic() < end_s:
        found = admin.list_topics(timeout=20).topics.values()
        partitions = [each for topic in found for each in topic.partitions.values()]
        if all(len(each.isrs) == len(each.replicas) for each in partitions):
            return True
        time.sleep(0.5)
    return False


# ---------------------------------------------------------------- the way there


def _cut(world: World) -> str:
    """Shut one broker's door to all workers."""
    front = world.dice.choice(world.proxy.fronts)
    world.proxy.shut(front)
    time.sleep(world.between(CUT_S))
    world.proxy.reopen(front)
    return f"door {front}"


def _cut_worker(world: World) -> str:
    """Cut every connection of one worker, several times."""
    child = world.worker()
    for _ in range(3):
        if child.process is not None:
            world.proxy.cut_process(child.process.pid)
        time.sleep(world.between((0.1, 1.5)))
    return child.name


def _slow(world: World) -> str:
    """Hold back everything between the workers and one broker."""
    front, seconds = world.dice.choice(world.proxy.fronts), world.between(SLOW_S)
    world.proxy.slow(front, seconds)
    time.sleep(world.between(SLOW_FOR_S))
    world.proxy.slow(front, 0.0)
    return f"door {front} by {seconds * 1000:.0f} ms"


def _duplicate(world: World) -> str:
    """Produce the newest inputs once more, in another order."""
    copies = []
    for name in INPUTS:
        topic = topics.name(world.settings, name)
        since_ms = now_ms() - 20_000
        found = list(client.records(world.settings, topic, since_ms=since_ms))
        copies += [(topic, each.key, each.value) for each in found[-15:]]
    world.dice.shuffle(copies)
    _produce(world, copies)
    return f"{len(copies)} records"


def _poison(world: World) -> str:
    """Produce what cannot be read, to every input and to the log itself."""
    names = (*INPUTS, "cases")
    junk = [world.dice.randbytes(world.dice.randrange(200)) for _ in range(len(names) * 3)]
    keys = [world.dice.choice((b"junk", b"", None)) for _ in junk]
    places = [topics.name(world.settings, names[at % len(names)]) for at in range(len(junk))]
    _produce(world, list(zip(places, keys, junk, strict=True)))
    return f"{len(junk)} records"


def _produce(world: World, records: list[tuple[str, bytes | None, bytes | None]]) -> None:
    producer = client.producer(world.settings)
    for topic, key, value in records:
        client.deliver(producer, topic, key, value)


Fault = Callable[[World], str]

FAULTS: Mapping[str, Fault] = {
    "kill_admit": _kill("admit"),
    "kill_fold": _kill("fold"),
    "kill_audit": _kill("audit"),
    "kill_executor": _kill_executor,
    "ledger_restored": _ledger_restored,
    "offsets_lost": _offsets_lost,
    "pause_admit": _pause("admit"),
    "pause_fold": _pause("fold"),
    "pause_audit": _pause("audit"),
    "nap": _nap,
    "wipe": _wipe,
    "hang": _hang,
    "clock": _clock,
    "kill_broker": _kill_broker(_any),
    "kill_controller": _kill_broker(_controller),
    "kill_leader": _kill_broker(_leader),
    "roll_workers": _roll_workers,
    "roll_brokers": _roll_brokers,
    "policy": _policy,
    "upgrade": _upgrade,
    "cut": _cut,
    "cut_worker": _cut_worker,
    "slow": _slow,
    "duplicate": _duplicate,
    "poison": _poison,
    "overload": _overload,
}


def strike(world: World, name: str) -> str:
    """Do one fault to its end; return what it hit. NotDone for one that could not be ended well."""
    try:
        return FAULTS[name](world)
    except (BrokerError, OSError) as error:
        _mend(world)
        raise NotDone(type(error).__name__) from error


def _mend(world: World) -> None:
    """Start the brokers that are down, however slow the machine is."""
    for tries_left in reversed(range(MEND_TRIES)):
        try:
            world.cluster.up(MEND_S)
        except BrokerError:
            if not tries_left:
                raise
