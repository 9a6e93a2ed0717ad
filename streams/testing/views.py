"""What readers of the output topics see: of each key the record with the highest position."""

from typing import Any, TypeVar

from streams.events import Grant, Message, Request, Verdict
from streams.testing.hosts import World
from streams.worker.record import Place

M = TypeVar("M", bound=Message)

KINDS: dict[str, type[Message]] = {"requests": Request, "verdicts": Verdict}


def kind_of(topic: str) -> type[Message]:
    """Return what an output topic holds."""
    return KINDS.get(topic, Grant)


class PlayedViews:
    """Reads on from where it stood, whenever it is asked."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._read: dict[Place, int] = {}
        self._newest: dict[tuple[str, bytes], Any] = {}

    def newest(self, topic: str, intent_id: str, kind: type[M]) -> M | None:
        """Return the newest message of an intent in a topic."""
        key = intent_id.encode()
        self.catch_up(self._world.place(topic, key))
        found = self._newest.get((topic, key))
        return found if isinstance(found, kind) else None

    def catch_up(self, place: Place) -> None:
        """Read a partition to its end."""
        log, read = self._world.broker.logs[place], self._read.get(place, 0)
        if read == len(log):
            return
        for entry in log[read:]:
            message: Any = self._world.form.read(entry.value, kind_of(place.topic))
            name = (place.topic, entry.key)
            known = self._newest.get(name)
            if known is None or message.position.offset >= known.position.offset:
                self._newest[name] = message
        self._read[place] = len(log)
