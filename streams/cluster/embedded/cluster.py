"""An embedded cluster under one directory: up, down, status, reset, from any process.

Whoever changes the cluster holds its lock. Only what was made here is ever deleted: the `node-*`
directories and the state file, never the home itself.
"""

import base64
import contextlib
import dataclasses
import secrets
import shutil
import signal
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from streams.cluster.embedded import guard, jars, launch, ports, process, state
from streams.cluster.embedded.config import Address
from streams.cluster.embedded.guard import Tls
from streams.cluster.embedded.state import ClusterRecord, NodeRecord
from streams.errors import BrokerError
from streams.extras import need

UP_TIMEOUT_S = 120.0
DOWN_GRACE_S = 15.0  # then killed: the last of three has no quorum left to say goodbye to
LOCK_TIMEOUT_S = 300.0  # longer than a start, jars included: a second `up` waits for the first
PORT_TRIES = 3
BROKERS_ALLOWED = (1, 3)


@dataclasses.dataclass(frozen=True)
class NodeState:
    """What is known of one node; `last_lines` of its log are there only if it died."""

    id: int
    pid: int | None
    port: int
    alive: bool
    log: Path
    last_lines: tuple[str, ...] = ()

    @property
    def died(self) -> bool:
        """Tell whether the node ended without being told to."""
        return self.pid is not None and not self.alive


class Cluster:
    """One broker, or three that replicate, under `home`.

    `brokers` and `port` default to what was recorded there, else one broker on a free port; three
    brokers take `port` and the two after it. A new cluster is guarded unless it is to be `plain`;
    its admin's credential is kept in `credentials`. With `tls` clients must speak TLS from the next
    start of the brokers on. Every method may raise BrokerError.
    """

    def __init__(  # noqa: PLR0913 - one cluster's choices, all but two by name
        self,
        home: Path,
        brokers: int | None = None,
        *,
        port: int | None = None,
        plain: bool = False,
        tls: Tls | None = None,
        credentials: Path | None = None,
        jar_directory: Path | None = None,
        notify: jars.Notify = jars.silent,
    ) -> None:
        if brokers is not None and brokers not in BROKERS_ALLOWED:
            raise BrokerError(f"{brokers} brokers: an embedded cluster has 1 or 3")
        self.home = home.absolute()
        self._brokers = brokers
        self._port = port
        self._plain = plain
        self._tls = tls
        self._credentials = credentials or self.home / guard.FOLDER
        self._jar_directory = jar_directory or jars.default_directory()
        self._notify = notify

    def __enter__(self) -> Self:
        self.up()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.down()

    @property
    def bootstrap(self) -> str:
        """Return the address list that clients start from."""
        return self._record().bootstrap

    @property
    def guarded(self) -> bool:
        """Tell whether clients must say who they are, and may do what they are allowed alone."""
        return self._record().guarded

    def up(self, timeout_s: float = UP_TIMEOUT_S) -> str:
        """Start whatever does not run, wait until all brokers serve; return the address list."""
        need("embedded")
        with state.locked(self.home, LOCK_TIMEOUT_S):
            for tries_left in reversed(range(PORT_TRIES)):
                try:
                    return self._up(timeout_s)
                except BrokerError as error:
                    if error.code != ports.TAKEN or self._port or not tries_left:
                        raise
        raise AssertionError  # the last try returns or raises

    def down(self, grace_s: float = DOWN_GRACE_S) -> int:
        """Stop all brokers, the stubborn ones by force after `grace_s` seconds; return how many."""
        if state.load(self.home) is None:
            return 0
        with state.locked(self.home, LOCK_TIMEOUT_S):
            return self._stop(grace_s)

    def status(self) -> list[NodeState]:
        """Return the state of every node; nothing if there never was a cluster here."""
        record = state.load(self.home)
        return _states(self.home, record) if record else []

    def check(self) -> None:
        """Raise BrokerError if a broker ended: with its last log lines unless it was told to."""
        record = self._record()
        nodes = launch.nodes_of(self.home, record)
        for node, found in zip(nodes, _states(self.home, record), strict=True):
            if found.died:
                raise node.failure("died")
            if not found.alive:
                raise BrokerError(
                    f"broker {found.id} was stopped by another command", code="broker_away"
                )

    def reset(self) -> None:
        """Stop the cluster and delete its data, logs and state."""
        with state.locked(self.home, LOCK_TIMEOUT_S):
            with contextlib.suppress(BrokerError):  # an unreadable record is a reason to reset
                self._stop(DOWN_GRACE_S)
            for directory in self.home.glob("node-*"):
                shutil.rmtree(directory)
            shutil.rmtree(self.home / guard.FOLDER, ignore_errors=True)
            (self.home / state.STATE_NAME).unlink(missing_ok=True)

    def kill(self, node_id: int, signum: int = signal.SIGKILL) -> None:
        """Signal one broker behind the cluster's back: what a test of a lost broker needs."""
        record = self._record()
        pid = next(each.pid for each in record.nodes if each.address.id == node_id)
        process.send(pid, record.token(node_id), signum)
        while signum == signal.SIGKILL and process.is_alive(pid, record.token(node_id)):
            time.sleep(process.POLL_S)

    def _up(self, timeout_s: float) -> str:
        record = state.load(self.home) or self._new()
        if self._brokers not in (None, len(record.nodes)):
            raise BrokerError(
                f"{self.home} holds a cluster of {len(record.nodes)}, not of {self._brokers}",
                hint="`phigate kafka reset` deletes it; `--home` keeps another elsewhere",
            )
        alive = {each.id for each in _states(self.home, record) if each.alive}
        record = self._with_tls(ports.assign(record, alive, self._port), alive)
        state.save(self.home, record)
        nodes = launch.nodes_of(self.home, record)
        dead = [node for node in nodes if node.address.id not in alive]
        if dead:
            launch.start(self._launch(timeout_s, record), record, dead)
        else:
            launch.wait(record, nodes, [], timeout_s)
        return record.bootstrap

    def _new(self) -> ClusterRecord:
        cluster_id = _cluster_id()
        ids = range(1, (self._brokers or 1) + 1)
        nodes = tuple(NodeRecord(Address(i, 0, 0)) for i in ids)
        return ClusterRecord(cluster_id, nodes, guarded=not self._plain)

    def _with_tls(self, record: ClusterRecord, alive: set[int]) -> ClusterRecord:
        if self._tls in (None, record.tls):
            return record
        if alive or not record.guarded:
            raise BrokerError(
                f"{self.home} cannot change to TLS while a broker runs, or without users",
                hint="`phigate kafka down` first; a cluster without users: `phigate kafka reset`",
            )
        return dataclasses.replace(record, tls=self._tls)

    def _launch(self, timeout_s: float, record: ClusterRecord) -> launch.Launch:
        """Return what a start needs; a cluster that was made without a guard stays without."""
        held = None
        if record.guarded:
            fresh = not any(node.formatted for node in launch.nodes_of(self.home, record))
            own = self.home / guard.FOLDER
            held = guard.load(own, self._credentials, record.tls, fresh=fresh)
        elif not self._plain:
            self._notify("this cluster was made without users and access rights: anybody here may")
            self._notify("do anything; `phigate kafka reset` deletes it, `up` makes a guarded one")
        return launch.Launch(
            self.home, self._jar_directory, timeout_s, DOWN_GRACE_S, self._notify, held
        )

    def _stop(self, grace_s: float) -> int:
        record = state.load(self.home)
        if record is None:
            return 0
        return launch.stop(self.home, record, [each.id for each in record.addresses], grace_s)

    def _record(self) -> ClusterRecord:
        record = state.load(self.home)
        if record is None:
            raise BrokerError(
                f"there is no cluster under {self.home}", hint="`phigate kafka up` makes one"
            )
        return record


def _states(home: Path, record: ClusterRecord) -> list[NodeState]:
    found = []
    for node, each in zip(launch.nodes_of(home, record), record.nodes, strict=True):
        alive = process.is_alive(each.pid, node.token)
        lines = node.last_lines() if each.pid is not None and not alive else ()
        found.append(
            NodeState(node.address.id, each.pid, node.address.port, alive, node.log, lines)
        )
    return found


def _cluster_id() -> str:
    """Draw an id as Kafka writes them (22 characters of URL-safe base64), without a dash in front.

    Kafka's own tool would take that for an option; Kafka's `Uuid.randomUuid` avoids it as well.
    """
    while True:
        drawn = base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")
        if not drawn.startswith("-"):
            return drawn
