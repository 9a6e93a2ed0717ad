"""An exception's text, masked: it may quote what the handler was working on.

A handler's exception is the likeliest place for PHI to leave an executor. The text is masked here,
and once more by the gate; where masking cannot be had, or takes more than a second or some inflated
bytes, only the exception's class is told.
"""

from collections.abc import Callable

from streams.errors import MaskingError

TEXT_CHARS_MAX = 2_000
SECONDS_MAX = 1.0
DECODED_BYTES_MAX = 64_000

Mask = Callable[[str], str]


def told(error: BaseException, mask: Mask) -> str:
    """Return the exception's class and masked text; its class alone where masking fails."""
    name = type(error).__name__
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - whatever a foreign __str__ does
        return name
    if not text.strip():
        return name
    if len(text) > TEXT_CHARS_MAX:  # masking half of an identifier would not find it
        return f"{name} (message withheld: {len(text)} characters)"
    try:
        return f"{name}: {mask(text)}"
    except Exception:  # noqa: BLE001 - doubt means no: whatever it is, the text stays here
        return f"{name} (message withheld: it could not be masked)"


class LazyMasker:
    """Loads the model with the first failure, not before; not at all where nothing ever fails."""

    def __init__(self) -> None:
        self._mask: Mask | None = None

    def __call__(self, text: str) -> str:
        """Return the masked text. Raises whatever keeps the masker from loading or masking."""
        if self._mask is None:
            self._mask = _masker()
        return self._mask(text)


def _masker() -> Mask:
    """Load a masker with a small budget: an exception's text is not worth an executor's time."""
    from streams.masking import Masker, MaskingConfig  # noqa: PLC0415 - seconds, and seldom needed
    from streams.masking.config import Limits  # noqa: PLC0415 - with it

    limits = Limits(seconds_max=SECONDS_MAX, decoded_bytes_max=DECODED_BYTES_MAX)
    masker = Masker("phi", MaskingConfig(limits=limits))

    def masked(text: str) -> str:
        answer = masker.mask_text(text)
        if answer.withheld:
            raise MaskingError("it could not be masked in time")
        return str(answer.document)

    return masked
