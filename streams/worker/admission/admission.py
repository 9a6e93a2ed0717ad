"""The one door: a record in, an encoded `CaseEvent` out. Whatever came in, it is recorded."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

from streams.errors import InputError, MaskingError, PhigateError, ProviderError, RefusedError
from streams.events import Body, CaseEvent, InputRefused, Kind, Source, derived_id
from streams.facts import Facts
from streams.facts import read as read_facts
from streams.identity.jwks import AwaitedError
from streams.masking import About, Masked
from streams.wire import codec
from streams.worker.admission import reading
from streams.worker.admission.context import Context, KnownSender, Opened, RulingSubject
from streams.worker.admission.controls import open_control
from streams.worker.admission.decisions import open_decision
from streams.worker.admission.intents import open_intent
from streams.worker.admission.outcomes import open_outcome
from streams.worker.budget import OverBudgetError
from streams.worker.leave import log, type_and_place
from streams.worker.record import Record, Withheld

Mask = Callable[[object, About | None], Awaitable[Masked]]
Read = Callable[[RulingSubject], Awaitable[Facts]]

DETAIL_CHARS_MAX = 200
WITHHELD = "(withheld: it could not be masked)"

OPEN: Mapping[Kind, Callable[[Record, Context], KnownSender]] = {
    Kind.INTENT: open_intent,
    Kind.DECISION: open_decision,
    Kind.OUTCOME: open_outcome,
    Kind.CONTROL: open_control,
}


async def read_here(subject: RulingSubject) -> Facts:
    """Read facts in this process; a worker reads them in one that it may kill."""
    return read_facts(subject.params, subject.attributes)


class Admitted(NamedTuple):
    """What an input becomes: the event of an intent, encoded.

    `refused` is that event, not encoded, where others of its kind may be counted with it: those of
    which nobody knows who sent them, and with `counted` those that are over an agent's budget.
    """

    intent_id: str
    data: bytes
    refused: CaseEvent | None = None
    counted: bool = False


async def admit(
    record: Record, kind: Kind, context: Context, mask: Mask, read: Read = read_here
) -> tuple[str, bytes]:
    """Return the intent id and the encoded event that this input becomes; a refusal is one too."""
    made = await take(record, kind, context, mask, read)
    return made.intent_id, made.data


async def take(
    record: Record, kind: Kind, context: Context, mask: Mask, read: Read = read_here
) -> Admitted:
    """Return what this input becomes, whatever it is.

    The event is encoded here because one that grew too large in masking must be refused as well. An
    error that nobody expected is a refusal too: left to itself it would come back with the input at
    each start, and stop the partition. One is no refusal: ProviderError is raised where the keys
    are away for a while, and the input is admitted again later.
    """
    sender: KnownSender | None = None
    try:
        _check_kept(record)
        sender = await _opened(record, kind, context)
        agent = sender.who if kind is Kind.INTENT else ""
        if agent and context.budgets:
            context.budgets.charge(agent, (record.place, record.offset), len(record.value))
        opened = sender.read()
        masked, facts = await _seen_in_turn(opened, agent, context, mask, read)
        body = await _finished(opened, masked, facts, context)
        event = _event(record, opened.intent_id, body, context)
        return Admitted(event.intent_id, codec.encode(event))
    except ProviderError:
        raise
    except OverBudgetError as error:
        event = refusal(record, kind, error, context, sender)
        alone = error.told
        return Admitted(event.intent_id, codec.encode(event), None if alone else event, not alone)
    except (InputError, MaskingError) as error:
        event = refusal(record, kind, error, context, sender)
    except Exception as error:  # noqa: BLE001 - told by type and place alone: its text may hold PHI
        log.error("%s-%d at %d: %s", *record.place, record.offset, type_and_place(error))
        unexpected = PhigateError("admission failed: see the worker's log", code="admission_failed")
        event = refusal(record, kind, unexpected, context, sender)
    return Admitted(event.intent_id, codec.encode(event), None if sender else event)


async def _opened(record: Record, kind: Kind, context: Context) -> KnownSender:
    """Open it. Where a provider's keys are wanted first they are fetched beside, once."""
    try:
        return OPEN[kind](record, context)
    except AwaitedError as wanted:
        awaited = wanted.provider
    assert context.providers is not None  # noqa: S101 - it has raised this
    await context.providers.wait(awaited)
    try:
        return OPEN[kind](record, context)
    except AwaitedError:
        raise RefusedError(
            "the provider's keys are not to be had", code="keys_unavailable"
        ) from None


def _check_kept(record: Record) -> None:
    """Refuse what the fetcher did not keep (`too_large`)."""
    if isinstance(record.value, Withheld):
        raise RefusedError("the record is too large to be unpacked", code="too_large")


async def _seen_in_turn(
    opened: Opened, agent: str, context: Context, mask: Mask, read: Read
) -> tuple[Masked, Facts | None]:
    """Mask it and read its facts when its agent's turn has come, if it may still.

    A remark has a lane of its own.
    """
    if context.lanes is None:
        return await _masked(opened, mask), await _facts(opened.subject, read)
    async with context.lanes.turn(agent):
        if agent and context.budgets:
            context.budgets.check(agent)
        return await _masked(opened, mask), await _facts(opened.subject, read)


async def _masked(opened: Opened, mask: Mask) -> Masked:
    """Mask it. Raises MaskingError where there is nothing to record without the text."""
    try:
        return await mask(opened.document, opened.about)
    except MaskingError as error:
        if not opened.aside:
            raise
        log.warning("a remark is withheld: %s", error)
        return Masked(WITHHELD, withheld=1)


async def _facts(subject: RulingSubject | None, read: Read) -> Facts | None:
    """Read the facts; where that fails or takes too long, every one of them is unknown."""
    if subject is None:
        return None
    try:
        return await read(subject)
    except Exception as error:  # noqa: BLE001 - told by type and place alone: its text may hold PHI
        log.warning("facts are unknown: %s", type_and_place(error))
        return Facts()


async def _finished(opened: Opened, masked: Masked, facts: Facts | None, context: Context) -> Body:
    """Finish it; beside the loop where a key provider is asked over a network."""
    told = (masked,) if facts is None else (masked, facts)
    if context.keys.provider.remote:
        return await asyncio.to_thread(opened.finish, *told)
    return opened.finish(*told)


def refusal(
    record: Record,
    kind: Kind,
    error: PhigateError,
    context: Context,
    sender: KnownSender | None = None,
) -> CaseEvent:
    """Return the recorded refusal. Where no id could be read, one is derived from the place.

    Only what is known to be its agent's own answers an intent: else whoever writes first under an
    id would have it denied, and its agent told so.
    """
    claimed = reading.claimed_id(record)
    place = (record.place.topic, str(record.place.partition), str(record.offset))
    value = record.value
    body = InputRefused(
        kind=kind,
        reason=error.code,
        detail=str(error)[:DETAIL_CHARS_MAX],
        who=sender.who if sender else getattr(error, "who", None),
        answerable=kind is Kind.INTENT and sender is not None,
        digest=context.keys.provider.mac(value),
        bytes_total=value.total if isinstance(value, Withheld) else len(value),
        content=sender.content() if sender else "",
    )
    return _event(record, claimed or derived_id("unreadable", *place), body, context)


def _event(record: Record, intent_id: str, body: Body, context: Context) -> CaseEvent:
    topic, partition = record.place
    return CaseEvent(
        event_id=derived_id("event", topic, str(partition), str(record.offset)),
        intent_id=intent_id,
        at_ms=context.now_ms(),
        source=Source(topic=topic, partition=partition, offset=record.offset),
        body=body,
    )
