"""What one text says: its identifiers as disjoint spans.

Detection runs on a normalised copy (`normalise`); spans are carried back to the text itself.
"""

from streams.masking import conditions, dates, encoded, normalise, patterns
from streams.masking.config import MaskingConfig
from streams.masking.formats import pieces
from streams.masking.lexicon import Lexicon
from streams.masking.model import Entity, Ner
from streams.masking.names import Reading
from streams.masking.own import Own
from streams.masking.places import Places
from streams.masking.results import Span
from streams.masking.spans import settle, without
from streams.masking.strict import unvetted
from streams.masking.tokens import TOKEN


class Analyser:
    """All recognizers over one loaded model."""

    def __init__(self, profile: str, config: MaskingConfig) -> None:
        self.profile = profile
        self.config = config
        self.ner = Ner(config.model)
        self.lexicon = Lexicon()
        self.places = Places(self.lexicon)
        self.conditions = conditions.Conditions(self.lexicon) if profile != "safe-harbor" else None
        self.own = Own(config)

    @property
    def digest(self) -> str:
        """Name the exact content of the model and the lists."""
        return f"{self.ner.digest}:{self.lexicon.digest}"

    def find(self, texts: list[str], *, layers: int = 0) -> list[list[Span]]:
        """Return the disjoint spans of each text, in characters of the text as given."""
        views = [normalise.view(text) for text in texts]
        readings = [Reading(view.text, self.lexicon) for view in views]
        entities = self._entities(readings)
        found = []
        for text, view, reading, ents in zip(texts, views, readings, entities, strict=True):
            spans = [*self._spans(view.text, layers), *reading.spans(ents)]
            if self.profile == "strict":
                spans += unvetted(reading)
            spans = self.own.rule(view.text, spans)
            tokens = [match.span() for match in TOKEN.finditer(text)]
            found.append(without(settle(view.back(span) for span in spans), tokens))
        return found

    def _spans(self, text: str, layers: int) -> list[Span]:
        spans = [*patterns.find(text), *dates.find(text), *self.places.find(text)]
        if self.conditions is not None:
            spans += self.conditions.find(text)
        if layers < self.config.limits.decode_layers_max:
            limit = self.config.limits.decoded_bytes_max
            spans += encoded.find(text, lambda inner: self.hides(inner, layers + 1), limit)
        return spans

    def hides(self, text: str, layers: int) -> bool:
        """Tell whether a decoded text holds an identifier, by structure or by reading."""
        parts = pieces(text)
        if parts is None:
            return bool(self.find([text], layers=layers)[0])
        if any(part.kind not in {"TEXT", "KEEP", "KEY", "FIELD"} for part in parts):
            return True
        texts = [text[part.start : part.end] for part in parts if part.kind == "TEXT"]
        return any(self.find(texts, layers=layers))

    def _entities(self, readings: list[Reading]) -> list[list[Entity]]:
        """Ask the model, in one batch, about the texts that leave words open."""
        asked = [i for i, reading in enumerate(readings) if reading.undecided()]
        told = self.ner.entities([readings[i].text for i in asked]) if asked else []
        entities: list[list[Entity]] = [[] for _ in readings]
        for i, ents in zip(asked, told, strict=True):
            entities[i] = ents
        return entities
