"""The topics of a cluster, held against the table of `wire`: what differs, and mending it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from streams.cluster import admin
from streams.cluster.plan import Change, ClusterState, Wanted, plan, violations
from streams.directory import Directory
from streams.errors import TopicError
from streams.wire.topic import Topic, replication
from streams.wire.topics import table

if TYPE_CHECKING:
    from streams.settings import Settings

__all__ = ["apply", "changes", "check", "compare", "ours"]


def compare(
    settings: "Settings", executors: Iterable[str] | None = None
) -> tuple[ClusterState, Wanted]:
    """Return what the cluster has of our topics, and what it should have; may raise BrokerError.

    Without `executors`, the classes are the directory's (SettingsError where it does not load).
    """
    wanted = ours(settings) if executors is None else table(executors)
    state = admin.read(settings, [topic.full_name(settings.prefix) for topic in wanted])
    copies = replication(settings.replication, state.brokers)
    return state, Wanted(wanted, settings.prefix, settings.partitions, copies)


def changes(settings: "Settings", executors: Iterable[str] | None = None) -> list[Change]:
    """Return what `apply` would do, and what it would refuse; errors as for `compare`."""
    return plan(*compare(settings, executors))


def apply(settings: "Settings", executors: Iterable[str] | None = None) -> list[Change]:
    """Make the cluster's topics as the table has them, and return what was changed.

    TopicError, before anything is changed, where a change would lose data; else as for `compare`.
    """
    state, wanted = compare(settings, executors)
    todo = plan(state, wanted)
    admin.apply(settings, todo, wanted)
    if todo:
        admin.await_seen(settings, lambda: not plan(*compare(settings, executors)))
    return todo


def check(settings: "Settings", executors: Iterable[str] | None = None) -> None:
    """Return if workers may run on this cluster; else TopicError names each topic and setting."""
    broken = violations(*compare(settings, executors))
    if broken:
        raise TopicError(
            "the cluster's topics are not fit for use:\n" + "\n".join(f"  {x}" for x in broken),
            hint="`phigate topics plan` shows what to change, `phigate topics apply` changes it",
        )


def ours(settings: "Settings") -> tuple[Topic, ...]:
    """Return every topic of these settings; SettingsError where their directory does not load."""
    if not settings.directory.exists():
        return table()  # whoever needs the directory will say so
    return table(Directory.load(settings.directory).executors)
