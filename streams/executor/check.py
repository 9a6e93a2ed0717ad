"""Steps 1 to 5: is this grant readable, the gate's own, ours, in time, and exactly what was signed.

Pure but for the keys it is given. Each refusal is an InputError with a reason code:

    1  the codec's codes            4  grant_expired
    2  the signature's codes,       5  unsealable, action_mismatch, display_mismatch, bad_params
       bad_statement, key_mismatch, other_gate, retired_key
    3  wrong_executor
"""

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any

from streams import sealing, statements
from streams.errors import PhigateError, RefusedError
from streams.events import Grant, GrantStatement, IntentBody
from streams.executor.request import ActionRequest
from streams.sealing import Purpose, SealKey
from streams.signing import PublicKey
from streams.wire import codec


@dataclass(frozen=True, slots=True)
class Signed:
    """A grant whose statement the gate has signed: its ids may be trusted from here on."""

    grant: Grant
    statement: GrantStatement
    key_id: str = ""


@dataclass(frozen=True, slots=True)
class Ends:
    """When keys of the gate end, by id; `grace_ms` is how long a grant of before may last.

    `gate` is the id of the gate whose keys they are.
    """

    at_ms: Mapping[str, int]
    grace_ms: int
    gate: str


def authenticate(key: bytes, value: bytes, gate_keys: Iterable[PublicKey]) -> Signed:
    """Decode, verify against the pinned keys, see that all ids agree: steps 1 and 2.

    Raises WireError, SignatureError, RefusedError. What lies outside of the signature (the record's
    key, the grant's own ids) counts for nothing beyond having to agree with what lies inside. That
    it is signed for this gate is `check_current`'s to see.
    """
    grant = codec.decode(value, Grant)  # 1
    signer, statement = statements.read(GrantStatement, grant.envelope, gate_keys)  # 2
    inside = (statement.intent_id, statement.grant_id)
    if (grant.intent_id, grant.grant_id) != inside or key != statement.intent_id.encode():
        raise RefusedError(
            "the ids around the grant are not those that were signed", code="key_mismatch"
        )
    return Signed(grant, statement, signer.key_id)


def permit(signed: Signed, executor: str, now_ms: int, seal_key: SealKey) -> ActionRequest:
    """Check class, expiry and digests: steps 3 to 5. Raises RefusedError."""
    statement = signed.statement
    if statement.executor != executor:  # 3
        raise RefusedError("the grant is for another class of executors", code="wrong_executor")
    if now_ms >= statement.expires_at_ms:  # 4
        raise RefusedError("the grant has expired", code="grant_expired")
    if hashlib.sha256(statement.masked.encode()).hexdigest() != statement.display_digest:  # 5
        raise RefusedError("the masked view is not what was shown", code="display_mismatch")
    if statement.unmask:
        body = _unsealed(signed, seal_key)
        return _request(statement, body.params, body.justification)
    return _request(statement, _masked_params(statement), None)


def wanted_until_ms(key: bytes, value: bytes, executor: str, gate: str) -> int:
    """Return until when a record of another signer would be a grant of ours, by its own word.

    Nobody vouches for it: it only says for how long it is worth waiting for the signer's key. 0 for
    what would be refused under any key.
    """
    try:
        grant = codec.decode(value, Grant)
        payload = base64.b64decode(json.loads(grant.envelope)["payload"])
        statement = GrantStatement.model_validate_json(payload)
    except (PhigateError, ValueError, TypeError, KeyError, RecursionError):
        return 0
    outside = (grant.intent_id, grant.grant_id, key, executor, gate)
    ids = (statement.intent_id, statement.grant_id, statement.intent_id.encode())
    inside = (*ids, statement.executor, statement.gate)
    return statement.expires_at_ms if outside == inside else 0


def check_current(signed: Signed, ends: Ends, now_ms: int) -> None:
    """Refuse what is another gate's (`other_gate`), or signed by a key after its end: step 2's end.

    Whoever stole it would date a grant back. So it also counts for nothing once every genuine grant
    of its time is over, by our own clock.
    """
    statements.check_gate(signed.statement, ends.gate)
    end_ms = ends.at_ms.get(signed.key_id)
    if end_ms is None:
        return
    if signed.statement.issued_at_ms > end_ms or now_ms >= end_ms + ends.grace_ms:
        raise RefusedError("the key that signed the grant has ended", code="retired_key")


def _unsealed(signed: Signed, seal_key: SealKey) -> IntentBody:
    """Open the release with the class's key, the body with the data key; compare the digest."""
    grant, statement = signed.grant, signed.statement
    body: bytes | None = None
    digest = ""
    if grant.release is not None and grant.sealed is not None:
        try:
            data_key = seal_key.open(grant.release, statement.intent_id, Purpose.DATA_KEY)
            body = sealing.open_body(data_key, grant.sealed, statement.intent_id)
            digest = sealing.action_digest(
                data_key, statement.action, statement.resource.type, statement.resource.id, body
            )
        except (PhigateError, ValueError):
            body = None
    if body is None:
        raise RefusedError("the grant's body cannot be opened with our key", code="unsealable")
    if not compare_digest(digest.encode(), statement.action_digest.encode()):
        raise RefusedError("the body is not the action that was signed", code="action_mismatch")
    return codec.decode(body, IntentBody)


def _masked_params(statement: GrantStatement) -> bytes:
    """Return the masked params as compact JSON."""
    view = _parsed(statement.masked.encode(errors="surrogatepass"))
    if not isinstance(view, dict) or "params" not in view:
        raise RefusedError("the masked view has no params", code="bad_params")
    params = json.dumps(view["params"], ensure_ascii=False, separators=(",", ":"))
    return params.encode(errors="surrogatepass")


def _request(statement: GrantStatement, params: bytes, justification: str | None) -> ActionRequest:
    return ActionRequest(
        intent_id=statement.intent_id,
        grant_id=statement.grant_id,
        action=statement.action,
        resource=statement.resource,
        agent=statement.agent,
        on_behalf_of=statement.on_behalf_of,
        approvals=statement.approvals,
        expires_at_ms=statement.expires_at_ms,
        unmasked=statement.unmask,
        params=_parsed(params),
        params_bytes=params,
        justification=justification,
    )


def _parsed(data: bytes) -> Any:
    """Return the JSON value of UTF-8; the parser's own error would hold the text."""
    try:
        return json.loads(data.decode(errors="surrogatepass"))
    except (ValueError, RecursionError):
        pass
    raise RefusedError("the params are no JSON that can be read here", code="bad_params")
