"""All of admission without a broker: what a gate would say of an intent, and why.

The steps are those of `intents`: who asks, of what, masked, its facts read, ruled upon. What is
left out needs a record: its signature, its times, halts, sealing. No key is read and nothing kept.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from streams.clock import now_ms
from streams.control.board import Board
from streams.directory import Directory
from streams.errors import RefusedError
from streams.events import Intent, IntentBody, Resource, Ruling
from streams.facts import Facts
from streams.facts import read as read_facts
from streams.masking import About, Masked
from streams.policy import PolicySet
from streams.sealing import SealKey
from streams.settings import Settings
from streams.signing import SigningKey
from streams.worker.admission import reading
from streams.worker.admission.context import Context
from streams.worker.admission.intents import (
    agent_of,
    asked_of,
    resource_of,
    shown_of,
    unsure_of,
)
from streams.worker.admission.requester import asking

if TYPE_CHECKING:
    from streams.worker.keys import AdmitKeys

_FIELDS = {"agent", "on_behalf_of", "action", "resource", "params", "justification"}
_INTENT_ID = "00000000-0000-4000-8000-000000000000"
_HOUR_MS = 3_600_000
_BAD = "bad_intent"

Mask = Callable[[object, About], Masked]


@dataclass(frozen=True, slots=True)
class Proposed:
    """An intent as its author wrote it down; `attributes` count where there is no catalogue."""

    agent: str
    on_behalf_of: str | None
    action: str
    resource: Resource
    attributes: Mapping[str, str]
    params: bytes
    justification: str


@dataclass(frozen=True, slots=True)
class Tried:
    """What the gate would say. `shown` is the exact JSON that a reviewer would see."""

    shown: bytes
    masked: Masked
    facts: Facts
    ruling: Ruling

    def line(self) -> str:
        """Return it as one line of JSON, in ASCII, numbers as they were written."""
        said = {
            "whole": self.masked.whole,
            "why_not_whole": list(self.masked.why_not_whole),
            "phi": self.masked.kinds,
            "unsure": unsure_of(self.masked),
            "facts": self.facts.model_dump(mode="json"),
            "ruling": {
                "effect": self.ruling.effect.value,
                "routes": [route.model_dump(mode="json") for route in self.ruling.routes],
                "reason": self.ruling.reason,
                "policies": list(self.ruling.policies),
            },
        }
        return '{"masked": ' + _ascii(self.shown.decode()) + ", " + json.dumps(said)[1:]


def proposed(data: bytes) -> Proposed:
    """Read an intent from JSON. Raises RefusedError: `bad_json`, `too_deep` or `bad_intent`."""
    told = reading.parse_params(data)
    if not isinstance(told, dict) or not told.keys() <= _FIELDS:
        raise RefusedError(f"an intent is an object of {', '.join(sorted(_FIELDS))}", code=_BAD)
    resource = told.get("resource")
    if not isinstance(resource, dict) or not resource.keys() <= {"type", "id", "attributes"}:
        raise RefusedError("`resource` is an object of type and id", code=_BAD)
    attributes = resource.get("attributes", {})
    behalf = told.get("on_behalf_of")
    words: tuple[Any, ...] = (
        *(told.get("agent"), told.get("action"), resource.get("type"), resource.get("id")),
        *(told.get("justification", ""), "" if behalf is None else behalf),
    )
    texts = isinstance(attributes, dict) and all(
        isinstance(word, str) for word in (*words, *attributes.values())
    )
    if not texts:
        raise RefusedError("agent, action, type, id and justification are texts", code=_BAD)
    params = json.dumps(told.get("params", {}), ensure_ascii=False).encode()
    return Proposed(
        agent=words[0],
        on_behalf_of=behalf,
        action=words[1],
        resource=Resource(type=words[2], id=words[3]),
        attributes=attributes,
        params=params,
        justification=words[4],
    )


def made_up(intent: Proposed) -> Directory:
    """Return a directory in which this agent, person and resource are: where there is no home."""
    seal, grants, audit = SealKey.new("seal"), SigningKey.new("grants"), SigningKey.new("audit")
    people: dict[str, dict[str, str]] = {"owner": {}}
    people |= {intent.on_behalf_of: {}} if intent.on_behalf_of else {}
    resource = {
        "type": intent.resource.type,
        "id": intent.resource.id,
        "executor": "any",
        "attributes": dict(intent.attributes),
    }
    gate = {
        "id": "gate-made-up",
        "seal": seal.public.text,
        "grants": [grants.public.text],
        "audit": [audit.public.text],
    }
    return Directory.model_validate(
        {
            "gate": gate,
            "people": people,
            "agents": {intent.agent: {"owner": "owner", "acts_for": [*people][1:]}},
            "resources": [resource],
        }
    )


def trial(
    intent: Proposed, directory: Directory, policy: PolicySet, settings: Settings, mask: Mask
) -> Tried:
    """Do all of admission. Raises InputError and MaskingError with the code that a gate records."""
    keys = cast("AdmitKeys", None)  # nothing here opens or seals
    context = Context(settings, directory, policy, keys, "", now_ms, Board())
    now = now_ms()
    asks = Intent(
        intent_id=_INTENT_ID,
        agent=intent.agent,
        on_behalf_of=intent.on_behalf_of,
        action=intent.action,
        resource=intent.resource,
        sealing="plain",
        body=b"",
        requested_at_ms=now,
        ttl_ms=_HOUR_MS,
    )
    agent = agent_of(asks, context)
    behalf = asking(asks, agent, directory, now)
    entry = resource_of(asks, agent, context)
    body = IntentBody(params=intent.params, justification=intent.justification)
    asked = asked_of(asks, agent, behalf, entry, body, context)
    masked = mask(asked.document, asked.about)
    facts = _facts(asked.subject.params, entry.attributes)
    shown = shown_of(asked, masked)
    return Tried(shown, masked, facts, asked.ruling(masked, facts, policy))


def _facts(params: Any, attributes: Mapping[str, str]) -> Facts:
    try:
        return read_facts(params, attributes)
    except Exception:  # noqa: BLE001 - as in admission: what cannot be read is unknown
        return Facts()


def _ascii(text: str) -> str:
    """Escape what is not ASCII in a JSON text; there it stands inside strings alone."""
    return "".join(each if each.isascii() else json.dumps(each)[1:-1] for each in text)
