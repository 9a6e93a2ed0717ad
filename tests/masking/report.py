"""Each figure of masking in ARCHITECTURE.md, in one run: `deploy/bench masking --quality`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from streams.masking import Masker
from tests.masking import quality

QUESTIONS = 3_000
INTENTS = 1_000
EVADED = 300


def rows(general: Path | None) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield a name and its figures; odd seeds and odd ids are the halves that are held out."""
    harbor, default = Masker("safe-harbor"), Masker()
    find = quality.finder(harbor)
    for half, seed in (("tuned on", 2), ("held out", 3)):
        yield (
            f"questions, generated, {half}",
            quality.scored(quality.generated(seed, QUESTIONS), find),
        )
    for name in ("questions", "questions_held"):
        yield f"{name}, by hand", quality.scored(quality.written(name), find)
        strict = quality.finder(Masker("strict"))
        yield f"{name}, by hand, strict", quality.scored(quality.written(name), strict)
    for letter in "abcdefghijklmnoprstu":
        name = f"unseen_{letter}"
        yield f"{name}, by hand", quality.scored(quality.written(name), find)
    for name in ("conditions", "conditions_held", "conditions_q"):
        yield f"{name}, by hand", quality.scored(quality.written(name), quality.finder(default))
    for half, seed in (("tuned on", 6), ("held out", 7)):
        yield f"intents, {half}", quality.intents(default, seed, INTENTS)
    for name, figures in quality.formats(harbor, range(3, 103, 2)).items():
        yield f"messages, held out, {name}", figures
    yield "evasions, held out", quality.evasions(harbor, 7, EVADED)
    if general is not None:
        lists = harbor._analyser.lexicon.sections
        regions = lists["regions"] | lists["region_phrases"]
        for half, ids in (("tuned on", 0), ("held out", 1)):
            yield f"presidio-research, {half}", quality.general(general, find, ids, regions)
