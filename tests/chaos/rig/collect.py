"""Topics, journals and logs into a `History`, once all is quiet."""

from collections.abc import Sequence
from contextlib import closing

from streams.clock import now_ms
from streams.directory import Directory
from streams.settings import Settings
from streams.wire import client, topics
from streams.wire.client import KafkaRecord
from tests.chaos.rig.history import INPUTS, History, lines

# Notes before entries: what a note signs is then there.
PLAIN = (*INPUTS, "cases", "requests", "verdicts", "checkpoints", "audit")


def collect(settings: Settings, planted: Sequence[str]) -> History:
    """Read everything that was written down. Raises BrokerError."""
    directory = Directory.load(settings.directory)
    found = {name: _all(settings, topics.name(settings, name)) for name in PLAIN}
    found["approved"] = tuple(
        record
        for executor in directory.executors
        for record in _all(settings, topics.name(settings, f"approved.{executor}"))
    )
    for app in ("fold", "audit"):
        changelog = f"{topics.app_id(settings, app)}-cases-changelog"
        found[f"{app}-rows"] = _all(settings, changelog)
    home = settings.home
    return History(
        topics=found,
        grant_keys=tuple(directory.gate.grants),
        audit_keys=tuple(directory.gate.audit),
        proposed=_proposed(settings),
        decided=tuple(lines(home / "decided.jsonl")),
        ran=tuple(line for path in sorted(home.glob("ran-*.jsonl")) for line in lines(path)),
        seen=tuple(lines(home / "seen.jsonl")),
        planted=tuple(planted),
        texts={str(path): path.read_bytes() for path in home.glob("workers/*/log")},
    )


def _proposed(settings: Settings) -> tuple[dict[str, object], ...]:
    """Return one line an intent: the last, which says whether it was acknowledged."""
    newest = {each["id"]: each for each in lines(settings.home / "proposed.jsonl")}
    return tuple(newest.values())


def _all(settings: Settings, topic: str) -> tuple[KafkaRecord, ...]:
    return tuple(client.records(settings, topic, timeout_s=30.0))


def audited(settings: Settings) -> bool:
    """Return whether the audit has reached the log's end, by the last record of each shard."""
    with closing(client.consumer(settings)) as reader:
        spans = {
            name: client.ends(reader, topics.name(settings, name), None, 30.0)
            for name in ("cases", "audit")
        }
    for shard, (_, end) in spans["cases"].items():
        if end and not _reached(settings, shard, spans["audit"][shard][1], end - 1):
            return False
    return True


def _reached(settings: Settings, shard: int, end: int, index: int) -> bool:
    if not end:
        return False
    since_ms = now_ms() - 3_600_000
    topic = topics.name(settings, "audit")
    found = client.records(settings, topic, [shard], since_ms, timeout_s=30.0)
    wanted = f"{shard:05d}/{index:012d}".encode()
    return any(record.key == wanted for record in found)
