"""One order: judged as executors judge it, and its reason opened."""

from streams.control.judge import Judged, judge, short
from streams.errors import InputError
from streams.events import ControlAdmitted
from streams.masking import Masked
from streams.sealing import Purpose, SealKey
from streams.worker.admission import reading
from streams.worker.admission.context import Context, KnownSender, Opened
from streams.worker.record import Record


def open_control(record: Record, context: Context) -> KnownSender:
    """Authenticate an order, as executors do. Raises InputError."""
    tally = context.tally_of(record.place)
    topic = short(record.place.topic)
    judged = judge(record.key, record.value, record.stamp_ms, context.authority, topic, tally)
    order = judged.order
    return KnownSender(order.subject_id, order.by, lambda: _read(judged, context))


def _read(judged: Judged, context: Context) -> Opened:
    order, raw = judged.order, judged.control
    reason = _reason(context.keys.seal, raw.reason, order.subject_id)

    def finish(masked: Masked) -> ControlAdmitted:
        return ControlAdmitted(
            control=order.control,
            by=order.by,
            scope=order.scope.text if order.scope else "",
            reason=str(masked.document),
            said_at_ms=order.at_ms,
            envelope=raw.envelope,
        )

    return Opened(order.subject_id, reason, finish, aside=True)


def _reason(key: SealKey, blob: bytes, subject_id: str) -> str:
    """Return the reason. Executors obey without reading it, so what cannot be read counts too."""
    try:
        return reading.unseal_text(key, blob, subject_id, Purpose.ORDER)
    except InputError as error:
        return f"(no reason that can be read: {error.code})"
