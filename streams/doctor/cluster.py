"""The broker: how it is spoken to, rights, topics, clocks, the audit behind the log."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any, Final

from streams import clock
from streams.auditor.read import source
from streams.cluster import access as rights
from streams.cluster import shape
from streams.directory import Directory
from streams.doctor.finding import Diagnosis, ok, risk, warn
from streams.errors import WireError
from streams.events import CaseEvent
from streams.home.home import AUDIT
from streams.hosts import is_this_machine, of_broker
from streams.keyring import describe
from streams.settings import Settings
from streams.wire import client, codec, credential, topics
from streams.worker.checkpoints import Checkpoints

_LAST: Final = 20  # records of each partition that are looked at for the clock
_NOISE_MS: Final = 1_000  # stamps are not taken at the same moment


def reachable(settings: Settings) -> Iterator[Diagnosis]:
    """Ask the broker anything."""
    with closing(client.consumer(settings)) as asking:
        client.reach(asking, settings)
    yield ok("broker", f"answers at {client.bootstrap(settings)}")


def security(settings: Settings) -> Iterator[Diagnosis]:
    """Find connections that can be listened to, or to anybody."""
    kafka = credential.kafka(settings)
    protocol = kafka.get("security.protocol", "plaintext").upper()
    brokers = client.bootstrap(settings).split(",")
    local = all(is_this_machine(of_broker(each)) for each in brokers)
    plain = "SSL" not in protocol
    if plain and not local:
        said = f"{protocol}: whoever is on the network reads all records, and passwords"
        yield risk("broker security", said, "security.protocol = SASL_SSL under kafka")
    elif protocol == "PLAINTEXT":
        said = "PLAINTEXT, on this machine alone: everybody here is every role"
        yield warn(
            "broker security", said, "phigate kafka up makes a guarded one: see phigate access"
        )
    elif "SASL" not in protocol and "ssl.certificate.location" not in kafka:
        said = f"{protocol}: encrypted, but the broker cannot tell who is who"
        yield warn("broker security", said, "SASL_SSL, or a client certificate")
    else:
        yield ok("broker security", f"{protocol} {kafka.get('sasl.mechanism', '')}".strip())
    blind = {
        "enable.ssl.certificate.verification": "false",
        "ssl.endpoint.identification.algorithm": "none",
    }
    for name in (name for name, off in blind.items() if kafka.get(name) == off):
        yield risk("broker security", f"{name} is off: anybody can be the broker", f"remove {name}")


def access(settings: Settings) -> Iterator[Diagnosis]:
    """Compare the cluster's users and ACLs with the table; asked as the admin."""
    Directory.load(settings.directory)  # what is wrong with it is no right that is missing
    lines = rights.check(credential.as_role(settings, credential.ADMIN))
    for line in lines:
        yield risk("access", line, "phigate access plan, then phigate access apply")
    if not lines:
        yield ok("access", "users and ACLs are those of the table")


def topics_fit(settings: Settings) -> Iterator[Diagnosis]:
    """Find topics that break an invariant, or keep longer or shorter than the table."""
    shape.check(settings)
    todo = shape.changes(settings)
    for each in todo:
        said = f"{each.topic}: {each.setting} is {each.before}, should be {each.after}: {each.why}"
        yield warn("topics", said, "phigate topics plan, then phigate topics apply")
    if not todo:
        yield ok("topics", "as in the table")


def clocks(settings: Settings) -> Iterator[Diagnosis]:
    """Compare admit's clock with the broker's, and the broker's with this machine's, by the log.

    Kafka tells nobody its time, so what stands in the log is compared: nothing there, nothing said.
    """
    limit_ms = settings.clock_skew_ms_max
    now_ms = clock.now_ms()
    ahead, behind, newest_ms, count = 0, 0, 0, 0
    for record in _newest(settings, "cases"):
        count += 1
        newest_ms = max(newest_ms, record.timestamp_ms)
        behind = max(behind, record.timestamp_ms - now_ms)
        try:
            event = codec.decode(record.value or b"", CaseEvent)
        except WireError:
            continue
        ahead = max(ahead, event.at_ms - record.timestamp_ms)
    if not count:
        yield ok("clocks", "nothing in the log to compare yet")
        return
    for what, skew_ms in (("admit's is ahead of the broker's", ahead), (
        "this machine's is behind the broker's", behind)):  # fmt: skip
        if skew_ms > limit_ms:
            said = f"{what} by {skew_ms} ms, more than clock_skew_ms_max"
            yield risk("clocks", said, "run NTP on every machine")
        elif skew_ms > _NOISE_MS:
            yield warn("clocks", f"{what} by {skew_ms} ms", "run NTP on every machine")
    if max(ahead, behind) <= _NOISE_MS:
        yield _not_behind(now_ms - newest_ms, count, limit_ms)


def _not_behind(age_ms: int, count: int, limit_ms: int) -> Diagnosis:
    """Say what is known of this machine's clock: ahead by no more than the newest record is old."""
    seen = f"as far as the last {count} records of the log show"
    if age_ms <= _NOISE_MS:
        return ok("clocks", f"within a second, {seen}")
    said = f"none is behind, {seen}; whether this machine's is ahead cannot be told: the newest "
    said += f"record is {age_ms / 1000:.0f} s old by it, so no more than that"
    if age_ms <= limit_ms:
        return ok("clocks", said)
    return warn("clocks", said, "run NTP on every machine; right after a proposal more can be told")


def _newest(settings: Settings, name: str) -> Iterator[Any]:
    starts = {
        part: max(low, high - _LAST) for part, (low, high) in source.ends(settings, name).items()
    }
    yield from client.records(settings, topics.name(settings, name), starts=starts)


def audit(settings: Settings) -> Iterator[Diagnosis]:
    """Find whether the audit has signed what is in the log, with a key that is pinned.

    It is the fold's own measure: it grants nothing beyond `audit_behind_max`, or after
    `audit_behind_ms_max`.
    """
    pinned = Directory.load(settings.directory).gate.audit
    held = settings.keys / AUDIT
    signs = {key.text for key in pinned}
    if held.exists() and describe(held).text not in signs:
        said = f"{held} is not a key that the directory pins: the fold would wait for ever"
        yield risk("audit", said, f"name it under gate.audit in {settings.directory}")
    ends = source.ends(settings, "cases")
    notes = Checkpoints(settings, pinned)
    for record in client.records(settings, topics.name(settings, "checkpoints")):
        notes.take(record.value or b"")
    late = []
    for shard, (low, high) in sorted(ends.items()):
        head = notes.head(shard)
        signed = head.first + head.size if head else low
        if high > signed:
            late.append((shard, high - signed, _waited_ms(settings, shard, signed)))
    worst = [
        f"shard {shard}: {events} events, the oldest for {waited // 1000} s"
        for shard, events, waited in late
        if events > settings.audit_behind_max or waited > settings.audit_behind_ms_max
    ]
    if worst:
        todo = "phigate worker run audit; its log says what it waits for. Nothing is granted"
        yield risk("audit", "not signed: " + "; ".join(worst), todo)
    else:
        events = sum(each[1] for each in late)
        yield ok("audit", f"the log is signed up to its last {events} events" if events else
                 "the whole log is signed by a pinned key")  # fmt: skip


def _waited_ms(settings: Settings, shard: int, signed: int) -> int:
    """Return how long ago the broker took the first event that is not signed."""
    name = topics.name(settings, "cases")
    with closing(client.records(settings, name, [shard], starts={shard: signed})) as found:
        first = next(found, None)
    now_ms = clock.now_ms()
    return max(0, now_ms - first.timestamp_ms) if first else 0
