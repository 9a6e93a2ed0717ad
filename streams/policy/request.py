"""What Cedar is told of an intent: `PolicyRequest`, and its form as Cedar entities and context.

    principal  Agent::"NAME"        owner, on_behalf_of ("" where the agent acts for nobody)
    action     Action::"db.query"
    resource   Resource::"TYPE/ID"  type, id, env ("" where the catalogue names none);
                                    every attribute of the catalogue is a tag, a string
    context    phi {present, kinds, count, unsure}, reviews, whole, items, on_behalf_of,
               requester ("none", "allowed" by the directory, "proven" by the person's signature),
               facts {sql, recipients, http, files, amounts, shell, fhir}

Tags (Cedar's `entity E tags String`) carry the catalogue's attributes, because a catalogue may
name any and a Cedar record must declare each. A rule asks `resource.hasTag("data")` first; the
schema's validation insists on it.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import Field, NonNegativeInt

from streams.events import Message, Requester
from streams.facts import Facts


class PolicyRequest(Message):
    """One intent as the policy sees it: names, the catalogue's attributes, counts; never PHI.

    `phi` counts the values of each kind that the masker found. `whole` says whether masking saw
    everything, so that reviewers can be shown the whole intent. `items` counts what the intent
    touches: recipients, rows, files. `unsure` counts the values of which masking could not tell.
    `facts` are what the gate read off the action; those that are not given are unknown.
    """

    agent: str
    owner: str
    on_behalf_of: str | None
    requester: Requester = Requester.NONE
    action: str
    resource_type: str
    resource_id: str
    attributes: Mapping[str, str] = Field(default_factory=dict)
    phi: Mapping[str, NonNegativeInt] = Field(default_factory=dict)
    whole: bool
    items: NonNegativeInt
    unsure: NonNegativeInt = 0
    facts: Facts = Facts()


def cedar_request(request: PolicyRequest, reviews: Iterable[str]) -> dict[str, Any]:
    """Return the request in Cedar's JSON form, as if the groups `reviews` had agreed."""
    return {
        "principal": {"type": "Agent", "id": request.agent},
        "action": {"type": "Action", "id": request.action},
        "resource": {"type": "Resource", "id": _resource_id(request)},
        "context": {
            "phi": {**_phi(request.phi), "unsure": request.unsure},
            "reviews": sorted(reviews),
            "whole": request.whole,
            "items": request.items,
            "on_behalf_of": request.on_behalf_of or "",
            "requester": request.requester.value,
            "facts": request.facts.model_dump(mode="json"),
        },
    }


def cedar_entities(request: PolicyRequest) -> list[dict[str, Any]]:
    """Return the agent and the resource in Cedar's JSON form; actions come from the schema."""
    agent = {"owner": request.owner, "on_behalf_of": request.on_behalf_of or ""}
    resource = {
        "type": request.resource_type,
        "id": request.resource_id,
        "env": request.attributes.get("env", ""),
    }
    return [
        {"uid": {"type": "Agent", "id": request.agent}, "attrs": agent, "parents": []},
        {
            "uid": {"type": "Resource", "id": _resource_id(request)},
            "attrs": resource,
            "tags": dict(request.attributes),
            "parents": [],
        },
    ]


def _resource_id(request: PolicyRequest) -> str:
    return f"{request.resource_type}/{request.resource_id}"


def _phi(counts: Mapping[str, int]) -> dict[str, Any]:
    found = sorted(kind for kind, count in counts.items() if count > 0)
    return {"present": bool(found), "kinds": found, "count": sum(counts.values())}
