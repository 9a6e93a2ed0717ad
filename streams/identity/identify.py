"""Who a login's decision is from: the token checked, the person found, the groups mapped."""

import hashlib
from dataclasses import dataclass

from streams.directory import Directory, Provider
from streams.errors import RefusedError
from streams.events import Identity
from streams.identity import token
from streams.identity.binding import Proof, is_bound
from streams.identity.jwks import KeySource
from streams.identity.token import Claims, When


@dataclass(frozen=True, slots=True)
class Identified:
    """The person whom the directory knows by this login, with the groups that it gives."""

    person: str
    groups: frozenset[str]
    identity: Identity


def identify(proof: Proof, directory: Directory, source: KeySource, when: When) -> Identified:
    """Check the proof's token against the directory; RefusedError.

    Codes are those of `token.check`, and `wrong_issuer` (none of the directory's),
    `keys_unavailable`, `nonce_mismatch`, `unknown_person`, `ambiguous_person`.
    """
    head = token.peek(proof.token)
    provider = directory.provider(head.issuer)
    if provider is None:
        raise RefusedError("the directory pins no such issuer", code="wrong_issuer")
    token.check_algorithm(head, provider)
    keys = source.keys(provider, head.key_id)
    said = token.check(proof.token, provider, keys, when)
    if not is_bound(said.nonce, proof.signer, bytes.fromhex(proof.salt)):
        raise RefusedError("the ID token is bound to another key", code="nonce_mismatch")
    return Identified(_person(said, directory), _groups(said, provider), _kept(said, proof))


def _person(said: Claims, directory: Directory) -> str:
    found = directory.people_of_subject(said.issuer, said.subject, said.email)
    if len(found) > 1:
        raise RefusedError("the login is several people's", code="ambiguous_person")
    name = next(iter(found), None)
    person = directory.person(name) if name else None
    if name is None or person is None or not person.active:
        raise RefusedError("the directory has no such person now", code="unknown_person")
    return name


def _groups(said: Claims, provider: Provider) -> frozenset[str]:
    return frozenset(group for each in said.groups for group in provider.groups.get(each, ()))


def _kept(said: Claims, proof: Proof) -> Identity:
    return Identity(
        issuer=said.issuer,
        subject_digest=_digest(f"{said.issuer}\n{said.subject}"),
        token_digest=_digest(proof.token),
        key_id=said.key_id[:256],
        algorithm=said.algorithm,
        signer=proof.key,
        issued_at_ms=said.issued_at_ms,
        expires_at_ms=said.expires_at_ms,
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
