"""What runs inside a masking process. `masking_preload` calls it once in the fork server."""

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
