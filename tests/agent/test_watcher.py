"""Where a wait begins to read: by a time that can be trusted, or from the beginning."""

from typing import Any

import pytest
from confluent_kafka import OFFSET_BEGINNING, TopicPartition

from streams.agent.watcher import Watcher
from streams.settings import Settings

END = 40


class Topic:
    """Stands in for a consumer: a topic at rest, whose newest record is older than any time."""

    def __init__(self, found: int) -> None:
        self.found = found
        self.places: list[TopicPartition] = []

    def get_watermark_offsets(self, *_: Any, **__: Any) -> tuple[int, int]:
        """Return its span."""
        return 0, END

    def offsets_for_times(self, asked: list[TopicPartition], _: float) -> list[TopicPartition]:
        """Return the first record after a time, -1 where there is none."""
        return [TopicPartition(each.topic, each.partition, self.found) for each in asked]

    def incremental_assign(self, places: list[TopicPartition]) -> None:
        """Note where it is read."""
        self.places = places


@pytest.mark.parametrize(
    ("found", "exact", "start"),
    [(7, True, 7), (7, False, 7), (-1, True, END), (-1, False, OFFSET_BEGINNING)],
)
def test_a_time_ahead_of_the_log_hides_no_verdict(found: int, exact: bool, start: int) -> None:
    """Drawn by a clock that was ahead, an id's time is no measure: all is read."""
    topic = Topic(found)
    Watcher(Settings())._read(topic, 0, 1, exact=exact)
    assert [start, start] == [each.offset for each in topic.places]
