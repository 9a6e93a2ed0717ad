"""Who asks, for whom, and on whose word: the agent's owner, the person, those they stand for.

An agent names whom it acts for, and that takes the yes away from that person, lets personal data be
unmasked, and says in the audit whose wish it was. So the agent's word alone is worth nothing: the
directory allows the pair (`acts_for`), or the person signed this very intent. Whoever is suspended
asks for nothing, in person or by an agent.

A person signs with an enrolled key, or with that of a login: the provider's token says whose it is,
and it counts by the provider's keys as they are known. None is fetched for an agent's intent.

    codes  agent_suspended, owner_suspended, unknown_person, requester_suspended, not_allowed_for,
           proof_mismatch, bad_statement, other_gate, and the signature's; of a login too
           keys_unavailable, bad_identity, nonce_mismatch, and the token's
"""

from dataclasses import dataclass

from streams import statements
from streams.directory import AgentEntry, Directory
from streams.errors import RefusedError
from streams.events import BehalfStatement, Identity, Intent, Requester
from streams.identity.binding import unpack
from streams.identity.identify import identify
from streams.identity.jwks import AwaitedError, KeySource
from streams.identity.token import When
from streams.sealing import Purpose, SealKey
from streams.signing import PublicKey
from streams.worker.admission.signature import check_says


@dataclass(frozen=True, slots=True)
class Logins:
    """What a person's login is checked with: the gate's key, the providers' keys, the clocks."""

    seal: SealKey
    providers: KeySource | None
    skew_ms: int


@dataclass(frozen=True, slots=True)
class Asking:
    """On whose word it is asked, and who had delegated to the owner or the person by then."""

    requester: Requester
    delegators: tuple[str, ...]
    identity: Identity | None = None


def asking(
    intent: Intent,
    agent: AgentEntry,
    directory: Directory,
    now_ms: int,
    logins: Logins | None = None,
) -> Asking:
    """Return who asks; RefusedError, with the codes above, where they may not."""
    if not agent.active:
        raise RefusedError("this agent is suspended", code="agent_suspended")
    owner = directory.person(agent.owner)
    if owner is None or not owner.active:
        raise RefusedError("the agent's owner is suspended", code="owner_suspended")
    requester = _requester(intent, agent, directory)
    identity = None
    if requester is Requester.PROVEN:
        identity = _check_proof(intent, directory, now_ms, logins)
    people = [name for name in (agent.owner, intent.on_behalf_of) if name]
    given = {name for person in people for name in directory.stands_for(person, now_ms)}
    return Asking(requester, tuple(sorted(given)), identity)


def _requester(intent: Intent, agent: AgentEntry, directory: Directory) -> Requester:
    if intent.on_behalf_of is None:
        if intent.proof is not None or intent.identity is not None:
            raise RefusedError("it is signed for a person and names none", code="proof_mismatch")
        return Requester.NONE
    person = directory.person(intent.on_behalf_of)
    if person is None:
        raise RefusedError("the directory has no such person", code="unknown_person")
    if not person.active:
        raise RefusedError("the person it is asked for is suspended", code="requester_suspended")
    if intent.proof is not None:
        return Requester.PROVEN
    if intent.identity is not None:
        raise RefusedError("a login stands beside nothing that is signed", code="proof_mismatch")
    if not agent.may_act_for(intent.on_behalf_of, person):
        raise RefusedError(
            "the directory does not let this agent act for this person, and they did not sign",
            code="not_allowed_for",
        )
    return Requester.ALLOWED


def _check_proof(
    intent: Intent, directory: Directory, now_ms: int, logins: Logins | None
) -> Identity | None:
    """Refuse what the person did not sign: this intent, to the byte, and no other."""
    person = directory.person(intent.on_behalf_of or "")
    keys = person.keys if person else ()
    identity = None
    if intent.identity is not None:
        keys, identity = _by_login(intent, intent.identity, directory, now_ms, logins)
    _, said = statements.opened(BehalfStatement, intent.proof or b"", keys, directory.gate.id)
    check_says(intent, said)
    return identity


def _by_login(
    intent: Intent, sealed: bytes, directory: Directory, now_ms: int, logins: Logins | None
) -> tuple[tuple[PublicKey, ...], Identity]:
    """Return the key that the person's token binds, which alone is tried, and what is kept of it.

    The token must hold now, and when the intent says that it was asked.
    """
    if logins is None or logins.providers is None:
        raise RefusedError("no login counts here", code="keys_unavailable")
    proof = unpack(logins.seal.open(sealed, intent.intent_id, Purpose.IDENTITY))
    when = When(now_ms, intent.requested_at_ms, logins.skew_ms)
    try:
        found = identify(proof, directory, logins.providers, when)
    except AwaitedError:
        raise RefusedError(
            "the provider's keys are not known yet: ask again", code="keys_unavailable"
        ) from None
    if found.person != intent.on_behalf_of:
        raise RefusedError("it is another person's login", code="proof_mismatch")
    return (proof.signer,), found.identity
