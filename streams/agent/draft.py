"""An intent as it goes on the wire: its id, its bytes, its headers."""

import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from streams import statements
from streams.agent.proposal import Proposal, ProposalLimits
from streams.errors import InputError
from streams.events import BehalfStatement, Intent, IntentBody, IntentStatement
from streams.sealing import Purpose, commitment
from streams.signing import Signer
from streams.wire import codec

Seal = Callable[[bytes, str, Purpose], bytes]
"""Seals a body to the gate's key: (plaintext, associated data, purpose) -> HPKE blob."""

Headers = Mapping[str, bytes]

SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Draft:
    """An intent ready to send, and to send again: the same bytes under the same id.

    `content` is the commitment to what is asked, as the verdict on it will say it.
    """

    intent_id: str
    value: bytes
    headers: Headers
    expires_at_ms: int
    content: str = ""


def draft(  # noqa: PLR0913, PLR0917 - what is said, under which id, when, and with which keys
    proposal: Proposal,
    intent_id: str,
    at_ms: int,
    seal: Seal | None,
    limits: ProposalLimits,
    signer: Signer | None = None,
    person: Signer | None = None,
    nonce: bytes = b"",
    gate: str = "",
    identity: bytes | None = None,
) -> Draft:
    """Return the draft of a proposal made at `at_ms`, sealed and signed where there are keys.

    `person` signs as the one on whose behalf it is; `nonce` keys the commitment to the content;
    `gate` is the id of the gate that it is signed for; `identity` is the person's login, sealed.

    Raises InputError `too_large` where justification and names make it larger than an input may be.
    """
    said = IntentBody(params=proposal.params, justification=proposal.justification, nonce=nonce)
    body = codec.encode(said)
    intent = Intent(
        intent_id=intent_id,
        agent=proposal.agent,
        on_behalf_of=proposal.on_behalf_of,
        action=proposal.action,
        resource=proposal.resource,
        sealing="hpke" if seal else "plain",
        body=seal(body, intent_id, Purpose.INTENT) if seal else body,
        requested_at_ms=at_ms,
        ttl_ms=proposal.ttl_ms,
        identity=identity,
    )
    value = codec.encode(signed(intent, gate, signer, person))
    if len(value) > limits.input_bytes_max:
        raise InputError(
            f"the intent takes {len(value)} bytes; the limit is {limits.input_bytes_max}. "
            "Nothing was sent. Shorten the justification",
            code="too_large",
        )
    return Draft(
        intent_id,
        value,
        _headers(proposal, intent_id),
        at_ms + proposal.ttl_ms,
        commitment(intent, said),
    )


def signed(
    intent: Intent, gate: str, signer: Signer | None = None, person: Signer | None = None
) -> Intent:
    """Return the intent with the signatures over it, and over its body as it is sent.

    Agent and person sign the same, each in a statement that says as what.
    """
    if signer is None and person is None:
        return intent
    salt = secrets.token_bytes(SALT_BYTES)
    said: dict[str, Any] = {
        "gate": gate,
        "intent_id": intent.intent_id,
        "agent": intent.agent,
        "on_behalf_of": intent.on_behalf_of,
        "action": intent.action,
        "resource": intent.resource,
        "sealing": intent.sealing,
        "body_digest": hashlib.sha256(salt + intent.body).hexdigest(),
        "requested_at_ms": intent.requested_at_ms,
        "ttl_ms": intent.ttl_ms,
    }
    signature = statements.signed(IntentStatement(**said), signer) if signer else None
    proof = statements.signed(BehalfStatement(**said), person) if person else None
    return intent.model_copy(update={"signature": signature, "proof": proof, "salt": salt})


def _headers(proposal: Proposal, intent_id: str) -> Headers:
    """Return CloudEvents attributes (1.0, Kafka binding, binary mode) and trace context: no PHI.

    There is no `ce_subject`: a resource's name may be a patient's.
    """
    headers = {
        "ce_specversion": b"1.0",
        "ce_id": intent_id.encode(),
        "ce_source": f"/phigate/agents/{quote(proposal.agent, safe='')}".encode(),
        "ce_type": b"phigate.intent",
        "content-type": b"application/avro",
    }
    if proposal.traceparent:
        headers["traceparent"] = proposal.traceparent.encode()
    return headers
