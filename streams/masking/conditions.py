"""Diagnoses and conditions, for the profiles that mask them: by code, by title, by common name.

Titles are ICD-10-CM's, cut to the names that people write; a word that ends as diseases do
(-itis, -emia) counts with the words before it that stand before such heads in ICD-10-CM.
"""

import re
from collections.abc import Iterator

from streams.masking.condition_words import (
    BARE,
    DEGREES,
    HEADS,
    JOINS,
    LINKS,
    NO_DISEASE,
    NO_MODIFIERS,
    NO_PLACE,
    SIDES,
)
from streams.masking.lexicon import CLINICAL, EPONYM, MONTH, NEVER, WORD, Lexicon, fold
from streams.masking.results import Span

_WORD = re.compile(r"[^\W\d_][\w]*(?:['\-+][\w]+)*'?|\d+\+?")
_CODE = re.compile(r"(?<![A-Za-z0-9.])[A-TV-Z]\d[0-9A-Z]\.[0-9A-Z]{1,4}(?![A-Za-z0-9.]|\.\d)")
_CODE_CUE = re.compile(
    r"\b(?:icd|dx|diagnos[ie]s|code[ds]?)\b[^.;\n]{0,24}?(?<![A-Za-z0-9.])(?P<v>[A-TV-Z]\d[0-9A-Z]{1,5})(?![A-Za-z0-9]|\.\d)",
    re.IGNORECASE,
)
_CODE_SAID = re.compile(r"(?<![A-Za-z0-9.])[A-TV-Z]\d[0-9A-Z]{1,5}(?=\s?\((?:ICD|icd))")
_SUFFIX = re.compile(
    r"[a-z]{2,}(?:itis|osis|emia|aemia|noma|oma|pathy|plegia|paresis|iasis|penia|megaly|sclerosis|stenosis|trophy|rrhagia|ectasis|dynia|algia)s?"
)
_BEFORE = re.compile(
    r"(?:\b(?:type|stage|grade|class)[ -](?:[1-5][ab]?|i{1,3}v?|iv|v)[ -])\Z", re.IGNORECASE
)
_STAGE = re.compile(
    r"[ -](?:type|stage|grade|class|nyha class)[ -](?:[1-5][ab]?|i{1,3}v?|iv|v)\b", re.IGNORECASE
)
_TAIL = re.compile(
    r"(?<=epatitis)\s[A-E]\b|(?<=emophilia)\s[ABC]\b|(?<=nfluenza)\s[AB]\b"
    r"|\s\((?:disorder|finding|situation|morphologic abnormality)\)"
)
_PHRASE_MAX = 8
_NAME_MIN = 5  # shorter ones are abbreviations, and count in capitals
_LEFT_MAX = 4


class Conditions:
    """Matches phrases, heads and codes; holds no text."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        said = set(lexicon.words_of("conditions")) | lexicon.sections["condition_phrases"]
        self._modifiers = frozenset(lexicon.words_of("modifiers")) - LINKS - NO_MODIFIERS
        self._modifiers |= DEGREES
        self._common = lexicon.sections["common_conditions"]
        self._phrases: dict[str, set[tuple[str, ...]]] = {}
        self._words: set[str] = set()
        for phrase in said:
            words = tuple(_WORD.findall(phrase))
            while words and words[-1] in LINKS:
                words = words[:-1]
            if words and not (len(words) == 1 and words[0] in BARE):
                self._phrases.setdefault(words[0], set()).add(words)
                self._words.update(words)
        self._words -= LINKS

    def find(self, text: str) -> Iterator[Span]:
        """Yield the conditions that a text names."""
        for match in _CODE.finditer(text):
            yield Span(*match.span(), "CONDITION", 0.9, "icd10")
        for match in _CODE_SAID.finditer(text):
            yield Span(*match.span(), "CONDITION", 0.9, "icd10")
        for match in _CODE_CUE.finditer(text):
            yield Span(*match.span("v"), "CONDITION", 0.9, "icd10")
        words = [
            (fold(match.group()), match.start(), match.end(), match.group())
            for match in _WORD.finditer(text)
        ]
        i = 0
        while i < len(words):
            size = self._phrase_at(words, i) or self._head_at(words, i)
            if not size:
                i += 1
                continue
            first = self._leftmost(text, words, i)
            last = self._rightmost(text, words, i + size - 1)
            end = words[last][2]
            for more in (_STAGE, _TAIL):
                tail = more.match(text, end)
                end = tail.end() if tail else end
            before = _BEFORE.search(text, max(0, words[first][1] - 12), words[first][1])
            yield Span(
                before.start() if before else words[first][1], end, "CONDITION", 0.9, "condition"
            )
            i = last + 1

    def _phrase_at(self, words: list[tuple[str, int, int, str]], i: int) -> int:
        low, _, _, said = words[i]
        best = 0
        for phrase in self._phrases.get(low, ()):
            size = len(phrase)
            if (
                best < size <= _PHRASE_MAX
                and tuple(word[0] for word in words[i : i + size]) == phrase
            ):
                best = size
        if best:
            return best
        if low in self._common and (
            len(low) >= _NAME_MIN
            or said.isupper()
            or low in {"htn", "copd", "chf", "t2dm", "gerd", "gout", "afib"}
        ):
            return 1
        return 0

    def _head_at(self, words: list[tuple[str, int, int, str]], i: int) -> int:
        low = words[i][0]
        if low in NO_DISEASE or low.removesuffix("s") in NO_DISEASE:
            return 0
        if _SUFFIX.fullmatch(low) and len(low) > 5:  # noqa: PLR2004 - a length
            return 1
        headed = low in HEADS and i > 0 and words[i - 1][0] in self._modifiers
        return 1 if headed else 0

    def _leftmost(self, text: str, words: list[tuple[str, int, int, str]], i: int) -> int:
        first = i
        while first and words[first - 1][3][0].isupper() and self._eponym(text, words, first):
            first -= 1
        while first > max(0, i - _LEFT_MAX) and words[first - 1][0] in self._modifiers:
            gap = text[words[first - 1][2] : words[first][1]]
            if gap not in {" ", "-"}:
                break
            first -= 1
        return first

    def _eponym(self, text: str, words: list[tuple[str, int, int, str]], first: int) -> bool:
        """Tell whether the word before is a discoverer's name: `Hashimoto thyroiditis`."""
        low, _, end, _ = words[first - 1]
        near = text[end : words[first][1]] in {" ", "-"}
        return near and bool(self._lexicon.flags(low.removesuffix("'s")) & EPONYM)

    def _rightmost(self, text: str, words: list[tuple[str, int, int, str]], i: int) -> int:
        """Grow over `of the forearm`, `due to type 2 diabetes`: words of ICD-10-CM's names."""
        last = i
        j = i + 1
        linked = False
        while j < min(len(words), i + 8) and text[words[j - 1][2] : words[j][1]] in {" ", "-"}:
            low = words[j][0]
            if low in LINKS:
                linked = linked or low in JOINS
            elif low.isdigit():
                break
            elif linked and low not in SIDES:
                known = low in self._words or low in self._modifiers or _SUFFIX.fullmatch(low)
                place = self._lexicon.flags(low) & (WORD | CLINICAL) and not self._lexicon.flags(
                    low
                ) & (NEVER | MONTH)
                if not (known or (place and last < j - 1 and low not in NO_PLACE)):
                    break
                last = j
            elif not linked:
                break
            j += 1
        return last
