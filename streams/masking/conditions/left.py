"""The words before a condition's core that belong to its name: `acute on chronic`, `stage IIIB`."""

import re

from streams.masking.conditions.forms import Forms, SaidForms
from streams.masking.conditions.words import ENDS, FLARES, GRADERS, HEADS, NOT_BEFORE, STRONG
from streams.masking.vocabulary.lexicon import NEVER
from streams.masking.vocabulary.lists import each

GRADE = re.compile(r"(?:one|two|three|four|five|(?:i{1,3}|iv|vi{0,3}|[1-5])[a-d]?[1-3]?|[a-d])\Z")
ROMAN = re.compile(r"(?:i{1,3}|iv|v)[abc]?\Z")
_SHARED = each("acquired associated induced related resistant")
_HEADED = STRONG | HEADS
_NONE: frozenset[str] = frozenset()
_PAIRS = {"of": FLARES, "stage": ENDS}
_GAPS = frozenset([" ", "-", " (", ") ", "/"])
_LEFT_MAX = 8


class LeftPart:
    """Grows a core to the left."""

    def __init__(self, forms: Forms) -> None:
        self._forms = forms

    def grown(self, text: str, words: list[SaidForms], core: int) -> int:
        """Return where a name begins whose core begins with a word: a character's offset."""
        first = core
        while first and core - first < _LEFT_MAX:
            step = self._step(text, words, first, core)
            if not step:
                break
            first -= step
        start = words[first].start
        inside = text[start : words[core].start]
        if inside.count(")") > inside.count("("):
            opened = text[start - 1 : start] == "("
            start = start - 1 if opened else start + inside.rfind(")") + 2
        return start

    def _step(self, text: str, words: list[SaidForms], first: int, core: int) -> int:
        """Return how many words to go left: 0, 1, or 2 for `stage II`, `acute and`."""
        word, after = words[first - 1], words[first]
        gap = text[word.end : after.start]
        if gap == ". ":
            return int(len(word.low) == 1 and word.upper and first < core)  # `C. diff`
        if gap not in _GAPS:
            return 0
        before = words[first - 2] if first > 1 else None
        if before is not None and text[before.end : word.start] in {" ", "-"}:
            graded = before.low in GRADERS and GRADE.match(word.low)
            paired = before.low in _PAIRS.get(word.low, _NONE)
            if graded or paired or (first < core and self._joined(before, word, after)):
                return 2
        return int(self._belongs(word, after, first == core, gap))

    def _belongs(self, word: SaidForms, after: SaidForms, at_core: bool, gap: str) -> bool:
        """Tell whether the next word to the left is part of the name."""
        if ROMAN.match(word.low) and word.upper and word.said != "I":
            return True
        if word.low in GRADERS and after.low in GRADERS:
            return True
        if not at_core and after.low in _SHARED:
            return not self._forms.lexicon.flags(word.low) & NEVER
        if word.low in NOT_BEFORE:
            return False
        if at_core and after.low in _HEADED:
            return self._before_head(word, after.low)
        return self._forms.modifies(word) or (word.low in self._forms.common and gap == " ")

    def _joined(self, before: SaidForms, word: SaidForms, after: SaidForms) -> bool:
        if word.low not in {"and", "or", "on"}:
            return False
        if word.low == "on":
            return before.low in {"acute", "subacute"} and after.low == "chronic"
        return before.low in self._forms.modifiers and after.low in self._forms.modifiers

    def _before_head(self, word: SaidForms, head: str) -> bool:
        """Tell whether a word makes a condition of the head after it: `Lynch` of `syndrome`."""
        if self._forms.modifies(word) or word.low in self._forms.common:
            return True
        if head not in STRONG:
            return False
        flags = self._forms.lexicon.flags(word.low.removesuffix("'s"))
        return not flags & NEVER
