"""An intent as it goes on the wire: its id, its bytes, its headers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from streams.agent.proposal import Limits, Proposal
from streams.errors import InputError
from streams.events import Intent, IntentBody
from streams.wire import codec

Seal = Callable[[bytes, str], bytes]
"""Seals a body to the gate's key: (plaintext, associated data) -> HPKE blob."""

Headers = Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Draft:
    """An intent ready to send, and to send again: the same bytes under the same id."""

    intent_id: str
    value: bytes
    headers: Headers
    expires_at_ms: int


def draft(
    proposal: Proposal, intent_id: str, at_ms: int, seal: Seal | None, limits: Limits
) -> Draft:
    """Return the draft of a proposal made at `at_ms`, sealed where there is a seal.

    Raises InputError `too_large` where justification and names make it larger than an input may be.
    """
    body = codec.encode(IntentBody(params=proposal.params, justification=proposal.justification))
    intent = Intent(
        intent_id=intent_id,
        agent=proposal.agent,
        on_behalf_of=proposal.on_behalf_of,
        action=proposal.action,
        resource=proposal.resource,
        sealing="hpke" if seal else "plain",
        body=seal(body, intent_id) if seal else body,
        requested_at_ms=at_ms,
        ttl_ms=proposal.ttl_ms,
    )
    value = codec.encode(intent)
    if len(value) > limits.input_bytes_max:
        raise InputError(
            f"the intent takes {len(value)} bytes; the limit is {limits.input_bytes_max}. "
            "Nothing was sent. Shorten the justification",
            code="too_large",
        )
    return Draft(intent_id, value, _headers(proposal, intent_id), at_ms + proposal.ttl_ms)


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
