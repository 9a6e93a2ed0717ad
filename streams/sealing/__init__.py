"""The one door to secrecy: who can read an intent's raw text, and until when.

Reading order:

    symmetric.py   sub keys (HKDF), AES-256-GCM, length-framed HMAC: the few tools of the others
    hpke.py        to a public key: agents and approvers to the gate, the gate to an executor class
    puncture.py    a tree of keys of which one leaf can be destroyed (pure)
    keyset.py      such keys in a file: current and older ones, rotated, shredded, read again
    provider.py    who wraps data keys: the file, and around it a provider outside this machine
    vault.py       HashiCorp Vault, transit engine      kms.py   AWS KMS
    body.py        an intent's body under its own data key, and the digest that binds the action
    release.py     a data key on its way to an executor class, locked until the fold grants

What cannot be opened is an `InputError` with the code `unsealable`, whatever the cause, and holds
nothing of the text; what was shredded is one with `shredded`. A key file that cannot be used is a
`KeyringError`, and a `ProviderError` where that may pass.
"""

from streams.sealing.body import action_digest, commitment, content, open_body, seal_body
from streams.sealing.hpke import Purpose, SealKey, SealPublicKey
from streams.sealing.provider import KeyProvider, LocalKeyFile, TwoLayers
from streams.sealing.release import ReleaseKey
from streams.sealing.symmetric import sub_key

__all__ = [
    "KeyProvider",
    "LocalKeyFile",
    "Purpose",
    "ReleaseKey",
    "SealKey",
    "SealPublicKey",
    "TwoLayers",
    "action_digest",
    "commitment",
    "content",
    "open_body",
    "seal_body",
    "sub_key",
]
