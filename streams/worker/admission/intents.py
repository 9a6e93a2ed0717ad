"""One intent: who asks, what exactly, whether it may. Steps in order; the first that fails refuses.

1 decode   2 id and key   3 agent, signature, an id of its own
-- from here on it is sure who asks: a refusal answers --
4 owner, person   5 time   6 action and resource, halts   7 unseal   8 parse
-- masked, and its facts read, in another process --
9 rule     10 seal        11 display and digests
"""

import hashlib
from dataclasses import dataclass
from functools import partial
from typing import Any

from streams import numerals
from streams.directory import AgentEntry, ResourceEntry
from streams.errors import InputError, RefusedError
from streams.events import (
    Effect,
    Intent,
    IntentAdmitted,
    IntentBody,
    PhiCount,
    Ruling,
    bears_mark,
)
from streams.facts import Facts, codes
from streams.masking import About, Masked
from streams.policy import PolicyRequest, PolicySet
from streams.sealing import Purpose, action_digest, commitment, content, seal_body
from streams.wire import codec
from streams.worker.admission import reading
from streams.worker.admission.context import Context, KnownSender, Opened, RulingSubject
from streams.worker.admission.requester import Asking, Logins, asking
from streams.worker.admission.signature import check_signed
from streams.worker.record import Record

INTENT = "Intent"  # the resource of a reveal: `Intent/<id>`


def open_intent(record: Record, context: Context) -> KnownSender:
    """Authenticate an intent. Raises InputError."""
    reading.check_size(record, context.settings.input_bytes_max)
    intent = codec.decode(record.value, Intent)
    reading.check_key(record, intent.intent_id)
    agent = agent_of(intent, context)
    check_signed(intent, agent, context.directory, needed=context.settings.require_signed_intents)
    if not bears_mark(intent.intent_id, intent.agent):
        raise RefusedError("the intent's id is another agent's, or nobody's", code="foreign_id")
    return KnownSender(
        intent.intent_id,
        intent.agent,
        partial(_read, intent, agent, context),
        partial(_commitment, intent, context),
    )


def _commitment(intent: Intent, context: Context) -> str:
    """Return the commitment to what is asked, empty where that cannot be read."""
    try:
        return commitment(intent, codec.decode(_unseal(intent, context), IntentBody))
    except InputError:
        return ""


def _read(intent: Intent, agent: AgentEntry, context: Context) -> Opened:
    """Check what is asked. Raises InputError."""
    logins = Logins(context.keys.seal, context.providers, context.settings.clock_skew_ms_max)
    asks = asking(intent, agent, context.directory, context.now_ms(), logins)
    _check_time(intent, context)
    entry = resource_of(intent, agent, context)
    _check_halts(intent, context)
    encoded = _unseal(intent, context)
    body = codec.decode(encoded, IntentBody)
    asked = asked_of(intent, agent, asks, entry, body, context)

    def finish(masked: Masked, facts: Facts) -> IntentAdmitted:
        return _finish(asked, encoded, masked, facts, context)

    return Opened(
        intent.intent_id, asked.document, finish, about=asked.about, subject=asked.subject
    )


@dataclass(frozen=True, slots=True)
class AskedIntent:
    """What an intent asks, once it is known who asks and that the resource is catalogued."""

    intent: Intent
    agent: AgentEntry
    asks: Asking
    entry: ResourceEntry
    body: IntentBody
    params: Any
    document: dict[str, Any]
    about: About

    @property
    def subject(self) -> RulingSubject:
        """Of what its facts are read."""
        return RulingSubject(self.params, self.entry.attributes)

    def ruling(self, masked: Masked, facts: Facts, policy: PolicySet) -> Ruling:
        """Return what the policy says."""
        intent = self.intent
        return policy.rule(
            PolicyRequest(
                agent=intent.agent,
                owner=self.agent.owner,
                on_behalf_of=intent.on_behalf_of,
                requester=self.asks.requester,
                action=intent.action,
                resource_type=intent.resource.type,
                resource_id=intent.resource.id,
                attributes=self.entry.attributes,
                phi=masked.kinds,
                whole=masked.whole,
                items=reading.items_total(self.params),
                unsure=unsure_of(masked),
                facts=facts,
            )
        )


def asked_of(  # noqa: PLR0913, PLR0917 - what was read, each by its name
    intent: Intent,
    agent: AgentEntry,
    asks: Asking,
    entry: ResourceEntry,
    body: IntentBody,
    context: Context,
) -> AskedIntent:
    """Parse what an intent asks. Raises RefusedError."""
    if len(body.params) > context.settings.params_bytes_max:
        raise RefusedError(
            f"params are larger than {context.settings.params_bytes_max} bytes", code="too_large"
        )
    params = reading.parse_params(body.params)
    document = {
        "action": intent.action,
        "resource": {"type": intent.resource.type, "id": intent.resource.id},
        "justification": body.justification,
        "params": params,
    }
    about = About(
        dialect=entry.attributes.get("dialect", ""),
        public=context.directory.public_names,
        grants=intent.action in context.policy.granting,
        masked_before=False,
    )
    return AskedIntent(intent, agent, asks, entry, body, params, document, about)


def unsure_of(masked: Masked) -> int:
    """Return how many values masking could not tell."""
    return int(getattr(masked, "unsure", 0))


def agent_of(intent: Intent, context: Context) -> AgentEntry:
    """Return the agent that asks. Raises RefusedError where it may not."""
    agent = context.directory.agent(intent.agent)
    if agent is None:
        raise RefusedError("the directory has no such agent", code="unknown_agent")
    return agent


def _check_time(intent: Intent, context: Context) -> None:
    settings, now_ms = context.settings, context.now_ms()
    if not settings.ttl_ms_min <= intent.ttl_ms <= settings.ttl_ms_max:
        raise RefusedError(
            f"ttl is not within {settings.ttl_ms_min} and {settings.ttl_ms_max} ms",
            code="ttl_out_of_range",
        )
    if intent.requested_at_ms > now_ms + settings.clock_skew_ms_max:
        raise RefusedError("the intent comes from the future: check clocks", code="clock_skew")
    if intent.requested_at_ms + intent.ttl_ms <= now_ms:
        raise RefusedError("the intent's time was over before it came", code="ttl_passed")


def resource_of(intent: Intent, agent: AgentEntry, context: Context) -> ResourceEntry:
    """Return the catalogue's entry of what it is to be done to. Raises RefusedError."""
    if intent.action not in context.policy.actions:
        raise RefusedError("the policy's schema has no such action", code="unknown_action")
    if agent.actions is not None and intent.action not in agent.actions:
        raise RefusedError("this agent may not ask for this action", code="action_not_allowed")
    kind, name = intent.resource.type, intent.resource.id
    if context.directory.is_odd(kind, name):
        raise RefusedError(
            "the resource's id is not in its one spelling, or can be taken for another",
            code="odd_resource",
        )
    entry = context.directory.resource(kind, name)
    if entry is None:
        raise RefusedError("the directory has no such resource", code="unknown_resource")
    return entry


def _check_halts(intent: Intent, context: Context) -> None:
    if context.board.halt_on(intent.agent, intent.action, intent.resource) is not None:
        raise RefusedError("an officer has halted this: ask again later", code="halted")


def _unseal(intent: Intent, context: Context) -> bytes:
    if intent.sealing == "hpke":
        return context.keys.seal.open(intent.body, intent.intent_id, Purpose.INTENT)
    if context.settings.require_sealed:
        raise RefusedError("intents must be sealed to the gate's key", code="not_sealed")
    return intent.body


def _finish(
    asked: AskedIntent, encoded: bytes, masked: Masked, facts: Facts, context: Context
) -> IntentAdmitted:
    intent, agent, entry = asked.intent, asked.agent, asked.entry
    shown = shown_of(asked, masked)
    ruling = asked.ruling(masked, facts, context.policy)
    data_key, sealed = seal_body(encoded, intent.intent_id, context.keys.provider)
    resource = intent.resource
    return IntentAdmitted(
        agent=intent.agent,
        owner=agent.owner,
        on_behalf_of=intent.on_behalf_of,
        action=intent.action,
        resource=resource,
        executor=entry.executor,
        display=shown,
        display_digest=hashlib.sha256(shown).hexdigest(),
        action_digest=action_digest(data_key, intent.action, resource.type, resource.id, encoded),
        content_mac=context.keys.provider.mac(content(intent, asked.body)),
        whole=masked.whole,
        phi=tuple(PhiCount(kind=kind, count=n) for kind, n in masked.kinds.items()),
        sealed=sealed,
        release=_release(data_key, intent, entry, ruling, context),
        ruling=ruling,
        masker_revision=context.masker_revision,
        requested_at_ms=intent.requested_at_ms,
        expires_at_ms=intent.requested_at_ms + intent.ttl_ms,
        grant_ttl_ms=context.settings.grant_ttl_ms,
        envelope=intent.signature or b"",
        requester=asked.asks.requester,
        proof=intent.proof or b"",
        delegators=asked.asks.delegators,
        content=commitment(intent, asked.body),
        facts=codes(facts),
        unsure=unsure_of(masked),
        gate=context.directory.gate.id,
        identity=asked.asks.identity,
    )


def shown_of(asked: AskedIntent, masked: Masked) -> bytes:
    """Return the display bytes. Action and resource are the directory's names, and stay.

    Only an id that met a pattern of the catalogue is the agent's own text. `hidden` says of each
    token how long the value is that it hides, and of which classes of characters; `incomplete` why
    nobody can agree.
    """
    intent, document = asked.intent, masked.document
    if not isinstance(document, dict):
        raise RefusedError("the masked view is not whole", code="masking_failed")
    if _is_text(intent, asked.entry) and document["resource"] != intent.resource.model_dump():
        raise RefusedError(
            "the resource id may identify a person: identifiers belong in params",
            code="phi_in_resource",
        )
    shown = {
        "action": intent.action,
        "resource": {"type": intent.resource.type, "id": intent.resource.id},
        "justification": document["justification"],
        "params": document["params"],
    }
    if masked.legend:
        shown["hidden"] = {row.token: row.said for row in masked.legend}
    if masked.why_not_whole:
        shown["incomplete"] = list(masked.why_not_whole)
    return numerals.dumps(shown).encode()


def _is_text(intent: Intent, entry: ResourceEntry) -> bool:
    """Return whether the agent wrote the id; an intent's is the gate's own name, as in the log."""
    own = intent.resource.type == INTENT and reading.is_intent_id(intent.resource.id)
    return entry.id.endswith("*") and not own


def _release(
    data_key: bytes, intent: Intent, entry: ResourceEntry, ruling: Ruling, context: Context
) -> bytes | None:
    """Wrap the data key for the executor class, locked until the fold grants."""
    if not ruling.unmask or ruling.effect is Effect.FORBID:
        return None
    executor = context.directory.executor(entry.executor)
    if executor is None:
        raise RefusedError("the directory has no such executor class", code="no_executor_key")
    wrapped = executor.seal.seal(data_key, intent.intent_id, Purpose.DATA_KEY)
    return context.keys.release.lock(wrapped, intent.intent_id)
