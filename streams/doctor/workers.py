"""Who works on the log: consumers of each role, what waits for them, by which rules they judge."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any, Final

from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException

from streams.auditor.read import source
from streams.doctor.finding import Diagnosis, ok, risk, warn
from streams.errors import BrokerError, WireError
from streams.events import CaseEvent, IntentAdmitted
from streams.policy import PolicySet
from streams.policy.files import read_policies
from streams.settings import Settings
from streams.wire import client, codec, credential, topics
from streams.worker import up

INPUTS: Final[Mapping[str, tuple[str, ...]]] = {
    "admit": ("intents", "decisions", "outcomes", "controls"),
    "fold": ("cases",),
    "audit": ("cases",),
}
DEAD: Final = "one that was killed still counts for some seconds"
_ASK_S: Final = 10.0
_LAST: Final = 200  # records of each partition that are looked at for a ruling

Positions = Mapping[tuple[str, int], int]


def consumers(settings: Settings) -> Iterator[Diagnosis]:
    """Find roles that nobody does: whatever is sent waits for them. Asked as the admin."""
    asking = credential.as_role(settings, credential.ADMIN)
    with closing(client.consumer(asking)) as found:
        client.reach(found, asking)
    busy = {}
    for role, inputs in INPUTS.items():
        members, positions = group(asking, role)
        count = waiting(source_ends(asking, inputs), positions)
        if members:
            busy[role] = f"{members} {role} ({count} waiting)"
        else:
            yield unread(role, count)
    if len(busy) == len(INPUTS):
        yield ok("workers", f"at work: {', '.join(busy.values())}; {DEAD}")


def unread(role: str, count: int) -> Diagnosis:
    """Say that nobody does a role."""
    said = f"no {role} worker runs: {count or 'no'} records wait for it"
    return risk("workers", said, f"phigate up, or phigate worker run {role}")


def waiting(ends: Mapping[tuple[str, int], tuple[int, int]], positions: Positions) -> int:
    """Return how many records stand after the positions; from the first on where there is none."""
    return sum(high - start for start, high in behind(ends, positions).values())


def behind(
    ends: Mapping[tuple[str, int], tuple[int, int]], positions: Positions
) -> dict[tuple[str, int], tuple[int, int]]:
    """Return from where to where records stand after the positions, where any do."""
    starts = {place: max(low, positions.get(place, low)) for place, (low, _) in ends.items()}
    return {
        place: (starts[place], high) for place, (_, high) in ends.items() if starts[place] < high
    }


def source_ends(
    settings: Settings, inputs: tuple[str, ...]
) -> dict[tuple[str, int], tuple[int, int]]:
    """Return first and next offset of each partition of some topics."""
    return {
        (topics.name(settings, name), part): span
        for name in inputs
        for part, span in source.ends(settings, name).items()
    }


def group(settings: Settings, role: str) -> tuple[int, Positions]:
    """Return how many are at work in a role, and where it has come to."""
    admin = client.admin(settings)
    name = topics.app_id(settings.prefix, role)
    kept = f"{name}-positions" if role == "admit" else name
    asked = admin.describe_consumer_groups([name], request_timeout=_ASK_S)
    at = admin.list_consumer_group_offsets(
        [ConsumerGroupTopicPartitions(kept)], request_timeout=_ASK_S
    )
    members = len(_answer(asked[name], "members").members)
    try:
        found = at[kept].result().topic_partitions or []
    except KafkaException:
        found = []
    return members, {(each.topic, each.partition): each.offset for each in found if each.offset > 0}


def _answer(future: Any, what: str) -> Any:
    try:
        return future.result()
    except KafkaException as error:
        raise BrokerError(
            f"who works cannot be asked ({what}): {error.args[0].name()}", code="broker_away"
        ) from None


# ---------------------------------------------------------------- by which rules


def revision(settings: Settings) -> Iterator[Diagnosis]:
    """Find whether the newest intent in the log was ruled on by the policy files here."""
    own = PolicySet.load(*read_policies(settings.policies)).revision
    yield from unread_files(settings)
    newest = _newest_ruling(settings)
    if newest is None:
        yield ok("rules", "nothing in the log was ruled on yet")
        return
    at_ms, ruled = newest
    changed_s = max(path.stat().st_mtime for path in _files(settings))
    yield stale(own, ruled, at_ms, changed_s * 1000)


def unread_files(settings: Settings) -> Iterator[Diagnosis]:
    """Find workers of this machine that started before directory or rules were changed.

    The log names the policy's revision alone, so of the directory a worker's age is all that tells.
    """
    files = (settings.directory, *_files(settings))
    changed_s = max(path.stat().st_mtime for path in files if path.exists())
    marks = sorted((settings.home / "workers").glob("*/ready"))
    old = [mark.parent.name for mark in marks if mark.stat().st_mtime < changed_s]
    if old and up.runs(settings.home):
        said = f"directory or rules have changed since these started: {', '.join(old)}"
        yield warn("rules", said, "restart them: each reads these files once, at its start")


def stale(own: str, ruled: str, at_ms: float, changed_ms: float) -> Diagnosis:
    """Say how the revision that ruled last stands to the files', changed at `changed_ms`."""
    if own == ruled:
        return ok("rules", f"the newest intent was ruled on by these policy files, {own[:12]}")
    todo = "restart the admit workers: each reads directory and policy once, at its start"
    if at_ms > changed_ms:
        said = f"workers rule by {ruled[:12]}, and the policy files say {own[:12]} by now"
        return risk("rules", said, todo)
    said = f"the policy files have changed to {own[:12]} since the newest intent was ruled on"
    return warn("rules", said, todo + "; if you did, the next intent shows it")


def _files(settings: Settings) -> list[Any]:
    return [settings.policies, *(path for path in settings.policies.iterdir() if path.is_file())]


def _newest_ruling(settings: Settings) -> tuple[int, str] | None:
    found: tuple[int, str] | None = None
    spans = source.ends(settings, "cases").items()
    starts = {part: max(low, high - _LAST) for part, (low, high) in spans}
    for record in client.records(settings, topics.name(settings, "cases"), starts=starts):
        try:
            event = codec.decode(record.value or b"", CaseEvent)
        except WireError:
            continue
        if isinstance(event.body, IntentAdmitted) and (found is None or event.at_ms > found[0]):
            found = event.at_ms, event.body.ruling.revision
    return found
