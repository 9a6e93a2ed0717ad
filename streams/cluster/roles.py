"""Who may do what in Kafka, in one table beside that of the topics; nothing else is allowed.

A role is one Kafka user. It may read and write the topics named here and take part in the groups
named here; three roles see every topic's settings, to refuse a cluster that is not fit. Nobody here
creates, changes or deletes one of our topics, or touches users and rights: that is the admin's, who
stands outside of the table. No right to idempotent writes is needed: Kafka has it follow from the
right to write since 3.0 (KIP-679). Nothing here uses transactions.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from streams.cluster import shape
from streams.directory import Directory
from streams.wire import topics
from streams.wire.topic import READER, Topic, app_id

if TYPE_CHECKING:
    from streams.settings import Settings

Kind = Literal["topic", "group"]
Operation = Literal["read", "write", "describe", "describe_configs", "create"]

CLASSES: Final = "approved.<class>"  # in the table: every such topic, or the executor's own
BEGUN: Final = "begun.<class>"  # likewise
EXECUTOR: Final = "executor-"
EXPORTS: Final = "export."  # topics of this head, behind the prefix, are the exporter's to make
EXPORT_GROUPS: Final = "phigate-export-"


@dataclass(frozen=True, slots=True)
class Role:
    """One kind of process. Topics by their short names; `member` and `sees` name groups.

    Of the topics in `measures` it may ask how long they are, and no more. `settings` tells whether
    it sees every topic's settings, `exports` whether it may make topics for what it exports.
    """

    name: str
    what: str
    writes: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    member: tuple[str, ...] = ()
    sees: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    settings: bool = False
    exports: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Right:
    """One thing that one user may do: an ACL of Kafka that allows, from every host."""

    principal: str
    kind: Kind
    name: str
    operation: Operation
    prefixed: bool = False


TABLE: Final = (
    Role(
        "agent",
        "proposes, and waits for the answer",
        writes=("intents", "cancels"),  # it may cancel what it proposed
        reads=("requests", "verdicts", "cancels"),
        sees=("admit-positions", "fold"),
        measures=("cases",),
    ),
    Role(
        "admit",
        "the worker that reads what came in",
        writes=("cases",),
        reads=("intents", "decisions", "outcomes", "controls", "cancels"),
        member=("admit", "admit-positions"),
        settings=True,
    ),
    Role(
        "fold",
        "the worker that decides",
        writes=("cases", "requests", "verdicts", CLASSES, "fold-cases-changelog"),
        # its own views too: it mends a stale one
        reads=("cases", "checkpoints", "fold-cases-changelog", "requests", "verdicts"),
        member=("fold",),
        settings=True,
    ),
    Role(
        "audit",
        "the worker that keeps the evidence",
        writes=("audit", "checkpoints", "audit-cases-changelog"),
        reads=("cases", "checkpoints", "audit-cases-changelog"),
        member=("audit",),
        settings=True,
    ),
    Role(
        "approver",
        "looks at what waits, and decides",
        writes=("decisions",),
        reads=("requests", "audit"),
    ),
    Role(
        f"{EXECUTOR}<class>",
        "runs what was granted to its class",
        writes=("outcomes", BEGUN),
        reads=(CLASSES, BEGUN, "controls", "cancels"),
        member=(f"{EXECUTOR}<class>",),
    ),
    Role("auditor", "verifies and reports", reads=("audit", "checkpoints"), settings=True),
    Role(
        "witness",
        "cosigns what only grew",
        writes=("checkpoints",),
        reads=("audit", "checkpoints"),
    ),
    Role("exporter", "sends the audit on to a SIEM", reads=("audit",), exports=True),
    Role("officer", "halts and revokes", writes=("controls",), reads=("audit", "controls")),
)


def roles(executors: Iterable[str]) -> tuple[Role, ...]:
    """Return every role, with one executor for each class."""
    found: list[Role] = []
    for role in TABLE:
        if role.name.startswith(EXECUTOR):
            found += [_of_class(role, each) for each in sorted(set(executors))]
        else:
            found.append(role)
    return tuple(found)


def _of_class(role: Role, cls: str) -> Role:
    own = f"{EXECUTOR}{cls}"
    return replace(
        role,
        name=own,
        writes=tuple(each.replace("<class>", cls) for each in role.writes),
        reads=tuple(each.replace("<class>", cls) for each in role.reads),
        member=(own,),
    )


def ours(settings: "Settings") -> tuple[Role, ...]:
    """Return every role of these settings; SettingsError where their directory does not load."""
    if not settings.directory.exists():
        return roles(())
    return roles(Directory.load(settings.directory).executors)


def user(settings: "Settings", role: str) -> str:
    """Return the name of a role's user in Kafka."""
    return settings.principals.get(role) or app_id(settings, role)


def is_limited(role: Role) -> bool:
    """Tell whether a role stands outside the gate and sends to it, so that it gets a quota."""
    return role.name in {"agent", "approver"} or role.name.startswith(EXECUTOR)


def is_ours(settings: "Settings", name: str) -> bool:
    """Tell whether a user is one that this table makes, or made for a class that has gone."""
    known = {user(settings, role.name) for role in TABLE} | set(settings.principals.values())
    return name in known or name.startswith(app_id(settings, EXECUTOR))


# ---------------------------------------------------------------- what Kafka is told


def rights(settings: "Settings", role: Role, table: Iterable[Topic]) -> Iterator[Right]:
    """Yield what a role may do, on the topics of the table that are there."""
    principal = f"User:{user(settings, role.name)}"
    for topic in table:
        name, label = topic.full_name(settings.prefix), short_name(topic)
        for operation, labels in (("read", role.reads), ("write", role.writes)):
            if label in labels or (CLASSES in labels and label.startswith("approved.")):
                yield Right(principal, "topic", name, _operation(operation))
        if role.settings or label in role.measures:
            yield Right(principal, "topic", name, "describe")
        if role.settings:
            yield Right(principal, "topic", name, "describe_configs")
    for group in role.member:
        yield Right(principal, "group", app_id(settings, group), "read")
    if role.reads:
        yield Right(principal, "group", READER, "describe")
    for group in role.sees:
        yield Right(principal, "group", app_id(settings, group), "describe")
    if role.exports:
        head = topics.name(settings, EXPORTS)
        yield Right(principal, "topic", head, "create", prefixed=True)
        yield Right(principal, "topic", head, "write", prefixed=True)
        yield Right(principal, "group", EXPORT_GROUPS, "read", prefixed=True)


def _operation(name: str) -> Operation:
    return "read" if name == "read" else "write"


def wanted(settings: "Settings") -> set[Right]:
    """Return every right of every role; SettingsError where the directory does not load."""
    table = shape.ours(settings)
    return {right for role in ours(settings) for right in rights(settings, role, table)}


def short_name(topic: Topic) -> str:
    """Return how the table here calls a topic."""
    return f"{topic.table}-{topic.name}-changelog" if topic.table else topic.name


# ---------------------------------------------------------------- for people


def matrix() -> str:
    """Return the table as Markdown: a line for each topic, who writes it and who reads it."""
    labels = [short_name(topic) for topic in topics.TABLE]
    after = labels.index("verdicts") + 1
    labels[after:after] = [CLASSES, BEGUN]
    lines = ["| topic | may write | may read |", "|---|---|---|"]
    for label in labels:
        writers = _names(role for role in TABLE if label in role.writes)
        readers = _names(role for role in TABLE if label in role.reads)
        lines.append(f"| `{label}` | {writers} | {readers} |")
    return "\n".join(lines)


def _names(found: Iterable[Role]) -> str:
    return ", ".join(f"`{role.name}`" for role in found) or "nobody"
