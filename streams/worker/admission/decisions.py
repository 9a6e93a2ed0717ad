"""One decision: who signed it, how they are known, and that the rationale is the signed one."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from streams import statements
from streams.errors import RefusedError
from streams.events import Assurance, Decision, DecisionAdmitted, DecisionStatement, Identity
from streams.identity.binding import unpack
from streams.identity.identify import identify
from streams.identity.token import When
from streams.masking import Masked
from streams.sealing import Purpose
from streams.signing import PublicKey
from streams.wire import codec
from streams.worker.admission import reading
from streams.worker.admission.context import Context, KnownSender, Opened
from streams.worker.record import Record


def open_decision(record: Record, context: Context) -> KnownSender:
    """Authenticate a decision. Raises InputError.

    With an enrolled key the person is whose key it is, and the groups are the directory's, as it
    stands now. With a login the person and the groups are those of the ID token that binds the key.
    """
    reading.check_size(record, context.settings.input_bytes_max)
    decision = codec.decode(record.value, Decision)
    reading.check_key(record, decision.intent_id)
    known = _by_key if decision.identity is None else _by_login
    statement, who = known(decision, context)
    read = partial(_read, decision, statement, who, context)
    return KnownSender(decision.intent_id, who.person, read)


def _read(
    decision: Decision, statement: DecisionStatement, who: "_Who", context: Context
) -> Opened:
    directory, now_ms = context.directory, context.now_ms()
    given = directory.delegators(who.person, now_ms)
    groups = tuple(sorted(who.groups.union(*map(directory.own_groups, given))))
    stands_for = directory.stands_for(who.person, now_ms)
    rationale = reading.unseal_text(
        context.keys.seal, decision.rationale, decision.intent_id, Purpose.RATIONALE
    )
    if not reading.is_salted(statement.rationale_digest, decision.salt, rationale.encode()):
        raise RefusedError("the rationale is not the signed one", code="rationale_mismatch")

    def finish(masked: Masked) -> DecisionAdmitted:
        return DecisionAdmitted(
            person=who.person,
            groups=groups,
            answer=statement.answer,
            code=statement.code,
            rationale=str(masked.document),
            action_digest=statement.action_digest,
            display_digest=statement.display_digest,
            policy_revision=statement.policy_revision,
            decided_at_ms=statement.decided_at_ms,
            envelope=decision.envelope,
            assurance=Assurance.KEY if who.identity is None else Assurance.OIDC,
            stands_for=stands_for,
            identity=who.identity,
            view_digest=statement.view_digest,
            masker_revision=statement.masker_revision,
        )

    return Opened(decision.intent_id, rationale, finish, aside=True)


@dataclass(frozen=True, slots=True)
class _Who:
    person: str
    groups: frozenset[str]
    identity: Identity | None


def _by_key(decision: Decision, context: Context) -> tuple[DecisionStatement, _Who]:
    directory = context.directory
    key, statement = _statement(decision, directory.approver_keys(), context)
    _check_time(statement.decided_at_ms, context)
    found = directory.person_of_key(key.key_id)
    if found is None or not found[1].active:
        raise RefusedError("the directory has no such person now", code="unknown_person")
    return statement, _Who(found[0], frozenset(found[1].groups), None)


def _by_login(decision: Decision, context: Context) -> tuple[DecisionStatement, _Who]:
    """Only the key that the token binds is tried: an enrolled one has no place beside a token."""
    if context.providers is None:
        raise RefusedError("no login counts here", code="keys_unavailable")
    sealed = decision.identity or b""
    proof = unpack(context.keys.seal.open(sealed, decision.intent_id, Purpose.IDENTITY))
    _, statement = _statement(decision, [proof.signer], context)
    skew_ms = context.settings.clock_skew_ms_max
    when = When(context.now_ms(), statement.decided_at_ms, skew_ms)
    found = identify(proof, context.directory, context.providers, when)
    return statement, _Who(found.person, found.groups, found.identity)


def _statement(
    decision: Decision, keys: Iterable[PublicKey], context: Context
) -> tuple[PublicKey, DecisionStatement]:
    key, statement = statements.opened(
        DecisionStatement, decision.envelope, keys, context.directory.gate.id
    )
    if statement.intent_id != decision.intent_id:
        raise RefusedError("the decision was signed for another intent", code="intent_mismatch")
    reading.check_code(statement.code)
    return key, statement


def _check_time(at_ms: int, context: Context) -> None:
    """Refuse a time at which no such decision can have been made. A login's has its token's."""
    settings, now_ms = context.settings, context.now_ms()
    if at_ms > now_ms + settings.clock_skew_ms_max:
        raise RefusedError("the decision comes from the future: check clocks", code="clock_skew")
    if at_ms < now_ms - settings.ttl_ms_max - settings.clock_skew_ms_max:
        raise RefusedError("it is older than any request that is open", code="decision_too_old")
