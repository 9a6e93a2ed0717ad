"""Who asks, for whom, and on whose word: the agent's owner, the person, those they stand for.

An agent names whom it acts for, and that takes the yes away from that person, lets personal data be
unmasked, and says in the audit whose wish it was. So the agent's word alone is worth nothing: the
directory allows the pair (`acts_for`), or the person signed this very intent. Whoever is suspended
asks for nothing, in person or by an agent.

    codes  agent_suspended, owner_suspended, unknown_person, requester_suspended, not_allowed_for,
           proof_mismatch, bad_statement, other_gate, and the signature's
"""

from dataclasses import dataclass

from streams import statements
from streams.directory import AgentEntry, Directory, Person
from streams.errors import RefusedError
from streams.events import BehalfStatement, Intent, Requester
from streams.worker.admission.signature import check_says


@dataclass(frozen=True, slots=True)
class Asking:
    """On whose word it is asked, and who had delegated to the owner or the person by then."""

    requester: Requester
    delegators: tuple[str, ...]


def asking(intent: Intent, agent: AgentEntry, directory: Directory, now_ms: int) -> Asking:
    """Return who asks; RefusedError, with the codes above, where they may not."""
    if not agent.active:
        raise RefusedError("this agent is suspended", code="agent_suspended")
    owner = directory.person(agent.owner)
    if owner is None or not owner.active:
        raise RefusedError("the agent's owner is suspended", code="owner_suspended")
    requester = _requester(intent, agent, directory)
    people = [name for name in (agent.owner, intent.on_behalf_of) if name]
    given = {name for person in people for name in directory.stands_for(person, now_ms)}
    return Asking(requester, tuple(sorted(given)))


def _requester(intent: Intent, agent: AgentEntry, directory: Directory) -> Requester:
    if intent.on_behalf_of is None:
        if intent.proof is not None:
            raise RefusedError("it is signed for a person and names none", code="proof_mismatch")
        return Requester.NONE
    person = directory.person(intent.on_behalf_of)
    if person is None:
        raise RefusedError("the directory has no such person", code="unknown_person")
    if not person.active:
        raise RefusedError("the person it is asked for is suspended", code="requester_suspended")
    if intent.proof is not None:
        _check_proof(intent, intent.proof, person, directory.gate.id)
        return Requester.PROVEN
    if not agent.may_act_for(intent.on_behalf_of, person):
        raise RefusedError(
            "the directory does not let this agent act for this person, and they did not sign",
            code="not_allowed_for",
        )
    return Requester.ALLOWED


def _check_proof(intent: Intent, proof: bytes, person: Person, gate: str) -> None:
    """Refuse what the person did not sign: this intent, to the byte, and no other."""
    _, said = statements.opened(BehalfStatement, proof, person.keys, gate)
    check_says(intent, said)
