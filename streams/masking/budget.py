"""One budget for a document: seconds of this thread's own work, and bytes that are inflated.

Whatever is nested in a document, and however often, is read on the same budget. Seconds are those
of the processor: a machine under load cuts nothing short that a quiet one would finish.
"""

from contextvars import ContextVar
from dataclasses import dataclass, field
from time import thread_time

from streams.errors import MaskingError


@dataclass(slots=True)
class Budget:
    """What is left for one document."""

    seconds: float
    bytes_left: int
    until: float = field(init=False)

    def __post_init__(self) -> None:
        """Start the clock."""
        self.until = thread_time() + self.seconds

    @property
    def over(self) -> bool:
        """Tell whether the time is over."""
        return thread_time() > self.until

    def check(self) -> None:
        """Raise MaskingError (`masking_timeout`) where the time is over."""
        if self.over:
            raise MaskingError("masking took too long", code="masking_timeout")

    def inflate(self, size: int) -> None:
        """Take inflated bytes; raise MaskingError (`inflates_too_far`) past the budget."""
        self.bytes_left -= size
        if self.bytes_left < 0:
            raise MaskingError("it inflates too far", code="inflates_too_far")


_CURRENT: ContextVar[Budget | None] = ContextVar("masking_budget", default=None)


def begin(seconds: float, bytes_max: int) -> Budget:
    """Give this thread's next document its budget."""
    budget = Budget(seconds, bytes_max)
    _CURRENT.set(budget)
    return budget


def current() -> Budget:
    """Return the budget of the document at hand; one without limits where none was given."""
    return _CURRENT.get() or Budget(float("inf"), 1 << 62)
