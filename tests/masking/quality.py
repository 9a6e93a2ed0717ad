"""How well texts are masked: the measures behind `deploy/bench masking --quality`.

Corpora: generated questions and intents (`corpus`; odd seeds are held out), messages (`messages`),
texts written by hand (`texts`), and general texts of presidio-research where a folder is named.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streams.masking import Masker
from tests.masking.corpus import Corpus, Text
from tests.masking.disguise import DISGUISES, disguised
from tests.masking.messages import messages
from tests.masking.sweep import survivors

Stretches = list[tuple[int, int]]
Find = Callable[[str], Stretches]

TEXTS = Path(__file__).parent / "texts"
_MARKED = re.compile(r"\[\[(.*?)\]\]")
_ARTICLE = re.compile(r"(?:a|an|the)\s")
# Labels of presidio-research that name no Safe Harbor identifier.
_OTHER = frozenset(["ORGANIZATION", "TITLE", "PREFIX", "NRP", "AGE"])
_YEAR = re.compile(r"\s*(?:19|20)\d\d(?:'?s)?\s*")


@dataclass
class Score:
    """Counts over values and spans; rates are shares of 1."""

    values: int = 0
    full: int = 0
    some: int = 0
    spans: int = 0
    right: int = 0
    clean: int = 0
    touched: int = 0

    def add(self, text: Text, found: Stretches) -> None:
        """Count one text's values and spans."""
        if not text.values:
            self.clean += 1
            self.touched += bool(found)
        for start, end, _ in text.values:
            covered = covers(found, text.text, start, end)
            self.values += 1
            self.full += all(covered)
            self.some += any(covered)
        self.spans += len(found)
        self.right += sum(any(a < e and s < b for s, e, _ in text.values) for a, b in found)

    def rates(self) -> dict[str, float]:
        """Return full, any, precision over spans, and the share of clean texts touched."""
        return {
            "values": self.values,
            "full": _share(self.full, self.values),
            "any": _share(self.some, self.values),
            "precision": _share(self.right, self.spans),
            "clean": self.clean,
            "touched": _share(self.touched, self.clean),
        }


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0


def covers(found: Stretches, text: str, start: int, end: int) -> list[bool]:
    """Tell of each letter and digit of a stretch whether it is masked."""
    return [any(a <= i < b for a, b in found) for i in range(start, end) if text[i].isalnum()]


def finder(masker: Masker) -> Find:
    """Return what a masker finds in a text, as stretches."""
    return lambda text: [(span.start, span.end) for span in masker.mask_text(text).spans]


def written(name: str) -> Iterator[Text]:
    """Read texts that were written by hand, values marked."""
    for line in (TEXTS / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        made = Text("")
        at = 0
        for match in _MARKED.finditer(line):
            made.text += line[at : match.start()]
            lead = _ARTICLE.match(match.group(1))
            start = len(made.text) + (lead.end() if lead else 0)
            made.text += match.group(1)
            made.values.append((start, len(made.text), ""))
            at = match.end()
        made.text += line[at:]
        if made.text.strip():
            yield made


def generated(seed: int, count: int) -> Iterator[Text]:
    """Draw questions with identifiers, and half as many without."""
    corpus = Corpus(seed)
    for i in range(count):
        yield corpus.question()
        if i % 2:
            yield corpus.clean()


def scored(texts: Iterable[Text], find: Find) -> dict[str, float]:
    """Return the rates over some texts."""
    score = Score()
    for text in texts:
        score.add(text, find(text.text))
    return score.rates()


def intents(masker: Masker, seed: int, count: int) -> dict[str, int]:
    """Sweep the whole output and manifest of intents for what was planted."""
    corpus = Corpus(seed)
    planted_count = leaks = again = withheld = 0
    for _ in range(count):
        document, planted = corpus.intent()
        masked = masker.mask(document)
        planted_count += len(planted)
        leaks += len(survivors(repr(masked.document) + repr(masked.findings), planted))
        withheld += masked.withheld
        again += masker.mask(masked.document).document != masked.document
    return {
        "intents": count,
        "planted": planted_count,
        "survive": leaks,
        "withheld": withheld,
        "changed_again": again,
    }


def formats(masker: Masker, seeds: Iterable[int]) -> dict[str, dict[str, float]]:
    """Sweep messages of each format, and count the clinical values that stay readable."""
    said: dict[str, dict[str, float]] = {}
    for seed in seeds:
        for message in messages(seed):
            row = said.setdefault(message.format, {"planted": 0, "survive": 0, "kept": 0, "of": 0})
            out = masker.mask_text(message.text).document
            row["planted"] += len(message.planted)
            row["survive"] += len(survivors(out, message.planted))
            row["of"] += len(message.kept)
            row["kept"] += sum(value in out for value in message.kept)
    return said


def evasions(masker: Masker, seed: int, count: int) -> dict[str, float]:
    """Return, for each disguise, the share masked of what is masked in the clear."""
    find = finder(masker)
    caught: dict[str, list[int]] = {name: [0, 0] for name in DISGUISES}
    corpus = Corpus(seed)
    for _ in range(count):
        text = corpus.question()
        clear = find(text.text)
        known = [i for i, v in enumerate(text.values) if all(covers(clear, text.text, *v[:2]))]
        for name in DISGUISES:
            other = disguised(text, name)
            found = find(other.text)
            for i in known:
                caught[name][0] += all(covers(found, other.text, *other.values[i][:2]))
                caught[name][1] += 1
    return {name: _share(got, of) for name, (got, of) in caught.items()}


def general(folder: Path, find: Find, half: int, regions: frozenset[str]) -> dict[str, float]:
    """Return token recall and precision on presidio-research, Safe Harbor view, ids of one half."""
    hit = missed = wrong = 0
    for row in _rows(folder, half):
        found = find(row["text"])
        gold = [(s["start"], s["end"]) for s in row["spans"] if _identifies(row, s)]
        neutral = [
            (s["start"], s["end"]) for s in gold_places(row) if _said(row, s).lower() in regions
        ]
        for token in re.finditer(r"\w+", row["text"]):
            start, end = token.span()
            if any(a < end and start < b for a, b in neutral):
                continue
            masked = any(a < end and start < b for a, b in found)
            if any(a < end and start < b for a, b in gold):
                hit += masked
                missed += not masked
            else:
                wrong += masked
    return {
        "token_recall": _share(hit, hit + missed),
        "token_precision": _share(hit, hit + wrong),
    }


def gold_places(row: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the places of a row; a country or state alone is no identifier."""
    return [span for span in row["spans"] if span["type"] in {"LOCATION", "GPE"}]


def _said(row: dict[str, Any], span: dict[str, Any]) -> str:
    said: str = row["text"][span["start"] : span["end"]]
    return said.strip(" .")


def _identifies(row: dict[str, Any], span: dict[str, Any]) -> bool:
    year = span["type"] == "DATE_TIME" and _YEAR.fullmatch(_said(row, span))
    return span["type"] not in _OTHER and not year


def _rows(folder: Path, half: int) -> Iterator[dict[str, Any]]:
    for name in ("generated_large", "synth_dataset_v2"):
        for line in (folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if row["id"] % 2 == half:
                yield row
