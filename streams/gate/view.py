"""The one document of all that a reviewer is shown, and agrees to: a pure function of the case.

The fold makes it when it opens a review, keeps its digest with the case and writes it into the
audit. A door makes it from the request, shows nothing else of what is asked, and has its digest
signed. So whatever differs between what was seen and what is asked is a digest that does not fit.
Who has agreed by now, and the state, are no part of it: they move while people read.

The bytes are JSON in one spelling: names sorted, no blanks, ASCII, no fractions. The masked view
stands in it as its exact text.
"""

import hashlib
import json
from typing import Any, Final, Literal

from streams.events import (
    Assurance,
    IntentAdmitted,
    Message,
    PhiCount,
    Request,
    Requester,
    RequestStatement,
    Resource,
    RouteProgress,
    Said,
)
from streams.gate.case import Case, end_ms, excluded
from streams.gate.quorum import assign


class Asked(Message):
    """A group that must agree, by how many, until when, known how."""

    group: str
    quorum: int
    deadline_ms: int
    assurance: Assurance


class View(Message):
    """All that is shown of an intent. `masked` is the exact text of the masked bytes."""

    format: Literal["phigate/view/v1"] = "phigate/view/v1"
    gate: str
    intent_id: str
    agent: str
    owner: str
    on_behalf_of: str | None
    requester: Requester
    excluded: tuple[str, ...]
    action: str
    resource: Resource
    action_digest: str
    masked: str
    masked_digest: str
    whole: bool
    facts: tuple[str, ...]
    phi: tuple[PhiCount, ...]
    unsure: int
    unmask: bool
    policies: tuple[str, ...]
    reason: str
    routes: tuple[Asked, ...]
    opened_at_ms: int
    deadline_ms: int
    policy_revision: str
    masker_revision: str


_AS_THEY_ARE: Final = tuple(
    View.model_fields.keys() - {"format", "masked", "masked_digest", "routes"}
)


def view_of(request: Request) -> View:
    """Return what is shown of this request. Bytes that are no UTF-8 are told by their digest."""
    return View(
        masked=request.display.decode(errors="backslashreplace"),
        masked_digest=hashlib.sha256(request.display).hexdigest(),
        routes=tuple(
            Asked(
                group=route.group,
                quorum=route.quorum,
                deadline_ms=route.deadline_ms,
                assurance=route.assurance,
            )
            for route in request.routes
        ),
        **{name: getattr(request, name) for name in _AS_THEY_ARE},
    )


def spell(view: View) -> bytes:
    """Return the document in its one spelling."""
    return _spelled(view.model_dump(mode="json"))


def view_digest(request: Request) -> str:
    """Return the SHA-256 of the document, lower-case hex: what a decision signs."""
    return hashlib.sha256(spell(view_of(request))).hexdigest()


def statement(request: Request) -> RequestStatement:
    """Return what the gate signs of a request: all of it but the envelope, by digest."""
    rest = request.model_dump(mode="json", exclude={"display", "envelope"})
    rest["display"] = hashlib.sha256(request.display).hexdigest()
    return RequestStatement(
        gate=request.gate,
        intent_id=request.intent_id,
        request_digest=hashlib.sha256(_spelled(rest)).hexdigest(),
    )


def request(case: Case, intent: IntentAdmitted) -> Request:
    """Return the masked, current view of a case, not signed yet."""
    ruling = intent.ruling
    filled = assign(ruling.routes, case.reviews)
    routes = tuple(
        RouteProgress(
            group=route.group,
            quorum=route.quorum,
            deadline_ms=case.opened_at_ms + route.within_ms,
            approved_by=people,
            assurance=route.assurance,
        )
        for route, people in zip(ruling.routes, filled, strict=True)
    )
    return Request(
        intent_id=case.intent_id,
        position=case.applied,
        state=case.state,
        agent=intent.agent,
        owner=intent.owner,
        on_behalf_of=intent.on_behalf_of,
        action=intent.action,
        resource=intent.resource,
        display=intent.display,
        display_digest=intent.display_digest,
        action_digest=intent.action_digest,
        whole=intent.whole,
        phi=intent.phi,
        policies=ruling.policies,
        reason=ruling.reason,
        routes=routes,
        excluded=excluded(intent),
        unmask=ruling.unmask,
        policy_revision=ruling.revision,
        masker_revision=intent.masker_revision,
        opened_at_ms=case.opened_at_ms,
        deadline_ms=end_ms(intent, case.opened_at_ms),  # a closed case keeps showing it
        reviews=tuple(
            Said(
                person=review.person,
                answer=review.answer,
                assurance=review.assurance,
                stands_for=review.stands_for,
                at_ms=review.at_ms,
            )
            for review in case.reviews
        ),
        facts=intent.facts,
        unsure=intent.unsure,
        requester=intent.requester,
        content=intent.content,
        gate=intent.gate,
    )


def _spelled(whole: dict[str, Any]) -> bytes:
    return json.dumps(whole, sort_keys=True, separators=(",", ":")).encode()
