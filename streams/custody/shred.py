"""Shredding one intent: what can open its payload is destroyed, and every proof still verifies.

In this order, each step so that it can be run again:

    1  whether it may: the intent is known, not held, not open        (the caller, with `objection`)
    2  the order to do it, signed, in the log                         (the caller)
    3  the intent's share of every key file at hand is destroyed: durable before anything else goes
    4  what was revealed of it and lies here is deleted; its events in the audit are written again
       without their bytes: leaf, digest and receipt stay
    5  what is left is told, with the time at which retention ends it

After 3, the copies of the payload in `cases`, in the tables and in the audit open for nobody who
has these files, and neither does a grant that is published again. Two copies are under other keys:
the raw intent (the gate's seal key) and a grant that was published (the executor class's). Kafka
cannot delete one record, so these end by retention.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from streams.audit.entry import entry_key, erased
from streams.audit.report import Unreadable
from streams.auditor.ask.summary import Summary
from streams.auditor.proof.check import read
from streams.auditor.read import source
from streams.cluster import shape
from streams.custody import holds
from streams.errors import KeyringError
from streams.home.home import RELEASE
from streams.home.provider import MASTER
from streams.sealing import keyset
from streams.times import DAY_MS
from streams.wire import client, codec, topics
from streams.wire.credential import as_role
from streams.wire.topic import Topic

if TYPE_CHECKING:
    from streams.events import AuditEntry
    from streams.sealing.keyset import Purpose
    from streams.settings import Settings

_FILES: Final[tuple[tuple[str, "Purpose"], ...]] = ((MASTER, "master"), (RELEASE, "release"))
REVEALS: Final = "reveals"
_SEGMENT_MS: Final = 7 * DAY_MS  # Kafka's own, where the table names none
_CHECK_MS: Final = 10 * 60_000  # how often a broker looks for what may go: each five minutes
_ORDER: Final = "ControlAdmitted"  # the order itself stays readable


@dataclass(frozen=True, slots=True)
class Remaining:
    """One copy that is still there, who could open it, and by when it is gone; None: it stays."""

    where: str
    what: str
    opens: bool
    gone_ms: int | None


@dataclass(frozen=True, slots=True)
class Shredded:
    """What one run did. `keys` are the files, and whether the share was there until now."""

    intent_id: str
    keys: tuple[tuple[Path, bool], ...]
    erased: int
    left: tuple[Remaining, ...]

    @property
    def payload_gone_ms(self) -> int:
        """When the last copy of the payload that any key opens is gone; 0: it is."""
        return max((each.gone_ms or 0 for each in self.left if each.opens), default=0)


def objection(settings: "Settings", intent: Summary, *, open_too: bool) -> tuple[str, str]:
    """Return why this intent may not be shredded and what to do, or nothing. OperatorError."""
    names = holds.holding(settings.home / holds.FILE, intent)
    if names:
        return (
            f"it is held by {', '.join(names)}",
            "`phigate audit hold release NAME`, if it may go",
        )
    if intent.state == "pending" and not open_too:
        return "it is still open", "deny it or let it end first, or give --open-too"
    return "", ""


def shred(settings: "Settings", intent: Summary, now_ms: int) -> Shredded:
    """Destroy, erase, and tell what is left: steps 3 to 5. KeyringError, BrokerError."""
    keys = tuple(destroy(settings, intent.intent_id))  # 3
    forget_reveals(settings.home, intent.intent_id)  # 4
    gone = erase(settings, intent)
    return Shredded(intent.intent_id, keys, gone, tuple(left(settings, intent, now_ms)))  # 5


def destroy(settings: "Settings", intent_id: str) -> Iterator[tuple[Path, bool]]:
    """Destroy the intent's share in every key file here; yield each, and whether it had it.

    Files that `phigate init --force` moved aside count too: what they wrapped may still be there.
    KeyringError where there is none, or one cannot be changed.
    """
    folders = [settings.keys, *sorted(settings.keys.parent.glob(f"{settings.keys.name}.old-*"))]
    found = [(folder / file, use) for folder in folders for file, use in _FILES]
    found = [(path, use) for path, use in found if path.exists()]
    if not found:
        raise KeyringError(
            f"there are no gate's keys in {settings.keys}",
            code="no_key",
            hint="run it where admit and fold have theirs, once on each machine",
        )
    for path, use in found:
        yield path, keyset.shred(path, use, intent_id)


def forget_reveals(home: Path, intent_id: str) -> int:
    """Delete what was revealed of the intent; return how many. KeyringError where one stays.

    Each is sealed to the person who asked: what that person has kept elsewhere is out of reach.
    """
    count = 0
    for path in sorted((home / REVEALS).glob("*.json")):
        try:
            if json.loads(path.read_bytes()).get("subject_id") == intent_id:
                path.unlink()
                count += 1
        except (ValueError, AttributeError):
            continue  # it is none, so it reveals nothing
        except OSError as error:
            raise KeyringError(f"{path}: {error.strerror}", code="key_unreadable") from None
    return count


def erase(settings: "Settings", intent: Summary) -> int:
    """Write the intent's audit entries again without their events; return how many had one.

    Under the same key, so that compaction takes the old record. Raises BrokerError.
    """
    newest: dict[str, AuditEntry] = {}
    name = topics.name(settings, "audit")
    for record in source.of_shard(settings, intent.shard):
        _, item = read(record, changed=True)  # what was changed goes as well
        if not isinstance(item, Unreadable) and item.intent_id == intent.intent_id:
            newest[entry_key(item.shard, item.index)] = item
    todo = {key: each for key, each in newest.items() if each.event and each.said.kind != _ORDER}
    producer = client.producer(as_role(settings, "audit"))  # who alone may write there
    for key, each in todo.items():
        value = codec.encode(erased(each))
        client.deliver(producer, name, key.encode(), value, partition=intent.shard)
    return len(todo)


# ---------------------------------------------------------------- what is left


def left(settings: "Settings", intent: Summary, now_ms: int) -> Iterator[Remaining]:
    """Yield the copies that stay for a while: those that open first."""
    known = {each.name: each for each in shape.ours(settings) if not each.table}
    last_ms = max(intent.opened_ms, intent.closed_ms or 0, intent.outcome_ms or 0)
    raw = "the raw intent, under the gate's seal key; plain if its agent did not seal"
    yield _left(settings, known["intents"], raw, intent.opened_ms, opens=True)
    # of an erased intent nobody knows any more whether it unmasked
    if intent.unmask != 0 and intent.grant_id and intent.executor:
        grant = "the grant, whose data key the executor class opens"
        topic = topics.approved_topic(intent.executor)
        yield _left(settings, topic, grant, intent.closed_ms or last_ms, opens=True)
    masked = "the masked view"
    for name in ("cases", "requests", "verdicts"):
        yield _left(settings, known[name], masked, last_ms, opens=False)
    within = known["audit"].compacted_within_ms or _SEGMENT_MS
    old = "the masked events as they were before they were erased, until compaction takes them"
    full = known["audit"].full_name(settings.prefix)
    yield Remaining(full, old, opens=False, gone_ms=now_ms + within + _CHECK_MS)
    rows = "the masked view, in the rows of the closed case"
    yield Remaining("the tables of fold and audit", rows, opens=False, gone_ms=None)


def _left(settings: "Settings", topic: Topic, what: str, at_ms: int, *, opens: bool) -> Remaining:
    """Return one copy. A record is deleted with its segment, once the newest in it is too old."""
    span_ms = topic.retention_ms + (topic.segment_ms or _SEGMENT_MS) + _CHECK_MS
    return Remaining(topic.full_name(settings.prefix), what, opens, at_ms + span_ms)
