"""One audit entry as one OCSF event: API Activity (6003) with the profile `security_control`.

    what came of it            action_id     disposition_id
    opened                     0 Unknown     14 Delayed: people are asked
    counted, repeated          0 Unknown     17 Logged, 16 No Action
    granted by people          1 Allowed      8 Approved
    granted by policy          1 Allowed      1 Allowed
    denied by a person         2 Denied      25 Rejected
    denied by policy, at door  2 Denied       2 Blocked
    expired                    2 Denied       6 Dropped
    revoked                    2 Denied       2 Blocked
    recorded (halt, resume)    0 Unknown     17 Logged
    refused                    2 Denied      26 Unauthorized where it was not theirs to do, else 25
    reported                   1 Allowed     17 Logged

`metadata.uid` is derived from the entry's place and its event's digest: whoever receives one twice
(export is at least once) tells it by that. There is no text of anybody in an event.
"""

from typing import Any

from streams import __version__
from streams.auditor.ask.facts import ERASED, UNREADABLE, Fact
from streams.auditor.export.ocsf_schema import OTHER, VERSION, caption, faults, schema
from streams.errors import InvariantError
from streams.events import derived_id
from streams.reasons import FORBIDDEN
from streams.times import iso

_INFO, _LOW, _MEDIUM, _HIGH = 1, 2, 3, 4
_UNKNOWN_ACTION, _ALLOWED, _DENIED = 0, 1, 2
_USER, _USER_OTHER = 1, 99


def event_of(fact: Fact, topic: str = "audit") -> dict[str, Any]:
    """Return the event; `topic` is where the entry lies. InvariantError where it is not valid."""
    action, disposition = _disposition(fact)
    severity = _severity(fact, disposition)
    status = _status(fact)
    event = {
        "activity_id": OTHER,
        "activity_name": fact.kind,
        "category_uid": schema()["category_uid"],
        "class_uid": schema()["class_uid"],
        "class_name": "API Activity",
        "type_uid": schema()["class_uid"] * 100 + OTHER,
        "time": fact.when_ms,
        "severity_id": severity,
        "severity": caption("severity_id", severity),
        "status_id": status,
        "status": caption("status_id", status),
        "status_code": fact.effected,
        "status_detail": fact.reason,
        "action_id": action,
        "action": caption("action_id", action),
        "disposition_id": disposition,
        "disposition": caption("disposition_id", disposition),
        "is_alert": severity >= _MEDIUM,
        "metadata": _metadata(fact, topic),
        "actor": _actor(fact),
        "api": _api(fact),
        "src_endpoint": _source(fact, topic),
        "unmapped": _unmapped(fact),
        **_policy(fact),
        **_resources(fact),
    }
    if wrong := faults(event):
        raise InvariantError(f"no OCSF {VERSION} event: {wrong[0]}", code="bad_ocsf")
    return event


def uid_of(fact: Fact) -> str:
    """Return the event's id: the same entry always has the same."""
    return derived_id("ocsf", str(fact.shard), str(fact.idx), fact.event_digest)


def _disposition(fact: Fact) -> tuple[int, int]:
    """Return action_id and disposition_id."""
    by_person = fact.kind == "decision"
    return {
        "opened": (_UNKNOWN_ACTION, 14),
        "counted": (_UNKNOWN_ACTION, 17),
        "granted": (_ALLOWED, 8 if by_person else 1),
        "denied": (_DENIED, 25 if by_person else 2),
        "expired": (_DENIED, 6),
        "revoked": (_DENIED, 2),
        "recorded": (_UNKNOWN_ACTION, 17),
        "reported": (_ALLOWED, 17),
        "refused": (_DENIED, 26 if fact.reason in FORBIDDEN else 25),
        "repeated": (_UNKNOWN_ACTION, 16),
    }[fact.effected]


def _severity(fact: Fact, disposition: int) -> int:
    if fact.kind == UNREADABLE:
        return _HIGH
    if disposition == 26 or fact.status == "unknown":  # noqa: PLR2004 - as in the table above
        return _MEDIUM
    if fact.kind == "control":
        return _MEDIUM  # somebody pulled the brake: who watches wants to know
    return _LOW if fact.effected in {"refused", "denied"} or fact.status == "failed" else _INFO


def _status(fact: Fact) -> int:
    """Return 0 where nobody knows, 1 where it did what it was to do, 2 where not."""
    if fact.kind == ERASED or fact.status == "unknown":
        return 0
    return 2 if fact.effected == "refused" or fact.status == "failed" else 1


def _metadata(fact: Fact, topic: str) -> dict[str, Any]:
    made = {
        "version": VERSION,
        "product": {"name": "phigate", "vendor_name": "phigate", "version": __version__},
        "profiles": ["security_control"],
        "uid": uid_of(fact),
        "event_code": f"{fact.kind}.{fact.effected}",
        "log_name": topic,
        "log_provider": "phigate",
        "sequence": fact.idx,
        "logged_time": fact.logged_ms,
    }
    if fact.intent_id:
        made["correlation_uid"] = fact.intent_id
    if fact.said_ms is not None:
        made["original_time"] = iso(fact.said_ms)
    return made


def _actor(fact: Fact) -> dict[str, Any]:
    if fact.agent:
        return {"user": {"name": fact.agent, "type_id": _USER_OTHER, "type": "AI agent"}}
    if fact.person:
        groups = [{"name": name} for name in (fact.groups or "").split(",") if name]
        return {"user": {"name": fact.person, "type_id": _USER, "type": "User", "groups": groups}}
    if fact.kind == "refusal":
        return {"user": {"name": fact.who or "unknown", "type_id": 0, "type": "Unknown"}}
    return {"app_name": fact.executor or "phigate"}


def _api(fact: Fact) -> dict[str, Any]:
    part = fact.action or fact.answer or fact.status or fact.input_kind
    part = fact.code if fact.kind == "control" else part
    made: dict[str, Any] = {
        "operation": f"{fact.kind}:{part}" if part else fact.kind,
        "service": {"name": "phigate"},
        "response": {"message": fact.reason or fact.effected},
    }
    if fact.event_id:
        made["request"] = {"uid": fact.event_id}
    return made


def _source(fact: Fact, topic: str) -> dict[str, Any]:
    """Return the record it was made from: the nearest thing to an endpoint that the gate knows."""
    if fact.source:
        return {"name": fact.source.split("/", 1)[0], "uid": fact.source}
    return {"name": topic, "uid": f"{topic}/{fact.ref}"}


def _policy(fact: Fact) -> dict[str, Any]:
    if fact.policies is None or fact.effect is None:
        return {}
    revision = {"uid": fact.policy_revision or "", "is_applied": True}
    names = [name for name in fact.policies.split(",") if name] or ["(none applies)"]
    return {
        "policy": {"name": names[0], **revision},
        "authorizations": [
            {"decision": fact.effect, "policy": {"name": name, **revision}} for name in names
        ],
    }


def _resources(fact: Fact) -> dict[str, Any]:
    if not fact.resource_type:
        return {}
    return {"resources": [{"type": fact.resource_type, "uid": fact.resource_id or ""}]}


def _unmapped(fact: Fact) -> dict[str, Any]:
    whole = {
        "shard": fact.shard,
        "index": fact.idx,
        "leaf_hash": fact.leaf_hash,
        "event_digest": fact.event_digest,
        "state": fact.state,
        "grant_id": fact.grant_id,
        "owner": fact.owner,
        "on_behalf_of": fact.behalf,
        "executor": fact.executor,
        "phi_values": fact.phi,
        "unmask": None if fact.unmask is None else bool(fact.unmask),
        "code": fact.code,
        "scope": fact.scope,
        "masker_revision": fact.masker_revision,
    }
    return {name: value for name, value in whole.items() if value is not None}
