"""A gate of the tests' own: it signs the grants that they ask for."""

import dataclasses
import hashlib
import json
from typing import Any

from streams import sealing, signing, statements
from streams.events import (
    Approval,
    Grant,
    GrantStatement,
    IntentBody,
    Outcome,
    OutcomeStatement,
    Position,
    Resource,
    Sealed,
    derived_id,
)
from streams.sealing import Purpose
from streams.wire import codec
from tests.agent.rig import EXECUTOR, GATE_ID, Keys

PARAMS = b'{"name":  "Maria Musterfrau"}'
MASKED = {"name": "<PERSON_1>"}
ISSUED_MS = 1_700_000_000_000
EXPIRES_MS = ISSUED_MS + 900_000


class Provider:
    """A key provider that no executor needs: the wrapped key is of no use here."""

    def wrap(self, data_key: bytes, aad: str) -> tuple[str, bytes]:
        """Return nothing that could be opened."""
        return "master", hashlib.sha256(data_key + aad.encode()).digest()

    def unwrap(self, key_id: str, wrapped: bytes, aad: str) -> bytes:
        """Open nothing."""
        raise NotImplementedError


@dataclasses.dataclass(frozen=True)
class Gate:
    """Issues grants with one set of keys."""

    keys: Keys

    def grant(
        self,
        intent_id: str,
        *,
        unmask: bool = True,
        params: bytes = PARAMS,
        key: signing.SigningKey | None = None,
        expires_at_ms: int = EXPIRES_MS,
        **changes: Any,
    ) -> Grant:
        """Return a grant; `changes` are of the statement, and signed with it."""
        data_key, sealed, digest = self._sealed(intent_id, params)
        view = json.dumps(
            {
                "action": "db.query",
                "resource": {"type": "Database", "id": "ehr"},
                "justification": "why",
                "params": MASKED,
            }
        )
        said: dict[str, Any] = {
            "gate": GATE_ID,
            "grant_id": derived_id("grant", intent_id),
            "intent_id": intent_id,
            "executor": EXECUTOR,
            "agent": "bot",
            "on_behalf_of": "ann",
            "action": "db.query",
            "resource": Resource(type="Database", id="ehr"),
            "action_digest": digest,
            "display_digest": hashlib.sha256(view.encode()).hexdigest(),
            "masked": view,
            "unmask": unmask,
            "policies": ("p",),
            "policy_revision": "r",
            "approvals": (Approval(person="petra", event_id="e"),),
            "issued_at_ms": ISSUED_MS,
            "expires_at_ms": expires_at_ms,
        }
        statement = GrantStatement(**{**said, **changes})
        return Grant(
            intent_id=statement.intent_id,
            grant_id=statement.grant_id,
            position=Position(partition=0, offset=7),
            envelope=signing.envelope(
                statement.model_dump_json().encode(), signing.GRANT, key or self.keys.grants
            ),
            sealed=sealed if unmask else None,
            release=self._release(data_key, intent_id) if unmask else None,
        )

    def _release(self, data_key: bytes, intent_id: str) -> bytes:
        return self.keys.executor_seal.public.seal(data_key, intent_id, Purpose.DATA_KEY)

    def _sealed(self, intent_id: str, params: bytes) -> tuple[bytes, Sealed, str]:
        body = codec.encode(IntentBody(params=params, justification="Recall of Maria"))
        data_key, sealed = sealing.seal_body(body, intent_id, Provider())
        digest = sealing.action_digest(data_key, "db.query", "Database", "ehr", body)
        return data_key, sealed, digest

    def reported(self, value: bytes) -> tuple[OutcomeStatement, str]:
        """Return what an outcome says, as admit reads it: its signature verified, it unsealed."""
        outcome = codec.decode(value, Outcome)
        keys = [self.keys.executor.public]
        _, statement = statements.opened(OutcomeStatement, outcome.envelope, keys, GATE_ID)
        message = self.keys.gate_seal.open(outcome.message, outcome.intent_id, Purpose.OUTCOME)
        assert outcome.intent_id == statement.intent_id
        assert hashlib.sha256(outcome.salt + message).hexdigest() == statement.message_digest
        return statement, message.decode()
