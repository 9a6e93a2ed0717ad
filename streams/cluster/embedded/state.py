"""What the next command finds: one JSON file under the home, and a lock for who may change it."""

import contextlib
import dataclasses
import fcntl
import json
import time
from collections.abc import Iterator
from pathlib import Path

from streams import files
from streams.cluster.embedded.config import Address
from streams.cluster.embedded.guard import Tls
from streams.errors import BrokerError

STATE_NAME = "cluster.json"
LOCK_NAME = "lock"
POLL_S = 0.1


@dataclasses.dataclass(frozen=True)
class NodeRecord:
    """One node as it was last started; `pid` is None once it was stopped on purpose."""

    address: Address
    pid: int | None = None


@dataclasses.dataclass(frozen=True)
class ClusterRecord:
    """One cluster: its Kafka id and its nodes, in order of their ids; who may speak to it.

    A cluster that is not `guarded` was made so, or before there was a guard.
    """

    cluster_id: str
    nodes: tuple[NodeRecord, ...]
    guarded: bool = False
    tls: Tls | None = None

    @property
    def addresses(self) -> tuple[Address, ...]:
        """Return where the nodes listen."""
        return tuple(node.address for node in self.nodes)

    @property
    def bootstrap(self) -> str:
        """Return the address list that clients start from."""
        return ",".join(f"127.0.0.1:{each.port}" for each in self.addresses)

    def token(self, node_id: int) -> str:
        """Return what marks a node's process as ours: unique to this cluster and node."""
        return f"-Dphigate.node={self.cluster_id}.{node_id}"

    def with_pid(self, node_id: int, pid: int | None) -> "ClusterRecord":
        """Return the record with one node's process id changed."""
        nodes = tuple(
            dataclasses.replace(each, pid=pid) if each.address.id == node_id else each
            for each in self.nodes
        )
        return dataclasses.replace(self, nodes=nodes)


def load(home: Path) -> ClusterRecord | None:
    """Return the cluster recorded under `home`, if any; BrokerError if it cannot be read."""
    try:
        raw = json.loads((home / STATE_NAME).read_bytes())
        nodes = tuple(
            NodeRecord(Address(int(n["id"]), int(n["port"]), int(n["controller_port"])), n["pid"])
            for n in raw["nodes"]
        )
        files = {name: Path(place) for name, place in (raw.get("tls") or {}).items()}
        tls = Tls(**files) if files else None
        return ClusterRecord(str(raw["cluster_id"]), nodes, bool(raw.get("guarded")), tls)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BrokerError(
            f"{home / STATE_NAME} cannot be read: {error!r}",
            code="bad_state",
            hint="`phigate kafka reset` starts afresh, without the data",
        ) from error


def save(home: Path, record: ClusterRecord) -> None:
    """Write the record in one step: a reader finds the old one or the new one, never half."""
    nodes = [{**dataclasses.asdict(each.address), "pid": each.pid} for each in record.nodes]
    tls = record.tls and {name: str(place) for name, place in vars(record.tls).items()}
    head = {"cluster_id": record.cluster_id, "guarded": record.guarded, "tls": tls}
    files.write(home / STATE_NAME, json.dumps({**head, "nodes": nodes}, indent=1))


@contextlib.contextmanager
def locked(home: Path, timeout_s: float) -> Iterator[None]:
    """Be the only one to change the cluster under `home`; BrokerError after `timeout_s` seconds."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (home / LOCK_NAME).open("w") as file:
        deadline = time.monotonic() + timeout_s
        while not _try_lock(file.fileno()):
            if time.monotonic() > deadline:
                raise BrokerError(
                    f"another command has been changing {home} for {timeout_s:g} s",
                    code="home_busy",
                    hint="wait for it, or end it",
                )
            time.sleep(POLL_S)
        yield


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
