"""What runs inside a masking process. The fork server imports this, so the model is loaded once."""

from functools import cache

from streams.masking import Masked, Masker


@cache
def _masker() -> Masker:
    return Masker()


def revision() -> str:
    """Return the masker's revision; loads the model."""
    return _masker().revision


def mask(document: object) -> Masked:
    """Mask one document."""
    return _masker().mask(document)
