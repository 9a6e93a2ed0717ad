"""`phigate up`: broker, topics and workers together, and only what it started is stopped by it.

One `up` for each home: a second one says who runs and changes nothing. A broker that ran before is
left running. A worker that needs an operator does not end the others: what they have taken goes on,
and the log is signed.
"""

import fcntl
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from streams.cluster import access, shape
from streams.cluster.embedded.cluster import Cluster
from streams.errors import BrokerError, OperatorError
from streams.settings import Settings
from streams.wire import client, credential
from streams.worker.supervise import Child, Say, Supervisor

READY_S = 180.0
POLL_S = 0.2
LOCK = "up.lock"


def run(settings: Settings, brokers: int, roles: dict[str, int], say: Say) -> bool:
    """Run all until Ctrl-C or SIGTERM; False where a worker needed an operator.

    OperatorError where another `up` runs in this home, BrokerError where the broker ends.
    """
    with alone(settings.home), told_to_stop() as stopping, broker(settings, brokers, say) as held:
        _prepare(settings, held, say)
        supervisor = Supervisor(settings.home, roles, {}, say)
        try:
            say("starting workers ...")
            supervisor.start()
            if supervisor.wait_ready(READY_S, stopping):
                say(f"ready: broker {client.bootstrap(settings)}; Ctrl-C stops")
            if supervisor.stuck:  # nothing serves yet: a start that failed is told as one
                tell_stuck(supervisor, supervisor.stuck, say)
            else:
                tend(supervisor, held, stopping, say)
        finally:
            say("stopping ...")
            supervisor.stop()
        return not supervisor.stuck


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """Be the only `up` of a home; OperatorError that names the process which is."""
    folder = home / "workers"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / LOCK).open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            number = lock.read(20).strip()
            who = f"process {number}" if number.isdigit() else "another process"
            raise OperatorError(
                f"`phigate up` runs in {home} already, as {who}; nothing was changed",
                code="already_up",
                hint="Ctrl-C there stops it; another --home is another gate",
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def runs(home: Path) -> bool:
    """Return whether an `up` of this home runs now, by the lock that `alone` holds."""
    try:
        with (home / "workers" / LOCK).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


@contextmanager
def told_to_stop() -> Iterator[list[int]]:
    """Yield the list that SIGINT and SIGTERM are noted in."""
    received: list[int] = []
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(each, lambda got, _: received.append(got)) for each in numbers]
    try:
        yield received
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


@contextmanager
def broker(
    settings: Settings, brokers: int, say: Say, make: Callable[..., Any] = Cluster
) -> Iterator[Any]:
    """Have the embedded broker up, None where the settings name another cluster.

    It is stopped in the end only if none of it ran before.
    """
    if settings.bootstrap:
        yield None
        return
    cluster = make(settings.home / "kafka", brokers, credentials=settings.home / "credentials")
    ran = any(node.alive for node in cluster.status())
    say("the embedded broker runs already" if ran else "starting the embedded broker ...")
    try:
        cluster.up()
        yield cluster
    finally:
        if ran:
            say("the broker ran before, so it is left running: `phigate kafka down` stops it")
        else:
            cluster.down()


def tend(supervisor: Supervisor, cluster: Any, stopping: list[int], say: Say) -> None:
    """Keep workers running until told to stop, or until each of them needs an operator."""
    told: list[Child] = []
    while not stopping and len(supervisor.stuck) < len(supervisor.children):
        supervisor.tend()
        if cluster is not None:
            _check(cluster)
        fresh = [child for child in supervisor.stuck if child not in told]
        tell_stuck(supervisor, fresh, say)
        told += fresh
        time.sleep(POLL_S)


def tell_stuck(supervisor: Supervisor, stuck: list[Child], say: Say) -> None:
    """Say why workers cannot run."""
    for child in stuck:
        say(f"worker {child.name} cannot run:\n{supervisor.last_lines(child)}")
    if stuck:
        say("mend this, and run `phigate up` again")


def _check(cluster: Any) -> None:
    try:
        cluster.check()
    except BrokerError as error:
        hint = "`phigate up` starts it again; what was sent is not lost"
        more = f"; {error.hint}" if error.hint else ""
        raise BrokerError(str(error), code=error.code, hint=f"{hint}{more}") from None


def _prepare(settings: Settings, cluster: Any, say: Say) -> None:
    say("creating topics ...")
    shape.apply(credential.as_role(settings, credential.ADMIN))
    if cluster is not None and cluster.guarded:
        say("creating users and access rights ...")
        access.apply(credential.as_role(settings, credential.ADMIN))
