"""What came of an intent before an order on it, by its verdict: an agent may read no more."""

from streams.errors import WireError
from streams.events import Verdict
from streams.settings import Settings
from streams.wire import client, codec, topics


def verdict_of(settings: Settings, intent_id: str) -> Verdict | None:
    """Return the newest verdict of an intent, None where there is none yet. Raises BrokerError."""
    topic = topics.name(settings, "verdicts")
    partition = client.partition_of(intent_id.encode(), settings.partitions)
    newest: Verdict | None = None
    for record in client.records(settings, topic, [partition]):
        if record.key != intent_id.encode():
            continue
        try:
            found = codec.decode(record.value or b"", Verdict)
        except WireError:
            continue
        if newest is None or found.position.offset >= newest.position.offset:
            newest = found
    return newest


def too_late(verdict: Verdict | None) -> str:
    """Return what an order on it comes too late for, empty where it does not."""
    if verdict is None:
        return ""
    if verdict.outcome is not None:
        return f"it has run: {verdict.outcome.status.value}"
    if verdict.state.value in {"denied", "expired"}:
        return f"it was {verdict.state.value} before: {verdict.reason}"
    return ""
