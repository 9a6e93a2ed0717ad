"""Which ports the nodes of a cluster get.

A node that runs keeps its ports. One that does not gets back those of last time if they are free,
else others, as long as no running node knows it by the old ones.
"""

import dataclasses
from collections.abc import Iterator

from streams.cluster.embedded import process
from streams.cluster.embedded.config import Address
from streams.cluster.embedded.state import ClusterRecord, NodeRecord
from streams.errors import BrokerError

TAKEN = "port_taken"  # the code of every error here: a start may be tried again with other ports


def assign(record: ClusterRecord, alive: set[int], first_port: int | None) -> ClusterRecord:
    """Return the record with ports that can be had now.

    `first_port` fixes the clients' ports: it and those after it, one a node, in order. BrokerError
    if a port that may not change is taken, or if a running node listens elsewhere than asked.
    """
    spare = iter(process.free_ports(2 * len(record.nodes)))
    return dataclasses.replace(
        record,
        nodes=tuple(
            _keep(node, fixed) if node.address.id in alive else _find(node, fixed, spare, alive)
            for node, fixed in zip(record.nodes, _fixed(record, first_port), strict=True)
        ),
    )


def _fixed(record: ClusterRecord, first_port: int | None) -> list[int | None]:
    count = len(record.nodes)
    return [None] * count if first_port is None else [first_port + i for i in range(count)]


def _keep(node: NodeRecord, fixed: int | None) -> NodeRecord:
    if fixed not in (None, node.address.port):
        raise BrokerError(
            f"broker {node.address.id} already runs, on port {node.address.port}, not {fixed}",
            hint="`phigate kafka down` first",
        )
    return node


def _find(node: NodeRecord, fixed: int | None, spare: Iterator[int], alive: set[int]) -> NodeRecord:
    wanted, controller = fixed or node.address.port, node.address.controller_port
    may_move = not alive
    port = _one(wanted, next(spare), may_move=may_move and fixed is None)
    address = Address(node.address.id, port, _one(controller, next(spare), may_move=may_move))
    return NodeRecord(address)


def _one(wanted: int, spare: int, *, may_move: bool) -> int:
    if wanted and process.is_free(wanted):
        return wanted
    if not may_move:
        raise BrokerError(
            f"port {wanted} is taken by another process",
            code=TAKEN,
            hint="end that process, or stop the cluster and start it on other ports",
        )
    return spare
