"""Find and change PHI: structure first, then text, then what is known from both.

The one door is `Masker`. Reading order: `masker` (the passes over one document), `fields` (what a
field's name says), `formats/` (messages inside strings), `analyse` (what a text says), `known`
(what was found once is found again), `tokens` (numbering). What a text says is read in rooms of
their own: `names/`, `places/`, `dates/`, `codes/`, `conditions/`, over the lists of `vocabulary/`.
Nothing heavy is imported until the door is used.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from streams.masking.config import MaskingConfig
    from streams.masking.masker import Masker
    from streams.masking.results import About, Finding, Hidden, Masked, Span

__all__ = ["About", "Finding", "Hidden", "Masked", "Masker", "MaskingConfig", "Span"]

_HOMES = {
    "About": "results",
    "Finding": "results",
    "Hidden": "results",
    "Masked": "results",
    "Masker": "masker",
    "MaskingConfig": "config",
    "Span": "results",
}


def __getattr__(name: str) -> Any:
    """Import a public name from its module when it is first asked for (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(name)
    from importlib import import_module  # noqa: PLC0415 - imported late, where it is used

    return getattr(import_module(f"streams.masking.{_HOMES[name]}"), name)
