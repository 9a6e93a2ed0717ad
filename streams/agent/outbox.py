"""The drafts that were sent and are not answered yet, kept to be sent again; bounded in bytes.

And what was asked under each id, as a commitment: a verdict on other content is none of ours.
"""

import threading
from collections import OrderedDict

from streams.agent.draft import Draft

KEPT_BYTES_MAX = 64 * 1024 * 1024  # some 250 intents of the largest size, many more of usual ones
ASKED_MAX = 100_000  # 200 bytes each


class Outbox:
    """Keeps the newest drafts; the oldest leave when there are too many bytes. Thread-safe."""

    def __init__(self, bytes_max: int = KEPT_BYTES_MAX) -> None:
        self._drafts: OrderedDict[str, Draft] = OrderedDict()
        self._bytes_max = bytes_max
        self._bytes = 0
        self._asked: OrderedDict[str, tuple[str, int | None]] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, draft: Draft, taken_ms: int | None = None) -> None:
        """Keep a draft in place of an earlier one of the same id; the broker took it `taken_ms`."""
        with self._lock:
            before = self._asked.get(draft.intent_id, ("", None))[1]
            first = min((each for each in (before, taken_ms) if each is not None), default=None)
            self._asked[draft.intent_id] = draft.content, first
            self._asked.move_to_end(draft.intent_id)
            if len(self._asked) > ASKED_MAX:
                self._asked.popitem(last=False)
            self._forget(draft.intent_id)
            self._drafts[draft.intent_id] = draft
            self._bytes += len(draft.value)
            while self._bytes > self._bytes_max:
                self._forget(next(iter(self._drafts)))

    def find(self, intent_id: str) -> Draft | None:
        """Return the kept draft, if it is still there."""
        with self._lock:
            return self._drafts.get(intent_id)

    def asked(self, intent_id: str) -> str:
        """Return the commitment to what this client asked under an id, empty where it did not."""
        with self._lock:
            return self._asked.get(intent_id, ("", None))[0]

    def taken_ms(self, intent_id: str) -> int | None:
        """Return when the broker first took what this client sent, by the broker's clock."""
        with self._lock:
            return self._asked.get(intent_id, ("", None))[1]

    def forget(self, intent_id: str) -> None:
        """Drop an answered draft."""
        with self._lock:
            self._forget(intent_id)

    def _forget(self, intent_id: str) -> None:
        draft = self._drafts.pop(intent_id, None)
        self._bytes -= len(draft.value) if draft else 0
