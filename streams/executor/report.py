"""The outcome as it is reported: signed by the executor's key, its message sealed to the gate."""

import hashlib
import json
import secrets
from dataclasses import dataclass
from typing import Any

from streams.events import Outcome, OutcomeStatement, Status
from streams.executor.ledger import Finish
from streams.executor.request import Done
from streams.sealing import Purpose, SealPublicKey
from streams.signing import SigningKey
from streams.statements import signed
from streams.wire import codec

MESSAGE_CHARS_MAX = 2_000
SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Ending:
    """What came of a grant, before it is signed. `code` is set where it was refused."""

    status: Status
    message: str = ""
    result: Any = None
    code: str = ""


@dataclass(frozen=True, slots=True)
class Reporter:
    """Signs and seals reports to the gate of the id `gate`."""

    key: SigningKey
    gate_seal: SealPublicKey
    gate: str

    def finish(self, intent_id: str, grant_id: str, ending: Ending, at_ms: int) -> Finish:
        """Return the ending as the ledger keeps it: the bytes that are sent, now and ever after.

        The result itself is never sent. Its digest is SHA-256(salt || JSON), and the salt stays in
        the ledger: a plain hash of a short result could be guessed. The message's salt is sent,
        since the gate reads the message; it is no part of what the gate keeps.
        """
        salt, text_salt = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(SALT_BYTES)
        text = ending.message[:MESSAGE_CHARS_MAX].encode(errors="replace")
        statement = OutcomeStatement(
            gate=self.gate,
            intent_id=intent_id,
            grant_id=grant_id,
            status=ending.status,
            result_digest=_digest(salt, ending.result),
            message_digest=hashlib.sha256(text_salt + text).hexdigest(),
            finished_at_ms=at_ms,
        )
        outcome = Outcome(
            intent_id=intent_id,
            envelope=signed(statement, self.key),
            message=self.gate_seal.seal(text, intent_id, Purpose.OUTCOME),
            salt=text_salt,
        )
        return Finish(ending.status, ending.code, at_ms, salt, codec.encode(outcome))


def ending_of(result: Any) -> Ending:
    """Return the ending of a handler that returned: what it did is done, whatever it gave back."""
    done = result if isinstance(result, Done) else Done(result=result)
    try:
        _json(done.result)
    except (TypeError, ValueError, RecursionError):
        return Ending(Status.OK, str(done.message) or "The result is no JSON: it has no digest.")
    return Ending(Status.OK, str(done.message), done.result)


def _digest(salt: bytes, result: Any) -> str:
    return "" if result is None else hashlib.sha256(salt + _json(result)).hexdigest()


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode(
        errors="surrogatepass"
    )
