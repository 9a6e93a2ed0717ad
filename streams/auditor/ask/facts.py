"""What an audit entry says, as ids, codes and counts alone: one flat row, without anybody's text.

Search, report and export stand on these rows. No display, rationale, message or detail is in one,
so an index of them never has to be shredded, and a report made of them quotes no masked text.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from streams.audit.entry import entry_hash, is_unreadable
from streams.auditor.read.source import Stored
from streams.errors import WireError
from streams.events import (
    AuditEntry,
    CaseEvent,
    ControlAdmitted,
    ControlKind,
    DeadlinePassed,
    DecisionAdmitted,
    InputRefused,
    IntentAdmitted,
    OutcomeAdmitted,
)
from streams.wire import codec

UNREADABLE: Final = "unreadable"
ERASED: Final = "erased"
"""The event's bytes are gone; its digest, its consequence and its place in the chain are not."""

OTHER_CODE: Final = "other_code"
_CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")


@dataclass(frozen=True, slots=True)
class Fact:
    """One entry. Times are milliseconds; what this kind of event does not have is None.

    `kind` is `intent`, `refusal`, `decision`, `deadline`, `outcome`, `control`, `unreadable` or
    `erased`. `at_ms` is admit's clock, `logged_ms` the broker's when the audit was written,
    `said_ms` the sender's own. `person` decided, or ordered what `scope` and `code` say; `who` is
    named in an input that was refused at the door. `groups`, `policies` and `stands_for` are joined
    by commas, `routes` is JSON.
    """

    shard: int
    idx: int
    place: int
    logged_ms: int
    at_ms: int | None
    intent_id: str
    kind: str
    effected: str
    reason: str
    state: str | None
    grant_id: str | None
    event_digest: str
    leaf_hash: str
    event_id: str | None = None
    source: str | None = None
    agent: str | None = None
    owner: str | None = None
    behalf: str | None = None
    action: str | None = None
    resource_type: str | None = None
    resource_id: str | None = None
    executor: str | None = None
    effect: str | None = None
    policies: str | None = None
    routes: str | None = None
    policy_revision: str | None = None
    masker_revision: str | None = None
    unmask: int | None = None
    sealed: int | None = None
    phi: int | None = None
    whole: int | None = None
    expires_ms: int | None = None
    person: str | None = None
    groups: str | None = None
    answer: str | None = None
    code: str | None = None
    status: str | None = None
    input_kind: str | None = None
    who: str | None = None
    said_ms: int | None = None
    scope: str | None = None
    assurance: str | None = None
    stands_for: str | None = None

    @property
    def when_ms(self) -> int:
        """When it happened: admit's clock, or the broker's where admit's is not known."""
        return self.logged_ms if self.at_ms is None else self.at_ms

    @property
    def ref(self) -> str:
        """Where the proof of it stands."""
        return f"{self.shard}/{self.idx}"


def safe_code(text: str) -> str:
    """Return a reason code, or `other_code` where it is not in the form of one.

    An approver may choose any code; only what cannot be a sentence is shown on.
    """
    return text if not text or _CODE.fullmatch(text) else OTHER_CODE


def fact_of(record: Stored, entry: AuditEntry) -> Fact:
    """Return the row of one entry."""
    told = entry.consequence
    bare = Fact(
        shard=entry.shard,
        idx=entry.index,
        place=record.offset,
        logged_ms=record.timestamp_ms,
        at_ms=None,
        intent_id=entry.intent_id,
        kind=UNREADABLE,
        effected=told.effected.value,
        reason=safe_code(told.reason),
        state=told.state.value if told.state else None,
        grant_id=told.grant_id,
        event_digest=entry.event_digest,
        leaf_hash=entry_hash(entry),
    )
    if is_unreadable(told):
        return bare
    if not entry.event:
        return replace(bare, kind=ERASED, at_ms=entry.said.at_ms, **_left(entry))
    try:
        event = codec.decode(entry.event, CaseEvent)
    except WireError:
        return bare
    source = event.source
    return replace(
        bare,
        at_ms=event.at_ms,
        event_id=event.event_id,
        source=f"{source.topic}/{source.partition}/{source.offset}",
        **_PARTS[type(event.body)](event.body),
    )


_LEFT: Final = {
    "agent": "agent",
    "owner": "owner",
    "on_behalf_of": "behalf",
    "action": "action",
    "resource_type": "resource_type",
    "executor": "executor",
    "effect": "effect",
    "policy_revision": "policy_revision",
    "masker_revision": "masker_revision",
    "person": "person",
    "answer": "answer",
    "assurance": "assurance",
    "stands_for": "stands_for",
    "status": "status",
    "input": "input_kind",
    "who": "who",
    "scope": "scope",
}


def _left(entry: AuditEntry) -> dict[str, Any]:
    """Return what the leaf still says where the event is gone."""
    said = entry.said.facts
    found: dict[str, Any] = {ours: said[theirs] for theirs, ours in _LEFT.items() if theirs in said}
    if "control" in said:
        cancels = said["control"] == ControlKind.CANCEL
        found |= {"agent" if cancels else "person": said["by"], "code": said["control"]}
    return found | ({"code": safe_code(said["code"])} if "code" in said else {})


def _intent(body: IntentAdmitted) -> dict[str, Any]:
    ruling = body.ruling
    routes = [[each.group, each.quorum, each.within_ms] for each in ruling.routes]
    return {
        "kind": "intent",
        "agent": body.agent,
        "owner": body.owner,
        "behalf": body.on_behalf_of,
        "action": body.action,
        "resource_type": body.resource.type,
        "resource_id": body.resource.id,
        "executor": body.executor,
        "effect": ruling.effect.value,
        "policies": ",".join(ruling.policies),
        "routes": json.dumps(routes),
        "policy_revision": ruling.revision,
        "masker_revision": body.masker_revision,
        "unmask": int(ruling.unmask),
        "sealed": int(bool(body.sealed.ciphertext)),
        "phi": sum(each.count for each in body.phi),
        "whole": int(body.whole),
        "expires_ms": body.expires_at_ms,
        "said_ms": body.requested_at_ms,
    }


def _refusal(body: InputRefused) -> dict[str, Any]:
    return {
        "kind": "refusal",
        "input_kind": body.kind.value,
        "who": body.who,
        "code": safe_code(body.reason),
    }


def _decision(body: DecisionAdmitted) -> dict[str, Any]:
    return {
        "kind": "decision",
        "person": body.person,
        "groups": ",".join(body.groups),
        "answer": body.answer.value,
        "code": safe_code(body.code),
        "policy_revision": body.policy_revision,
        "said_ms": body.decided_at_ms,
        "assurance": body.assurance.value,
        "stands_for": ",".join(body.stands_for) or None,
    }


def _deadline(body: DeadlinePassed) -> dict[str, Any]:
    return {"kind": "deadline", "said_ms": body.deadline_ms}


def _control(body: ControlAdmitted) -> dict[str, Any]:
    cancels = body.control is ControlKind.CANCEL
    return {
        "kind": "control",
        "agent" if cancels else "person": body.by,
        "code": body.control.value,
        "scope": body.scope or None,
        "said_ms": body.said_at_ms,
    }


def _outcome(body: OutcomeAdmitted) -> dict[str, Any]:
    return {
        "kind": "outcome",
        "executor": body.executor,
        "status": body.status.value,
        "said_ms": body.finished_at_ms,
    }


_PARTS: dict[type, Callable[[Any], dict[str, Any]]] = {
    IntentAdmitted: _intent,
    InputRefused: _refusal,
    DecisionAdmitted: _decision,
    DeadlinePassed: _deadline,
    ControlAdmitted: _control,
    OutcomeAdmitted: _outcome,
}
