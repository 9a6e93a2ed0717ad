"""An exception's text, masked: it may quote what the handler was working on.

A handler's exception is the likeliest place for PHI to leave an executor. The text is masked here,
and once more by the gate; where masking cannot be had, only the exception's class is told.
"""

from collections.abc import Callable

TEXT_CHARS_MAX = 2_000

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
            from streams.masking import Masker  # noqa: PLC0415 - seconds, and seldom needed

            masker = Masker("phi")
            self._mask = lambda said: str(masker.mask_text(said).document)
        return self._mask(text)
