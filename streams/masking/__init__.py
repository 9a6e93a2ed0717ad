"""Find and change PHI: structure first, then text, then what is known from both.

The one door is `Masker`. Reading order: `masker` (the passes over one document), `fields` (what a
field's name says), `formats/` (messages inside strings), `analyse` (what a text says), `known`
(what was found once is found again), `tokens` (numbering). What a text says is read in rooms of
their own: `names/`, `places/`, `dates/`, `codes/`, `conditions/`, over the lists of `vocabulary/`.
Nothing heavy is imported until the door is used.
"""

from typing import TYPE_CHECKING

from streams.door import opening

if TYPE_CHECKING:
    from streams.masking.config import Limits, MaskingConfig, NerModel, Recognizer
    from streams.masking.masker import Masker
    from streams.masking.results import About, Finding, Hidden, Kept, Masked, Span
else:
    __getattr__ = opening(
        __name__,
        {
            "About": "streams.masking.results",
            "Finding": "streams.masking.results",
            "Hidden": "streams.masking.results",
            "Kept": "streams.masking.results",
            "Limits": "streams.masking.config",
            "Masked": "streams.masking.results",
            "Masker": "streams.masking.masker",
            "MaskingConfig": "streams.masking.config",
            "NerModel": "streams.masking.config",
            "Recognizer": "streams.masking.config",
            "Span": "streams.masking.results",
        },
    )

__all__ = [
    "About",
    "Finding",
    "Hidden",
    "Kept",
    "Limits",
    "Masked",
    "Masker",
    "MaskingConfig",
    "NerModel",
    "Recognizer",
    "Span",
]
