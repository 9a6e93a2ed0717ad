"""An intent's body under a data key of its own, and the digest that binds the action to it."""

from typing import Final

from streams.events import Intent, IntentBody, Sealed
from streams.sealing.provider import Wraps
from streams.sealing.symmetric import draw_key, framed, lock, mac, sub_key, unlock

NONCE_BYTES_MIN: Final = 16


def seal_body(body: bytes, intent_id: str, provider: Wraps) -> tuple[bytes, Sealed]:
    """Seal under a fresh data key; return that key and what may travel.

    Errors are the provider's own.
    """
    data_key = draw_key()
    nonce, ciphertext = lock(sub_key(data_key, "body"), body, intent_id)
    key_id, wrapped = provider.wrap(data_key, intent_id)
    return data_key, Sealed(key_id=key_id, wrapped_key=wrapped, nonce=nonce, ciphertext=ciphertext)


def open_body(data_key: bytes, sealed: Sealed, intent_id: str) -> bytes:
    """Return the body; InputError `unsealable` if key, intent or any byte differs."""
    return unlock(sub_key(data_key, "body"), sealed.nonce, sealed.ciphertext, intent_id)


def action_digest(
    data_key: bytes, action: str, resource_type: str, resource_id: str, body: bytes
) -> str:
    """Return the keyed digest of exactly this action, in lower-case hex.

    Keyed, since a plain hash of a short identifier can be guessed; the parts are length-framed.
    """
    parts = (action.encode(), resource_type.encode(), resource_id.encode(), body)
    return mac(sub_key(data_key, "action"), *parts)


def content(intent: Intent, body: IntentBody) -> bytes:
    """Return what makes two intents of one id the same: everything but times, keys and nonces."""
    person = b"" if intent.on_behalf_of is None else b"for " + intent.on_behalf_of.encode()
    names = (intent.agent, intent.action, intent.resource.type, intent.resource.id)
    parts = (name.encode() for name in names)
    return framed(*parts, person, body.params, body.justification.encode())


def commitment(intent: Intent, body: IntentBody) -> str:
    """Return the public commitment to an intent's content, lower-case hex; empty without a nonce.

    It is keyed with the agent's nonce, which is sealed in the body: the agent can tell what a
    verdict answers, and nobody can guess a patient's name by trying.
    """
    if len(body.nonce) < NONCE_BYTES_MIN:
        return ""
    return mac(sub_key(body.nonce, "content", intent.intent_id.encode()), content(intent, body))
