"""What is kept, where, for how long, and why so: one table, of topics and what is beside them.

Times of topics are those of `wire/topics.py`; nothing here repeats them. 45 CFR 164.316(b)(2)(i)
asks that documentation is kept six years: the audit is kept for ever, so it always is.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from streams.cluster import shape
from streams.times import DAY_MS, HOUR_MS
from streams.wire.topic import Topic

if TYPE_CHECKING:
    from streams.settings import Settings

# What each kind of record holds of PHI. A record that is not here fails a test.
HOLDS: Final[Mapping[str, str]] = {
    "Intent": "PHI, sealed to the gate; plain where an agent did not seal",
    "Decision": "signatures; the rationale sealed to the gate",
    "Outcome": "signatures; the message sealed to the gate",
    "Begun": "ids",
    "Control": "signatures, scopes; the reason sealed to the gate",
    "CaseEvent": "masked views; params under the intent's own data key",
    "Case": "masked views; params under the intent's own data key",
    "Request": "masked views",
    "Verdict": "masked rationales and messages",
    "Grant": "masked views; where the ruling unmasks, the data key for one executor class",
    "AuditEntry": "ids, codes, digests; beside them the masked event, which can be erased",
    "Checkpoint": "digests and signatures",
}
_WHY: Final[Mapping[str, str]] = {
    "intents": "long enough to be admitted again after an outage, no longer",
    "decisions": "to be admitted again; what counted stands in cases and audit",
    "outcomes": "to be admitted again; what counted stands in cases and audit",
    "controls": "a halt holds until it is resumed, however long that takes",
    "cancels": "as long as the intent can live, and a day for clocks",
    "cases": "recovery and replay; the audit outlives it",
    "requests": "open work, and a month to look back",
    "verdicts": "agents that ask late",
    "audit": "the evidence: for ever, above any legal term (HIPAA: six years)",
    "checkpoints": "what the evidence is held against",
}
_GRANTS_WHY: Final = "executors that were away; a grant itself expires in minutes"
_BEGUN_WHY: Final = "no grant runs twice: as long as the grants themselves"
_ROWS_WHY: Final = "the newest row of each case; older ones are compacted away"


@dataclass(frozen=True, slots=True)
class Retained:
    """One line. `kept_ms` -1 is for ever, None is as long as its owner likes."""

    what: str
    where: str
    holds: str
    kept_ms: int | None
    ends: str
    why: str
    on_hold: str


# A hold (`phigate audit hold`) has nothing to keep where a thing is kept for ever.
_KEPT_ANYWAY: Final = "kept anyway; erasing is refused"
_IN_AUDIT: Final = "its content stands in audit; raise retention.ms to keep the record itself"
_ACT: Final = "raise retention.ms on the cluster while it lasts"

BESIDE: Final = (
    Retained(
        "index of the audit",
        "home/audit-index.sqlite",
        "ids, codes and counts",
        None,
        "deleted and built again at any time",
        "search and reports",
        "not evidence: nothing to hold",
    ),
    Retained(
        "exports, reports, SIEM topics",
        "where you wrote them",
        "ids, codes and counts; a raw export is as the audit topic",
        None,
        "yours to delete",
        "yours to say",
        "yours to hold",
    ),
    Retained(
        "executors' ledgers",
        "beside each executor",
        "ids and digests",
        None,
        "yours to delete, after the grants have expired",
        "no grant runs twice",
        "hold them as you hold logs",
    ),
    Retained(
        "reveals",
        "home/reveals",
        "the fields that were granted, sealed to the one person who asked",
        None,
        "yours to delete; `phigate shred` deletes those of its intent",
        "until that person has read them",
        "shredding is refused",
    ),
    Retained(
        "the gate's keys",
        "home/keys",
        "what unseals everything above",
        None,
        "`phigate shred` destroys one intent's share of the master and release keys, for ever",
        "without them nothing sealed can be read",
        "shredding is refused",
    ),
)


def table(settings: "Settings") -> list[Retained]:
    """Return every line; SettingsError where the directory does not load."""
    return [*(_topic(each, settings.prefix) for each in shape.ours(settings)), *BESIDE]


def _topic(topic: Topic, prefix: str) -> Retained:
    if topic.table:
        why, hold = _ROWS_WHY, _IN_AUDIT
    elif topic.name.startswith("approved."):
        why, hold = _GRANTS_WHY, _ACT
    elif topic.name.startswith("begun."):
        why, hold = _BEGUN_WHY, _ACT
    else:
        why = _WHY.get(topic.name, topic.what)
        hold = _KEPT_ANYWAY if topic.retention_ms < 0 else _hold_of(topic)
    return Retained(
        topic.full_name(prefix),
        "Kafka",
        HOLDS[topic.record],
        topic.retention_ms,
        _ends(topic),
        why,
        hold,
    )


def _hold_of(topic: Topic) -> str:
    if topic.record == "Intent":
        return "not kept longer: it may hold plain PHI; its sealed content stands in audit"
    return _IN_AUDIT


def _ends(topic: Topic) -> str:
    return {
        "delete": "deleted, whole segments at a time",
        "compact": "an exact repeat is compacted away, nothing else",
        "compact,delete": "older views compacted away, then deleted",
    }[topic.cleanup]


def span(kept_ms: int | None) -> str:
    """Return how long in words."""
    if kept_ms is None:
        return "yours to say"
    if kept_ms < 0:
        return "for ever"
    if kept_ms % DAY_MS == 0:
        days = kept_ms // DAY_MS
        return f"{days} day" if days == 1 else f"{days} days"
    return f"{kept_ms // HOUR_MS} hours"


def deviations(settings: "Settings") -> Iterator[str]:
    """Yield where the cluster keeps another time than the table; BrokerError if it is away."""
    settings_of_time = {"retention.ms", "retention.bytes", "cleanup.policy", "segment.ms"}
    for change in shape.changes(settings):
        if change.kind == "create":
            yield f"{change.topic}: there is no such topic"
        elif change.setting in settings_of_time:
            found = f"{change.setting} is {change.before}"
            yield f"{change.topic}: {found}, should be {change.after}: {change.why}"


def lines(rows: Iterable[Retained]) -> Iterator[tuple[str, str, str, str]]:
    """Yield what, how long, what is in it, how it ends: for a terminal."""
    for each in rows:
        yield each.what, span(each.kept_ms), each.holds, each.ends
