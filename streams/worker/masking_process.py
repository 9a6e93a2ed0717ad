"""What runs inside a masking process. `masking_preload` calls it once in the fork server."""

from collections.abc import Mapping
from functools import cache

from streams import dumps, facts
from streams.masking import About, Masked, Masker


@cache
def _masker() -> Masker:
    dumps.forbid()
    return Masker()


def revision() -> str:
    """Return the masker's revision; loads the model."""
    return _masker().revision


def mask(document: object, about: About | None = None) -> Masked:
    """Mask one document; `about` is what the gate knows of it."""
    return _masker().mask(document, about or About())


def read(params: object, attributes: Mapping[str, str]) -> facts.Facts:
    """Return the facts of an intent's parameters."""
    return facts.read(params, dict(attributes))
