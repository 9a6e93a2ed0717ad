"""Whether an intent is signed by its own agent: the id, who, what, and the body as it was sent."""

from streams import statements
from streams.directory import AgentEntry, Directory
from streams.errors import RefusedError, SignatureError
from streams.events import BehalfStatement, Intent, IntentStatement
from streams.signing import INTENT, open_envelope
from streams.worker.admission import reading

_BOUND = (
    *("agent", "on_behalf_of", "action", "resource"),
    *("sealing", "requested_at_ms", "ttl_ms"),
)


def check_signed(intent: Intent, agent: AgentEntry, directory: Directory, *, needed: bool) -> None:
    """Return if the intent is signed as it must be. Raises InputError.

    An agent with keys must sign, whatever the setting: its key in the directory says that what is
    not signed is not its own. Codes: `unsigned`, `wrong_signer`, `bad_statement`, `other_gate`,
    `intent_mismatch`, `content_mismatch`, `body_mismatch`, and the signature's.
    """
    if intent.signature is None:
        if needed or agent.keys:
            raise RefusedError("this agent must sign its intents", code="unsigned")
        return
    check_says(intent, _opened(intent, intent.signature, agent, directory))


def check_says(intent: Intent, said: IntentStatement | BehalfStatement) -> None:
    """Return if the statement that was signed is of this very intent. Raises RefusedError."""
    if said.intent_id != intent.intent_id:
        raise RefusedError("it was signed for another intent", code="intent_mismatch")
    if any(getattr(said, name) != getattr(intent, name) for name in _BOUND):
        raise RefusedError("another content was signed", code="content_mismatch")
    if not reading.is_salted(said.body_digest, intent.salt, intent.body):
        raise RefusedError("another body was signed", code="body_mismatch")


def _opened(
    intent: Intent, envelope: bytes, agent: AgentEntry, directory: Directory
) -> IntentStatement:
    try:
        return statements.opened(IntentStatement, envelope, agent.keys, directory.gate.id)[1]
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
