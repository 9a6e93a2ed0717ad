"""The one door to secrecy: who can read an intent's raw text, and until when.

Reading order:

    symmetric.py   sub keys (HKDF), AES-256-GCM, length-framed HMAC: the few tools of the others
    hpke.py        to a public key: agents and approvers to the gate, the gate to an executor class
    provider.py    the gate's master keys, behind the protocol that a KMS can take the place of
    body.py        an intent's body under its own data key, and the digest that binds the action
    release.py     a data key on its way to an executor class, locked until the fold grants

What cannot be opened is an `InputError` with the code `unsealable`, whatever the cause, and holds
nothing of the text; a key file that cannot be used is a `KeyringError`.
"""

from streams.sealing.body import action_digest, open_body, seal_body
from streams.sealing.hpke import SealKey, SealPublicKey
from streams.sealing.provider import KeyProvider, LocalKeyFile
from streams.sealing.release import ReleaseKey

__all__ = [
    "KeyProvider",
    "LocalKeyFile",
    "ReleaseKey",
    "SealKey",
    "SealPublicKey",
    "action_digest",
    "open_body",
    "seal_body",
]
