"""The words after a condition's core that belong to its name: `of the left hip`, `in remission`."""

import re
from collections.abc import Callable

from streams.masking.conditions.forms import Forms, SaidForms
from streams.masking.conditions.left import GRADE, ROMAN
from streams.masking.conditions.words import (
    ANATOMY,
    APPOSED,
    COMPLEMENTING,
    COMPLEMENTS,
    GRADERS,
    HEADS,
    NO_PLACE,
    NOT_BEFORE,
    POSTPOSED,
    SIDES,
    STRONG,
)
from streams.masking.vocabulary.lexicon import CLINICAL, NEVER, PROPER, WORD
from streams.masking.vocabulary.lists import each

_LEVEL = re.compile(r"[ctls]\d{1,2}(?:-[ctls]?\d{1,2})?\Z")
_OF = each("of in on at to over involving affecting within")
_WITH = each("with without in during of")
_NAMING = each("with without of")
_SHARE = re.compile(
    r"\s(?:(?:over|covering|involving|on|to|of)\s)?~?\d{1,3}\s?%\s(?:of\s(?:the|his|her|their)\sbody(?:\ssurface(?:\sarea)?)?|t?bsa\b)",
    re.IGNORECASE,
)
_TAIL = re.compile(r"\s\((?:disorder|finding|situation|morphologic abnormality)\)")
_LETTERS = each("a b c d e")
_LETTERED = each("hepatitis hemophilia influenza flu")
_RIGHT_MAX = 6
_PLACE_MAX = 8
_PLACE_MAX = 8


class RightPart:
    """Grows a core to the right."""

    def __init__(self, forms: Forms, core: Callable[[str, list[SaidForms], int], int]) -> None:
        self._forms = forms
        self._core = core

    def grown(self, text: str, words: list[SaidForms], last: int) -> tuple[int, int]:
        """Return the last word of a name and where it ends."""
        for _ in range(_RIGHT_MAX):
            more = self._more(text, words, last)
            if more == last:
                break
            last = more
        end = words[last].end
        for pattern in (_TAIL, _SHARE):
            tail = pattern.match(text, end)
            end = tail.end() if tail else end
        while last + 1 < len(words) and words[last + 1].start < end:
            last += 1
        return last, end

    def _more(self, text: str, words: list[SaidForms], last: int) -> int:
        """Return the last word of the name after one more step to the right."""
        j = last + 1
        if j >= len(words):
            return last
        gap, low = text[words[last].end : words[j].start], words[j].low
        if gap == ", ":
            return self._apposed(words, j, last)
        if gap not in {" ", "-"}:
            return last
        if low in POSTPOSED or (gap == " " and (low in HEADS or low in STRONG)):
            return j
        found = self._graded(words, j) or self._linked(text, words, j)
        if not found and gap == " ":
            found = j + self._core(text, words, j) - 1
        return max(found, last)

    def _graded(self, words: list[SaidForms], j: int) -> int:
        """Return the last word of `C`, `II`, `stage 4`, `NYHA class III` after a name, or 0."""
        word, name = words[j], words[j - 1].low
        if word.upper and name in _LETTERED and word.low in _LETTERS:
            return j
        if word.upper and ROMAN.match(word.low) and (word.said != "I" or name == "bipolar"):
            return j
        k = j
        while k < len(words) and words[k].low in GRADERS:
            k += 1
        return k if j < k < len(words) and GRADE.match(words[k].low) else 0

    def _linked(self, text: str, words: list[SaidForms], j: int) -> int:
        """Return the last word of what a preposition or `and` adds to a name, or 0."""
        low, after = words[j].low, words[j + 1].low if j + 1 < len(words) else ""
        if after == "situ":
            return j + 1
        if low in {"due", "secondary"} and after == "to":
            return self._caused(text, words, j + 2)
        if low == "and" and after:
            return self._both(text, words, j + 1)
        found = self._with(text, words, j) if low in _WITH else 0
        return found or (self._placed(text, words, j) if low in _OF else 0)

    def _apposed(self, words: list[SaidForms], j: int, last: int) -> int:
        """Grow over `, paranoid type`, `, unspecified`, `, stage 2`."""
        low = words[j].low
        following = words[j + 1].low if j + 1 < len(words) else ""
        if low in APPOSED:
            return j + (following in {"type", "encounter", "episode", "subtype"})
        if low == "current" and following == "episode":
            return j + 1 + (j + 2 < len(words) and self._forms.modifies(words[j + 2]))
        return j + 1 if low in GRADERS and GRADE.match(following) else last

    def _both(self, text: str, words: list[SaidForms], j: int) -> int:
        """Return the last word of `and thrombosis` where a place follows both, or 0."""
        size = self._core(text, words, j)
        k = j + size
        placed = size > 1 or (
            k < len(words) and words[k].low in _OF and self._placed(text, words, k)
        )
        return k - 1 if size and placed and words[j].low in HEADS else 0

    def _placed(self, text: str, words: list[SaidForms], j: int) -> int:
        """Return the last word of `of the left hip`, or 0."""
        found = 0
        for k in range(j + 1, min(len(words), j + _PLACE_MAX)):
            if text[words[k - 1].end : words[k].start] not in {" ", "-"}:
                break
            low = words[k].low
            if low in ANATOMY or _LEVEL.match(low):
                found = k
            elif low in {"and", "or", "of"}:
                if found != k - 1:
                    break
            elif low not in SIDES and not self._forms.modifies(words[k]):
                break
        return found

    def _with(self, text: str, words: list[SaidForms], j: int) -> int:
        """Return the last word of `with reduced ejection fraction`, `in remission`, or 0."""
        found = 0
        for k in range(j + 1, min(len(words), j + _PLACE_MAX)):
            if text[words[k - 1].end : words[k].start] not in {" ", "-"}:
                break
            low = words[k].low
            size = self._core(text, words, k) if words[j].low in _NAMING else 0
            if low in COMPLEMENTS or size:
                found = k + max(size - 1, 0)
            elif low not in COMPLEMENTING and not self._forms.modifies(words[k]):
                break
        return found

    def _caused(self, text: str, words: list[SaidForms], j: int) -> int:
        """Return the last word of what follows `due to`, or 0."""
        found = 0
        for k in range(j, min(len(words), j + _RIGHT_MAX)):
            if k > j and text[words[k - 1].end : words[k].start] not in {" ", "-", ". "}:
                break
            size = self._core(text, words, k)
            flags = self._forms.lexicon.flags(words[k].low)
            if size:
                return k + size - 1
            if self._forms.modifies(words[k]):
                continue
            if words[k].low in NO_PLACE or words[k].low in NOT_BEFORE or flags & (NEVER | PROPER):
                break
            return k if flags & (WORD | CLINICAL) else found
        return found
