"""What runs inside a masking process. `masking_preload` calls it once in the fork server."""

from functools import cache

from streams.masking import About, Masked, Masker


@cache
def _masker() -> Masker:
    return Masker()


def revision() -> str:
    """Return the masker's revision; loads the model."""
    return _masker().revision


def mask(document: object, about: About | None = None) -> Masked:
    """Mask one document; `about` is what the gate knows of it."""
    return _masker().mask(document, about or About())
