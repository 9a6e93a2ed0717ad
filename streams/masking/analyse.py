"""What one text says: its identifiers as disjoint spans.

Detection runs on a normalised copy (`normalise`); spans are carried back to the text itself.
"""

import re
from dataclasses import dataclass

from streams.masking import encoded, normalise
from streams.masking.budget import current
from streams.masking.closed import coded
from streams.masking.codes import beside, paths, patterns, phones
from streams.masking.codes.bare_numbers import BareNumbers
from streams.masking.codes.codes import Codes
from streams.masking.codes.misread import Misread
from streams.masking.conditions.conditions import Conditions
from streams.masking.config import MaskingConfig
from streams.masking.dates import bare_days, dates, eras, months, ordinals
from streams.masking.dates.ages import Ages
from streams.masking.formats import pieces
from streams.masking.grammar import fits
from streams.masking.names import scripts
from streams.masking.names.files import Files
from streams.masking.names.handles import Handles
from streams.masking.names.labelled import Labelled
from streams.masking.names.model import Entity, Ner
from streams.masking.names.names import NameReading
from streams.masking.names.speakers import Speakers
from streams.masking.own import Own
from streams.masking.places import fields, houses
from streams.masking.places.places import Places
from streams.masking.results import Span
from streams.masking.seen import Seen
from streams.masking.spans import parted, settle, without
from streams.masking.strict import unvetted
from streams.masking.tokens import KINDS, TOKEN, Earlier
from streams.masking.vocabulary.lexicon import NAMED, Lexicon, fold

_HARMLESS = frozenset({"TEXT", "KEEP", "KEY", "FIELD"})
_NUMBER_MIN = 4
_GAP_MAX = 3
_VALUE_MAX = 80
_BARE = re.compile(r"[\w.@-]+")


class Analyser:
    """All recognizers over one loaded model."""

    def __init__(self, profile: str, config: MaskingConfig) -> None:
        self.profile = profile
        self.config = config
        self.ner = Ner(config.model)
        self.lexicon = Lexicon()
        self.places = Places(self.lexicon)
        self.shapes = (
            Handles(self.lexicon),
            Labelled(self.lexicon),
            Files(self.lexicon),
            Speakers(self.lexicon),
            Ages(self.lexicon),
            Codes(self.lexicon),
            BareNumbers(self.lexicon),
            Misread(self.lexicon),
        )
        self.conditions = Conditions(self.lexicon) if profile != "safe-harbor" else None
        self.own = Own(config)
        own = {*config.deny, *config.fields.values(), *(rule.type for rule in config.recognizers)}
        self.kinds = KINDS | own
        self._seen = Seen()

    @property
    def digest(self) -> str:
        """Name the exact content of the model and the lists."""
        return f"{self.ner.digest}:{self.lexicon.digest}"

    def find(self, texts: list[str], *, layers: int = 0) -> list[list[Span]]:
        """Return the disjoint spans of each text, in characters of the text as given."""
        if layers:
            return self._read(texts, layers)
        digests = [self._seen.digest(text) for text in texts]
        known = [self._seen.get(digest) for digest in digests]
        new = [i for i, spans in enumerate(known) if spans is None]
        for i, spans in zip(new, self._read([texts[i] for i in new], layers), strict=True):
            self._seen.put(digests[i], spans)
            known[i] = spans
        return [spans or [] for spans in known]

    def _read(self, texts: list[str], layers: int) -> list[list[Span]]:
        views = [normalise.view(text) for text in texts]
        readings = [NameReading(view.text, self.lexicon) for view in views]
        shaped = [self._spans(view.text, layers) for view in views]
        entities = self._entities(readings, shaped)
        found = []
        for text, view, reading, ents, shapes in zip(
            texts, views, readings, entities, shaped, strict=True
        ):
            spans = [*shapes, *reading.spans(ents)]
            if self.profile == "strict":
                spans += unvetted(reading)
            spans += beside.find(view.text, spans, self.lexicon)
            spans = self.own.rule(view.text, spans)
            tokens = [match.span() for match in TOKEN.finditer(text)]
            spans = joined(settle(spans), view)
            spans = parted(text, settle(view.back(span) for span in spans))
            found.append(without(spans, tokens))
        return found

    def _spans(self, text: str, layers: int) -> list[Span]:
        current().check()
        shapes = (
            patterns,
            paths,
            phones,
            dates,
            eras,
            houses,
            fields,
            bare_days,
            months,
            ordinals,
            scripts,
            *self.shapes,
        )
        spans = [span for shape in shapes for span in shape.find(text)]
        spans += self.places.find(text)
        if self.conditions is not None:
            spans += self.conditions.find(text)
        if layers < self.config.limits.decode_layers_max:
            limit = self.config.limits.decoded_bytes_max
            spans += encoded.find(text, _Decoded(self, layers + 1), limit)
        return spans

    def _entities(
        self, readings: list[NameReading], shaped: list[list[Span]]
    ) -> list[list[Entity]]:
        """Ask the model, in one batch, about the texts that leave words open."""
        asked = [
            i
            for i, (reading, shapes) in enumerate(zip(readings, shaped, strict=True))
            if reading.undecided([*shapes, *_tokens(reading.text)])
        ]
        told = self.ner.entities([readings[i].text for i in asked]) if asked else []
        entities: list[list[Entity]] = [[] for _ in readings]
        for i, ents in zip(asked, told, strict=True):
            entities[i] = ents
        return entities


def _tokens(text: str) -> list[Span]:
    """Return where the tokens of an earlier masking stand: nothing in them is open."""
    return [Span(*match.span(), match.group(1), 1.0, "token") for match in TOKEN.finditer(text)]


def joined(spans: list[Span], view: normalise.NormalView) -> list[Span]:
    """Close the gap between two spans where it is written with letters: `Ann&#32;Nguyen`."""
    if view.starts is None or view.ends is None:
        return spans
    closed: list[Span] = []
    for i, span in enumerate(spans):
        after = spans[i + 1] if i + 1 < len(spans) else None
        if after is not None and 0 < after.start - span.end <= _GAP_MAX:
            gap = view.text[span.end : after.start]
            written = view.starts[after.start] - view.ends[span.end - 1]
            if written > len(gap) and not any(char.isalnum() for char in gap):
                span = span._replace(end=after.start)  # noqa: PLW2901 - the same span, longer
        closed.append(span)
    return closed


@dataclass(frozen=True, slots=True)
class _Decoded:
    """Judges what an encoded text says (see `encoded.Judge`)."""

    analyser: Analyser
    layers: int

    def hides(self, text: str) -> bool:
        """Tell whether a text holds an identifier, or a word that no vocabulary vouches for."""
        text = Earlier().as_text(text)
        parts = pieces(text)
        if parts is not None and any(part.kind not in _HARMLESS for part in parts):
            return True
        texts = [text] if parts is None else [
            text[part.start : part.end] for part in parts if part.kind == "TEXT"
        ]  # fmt: skip
        if any(self.analyser.find(texts, layers=self.layers)):
            return True
        return any(any(unvetted(NameReading(said, self.analyser.lexicon))) for said in texts)

    def is_value(self, text: str) -> bool:
        """Tell whether a text is one bare value: all its letters and figures are of one span."""
        said = text.strip()
        if len(said) > _VALUE_MAX or coded(said):
            return False
        spans = self.analyser.find([said], layers=self.layers)[0]
        if any(span.type == "ENCODED" for span in spans) or encoded.speaks(said):
            return False
        if _BARE.fullmatch(said):
            return True
        return len(spans) == 1 and fits(spans[0].type, said) and not any(
            char.isalnum() for char in said[: spans[0].start] + said[spans[0].end :]
        )  # fmt: skip

    def is_name(self, text: str) -> bool:
        """Tell whether a short text is a name in capitals, or a number."""
        if text.isdigit():
            return len(text) >= _NUMBER_MIN
        flags = self.analyser.lexicon.flags(fold(text))
        return bool(text.isalpha() and text[0].isupper() and flags & NAMED)
