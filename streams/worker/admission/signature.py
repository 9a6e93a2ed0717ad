"""Whether an intent is signed by its own agent: the id, who, what, and the body as it was sent."""

import hashlib
import hmac

from pydantic import ValidationError

from streams.directory import Agent, Directory
from streams.errors import RefusedError, SignatureError
from streams.events import Intent, IntentStatement
from streams.signing import INTENT, open_envelope

_BOUND = (
    *("agent", "on_behalf_of", "action", "resource"),
    *("sealing", "requested_at_ms", "ttl_ms"),
)


def check_signed(intent: Intent, agent: Agent, directory: Directory, *, needed: bool) -> None:
    """Return if the intent is signed as it must be. Raises InputError.

    An agent with keys must sign, whatever the setting: its key in the directory says that what is
    not signed is not its own. Codes: `unsigned`, `wrong_signer`, `bad_statement`,
    `intent_mismatch`, `content_mismatch`, `body_mismatch`, and the signature's.
    """
    if intent.signature is None:
        if needed or agent.keys:
            raise RefusedError("this agent must sign its intents", code="unsigned")
        return
    check_says(intent, _opened(intent, intent.signature, agent, directory))


def check_says(intent: Intent, payload: bytes) -> None:
    """Return if the statement that was signed is of this very intent. Raises RefusedError."""
    try:
        said = IntentStatement.model_validate_json(payload)
    except ValidationError:
        raise RefusedError("the signed statement is no intent", code="bad_statement") from None
    if said.intent_id != intent.intent_id:
        raise RefusedError("it was signed for another intent", code="intent_mismatch")
    if any(getattr(said, name) != getattr(intent, name) for name in _BOUND):
        raise RefusedError("another content was signed", code="content_mismatch")
    digest = hashlib.sha256(intent.salt + intent.body).hexdigest()
    if not hmac.compare_digest(digest, said.body_digest):
        raise RefusedError("another body was signed", code="body_mismatch")


def _opened(intent: Intent, envelope: bytes, agent: Agent, directory: Directory) -> bytes:
    try:
        return open_envelope(envelope, INTENT, agent.keys)[1]
    except SignatureError as error:
        if error.code == "unknown_key":
            _check_owner(envelope, intent.agent, directory)
        raise


def _check_owner(envelope: bytes, name: str, directory: Directory) -> None:
    """Tell a genuine signature of another agent's from one of nobody's."""
    others = [key for who, each in directory.agents.items() if who != name for key in each.keys]
    try:
        open_envelope(envelope, INTENT, others)
    except SignatureError:
        return
    raise RefusedError("it was signed by another agent", code="wrong_signer")
