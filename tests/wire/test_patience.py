"""Waiting out what mends itself, and telling at once what does not."""

import pytest
from confluent_kafka import KafkaError, KafkaException

from streams.errors import BrokerError
from streams.wire.faults import MOVING, YOUNG, patiently


def answers(*codes: int) -> list[int]:
    """Return the codes that a broker gives, one after the other, before it answers."""
    return list(codes)


def ask(left: list[int]) -> str:
    """Fail with the next code; answer when none is left."""
    if left:
        raise KafkaException(KafkaError(left.pop(0)))
    return "answer"


@pytest.mark.parametrize("code", sorted({*MOVING, *YOUNG}))
def test_what_moves_is_asked_again(code: int) -> None:
    """A leader, a coordinator, a topic that the client does not see just now."""
    left = answers(code)
    assert "answer" == patiently(lambda: ask(left), 60.0, "asked")


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (KafkaError._UNKNOWN_TOPIC, "no_topic"),
        (KafkaError._UNKNOWN_PARTITION, "no_topic"),
        (KafkaError.UNKNOWN_TOPIC_OR_PART, "no_topic"),
        (KafkaError._TIMED_OUT, "broker_away"),
    ],
)
def test_patience_ends(code: int, told: str) -> None:
    """What stays so is told with its reason once the time is over."""
    left = answers(*[code] * 10)
    with pytest.raises(BrokerError) as caught:
        patiently(lambda: ask(left), -1.0, "asked")
    assert (told, 9) == (caught.value.code, len(left))


def test_a_refusal_is_told_at_once() -> None:
    """It will not mend itself."""
    left = answers(*[KafkaError.TOPIC_AUTHORIZATION_FAILED] * 2)
    with pytest.raises(BrokerError) as caught:
        patiently(lambda: ask(left), 60.0, "asked")
    assert ("not_allowed", 1) == (caught.value.code, len(left))
