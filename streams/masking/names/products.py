"""Words that no list holds and that name nobody: drugs, shortened words, forms of English ones."""

import re

from streams.masking.names.growth import Growth
from streams.masking.names.words import CAP, LOWER, Word
from streams.masking.vocabulary.lexicon import CLINICAL, EPONYM, NAMED, NEVER, PROPER
from streams.masking.vocabulary.rare import halves

_DOSE = re.compile(
    r"\s(?:[A-Z]{2}\s)?\d[\d.,/\-]*\s?(?:(?:mg|mcg|g|ml|mL|L|oz|units?|tabs?|caps?|puffs?|gtts?|mEq|IU|cc|kg|mcg/kg|hr)\b|%)"
)
_GRAMMAR = (
    "ated",
    "ized",
    "ised",
    "osed",
    "esed",
    "ing",
    "tion",
    "sion",
    "ness",
    "ment",
    "ical",
    "ular",
    "ilar",
    "eous",
    "ious",
    "able",
    "ible",
    "ally",
    "tomy",
)
_SPELT_FIRST = 2.0  # log-odds, where a sentence begins
_SPELT_WITHIN = 7.0
_VOWEL = re.compile("[aeiouy]")
_LINKS = frozenset(["and", "or", "vs", "versus", "with", "to"])


class Products(Growth):
    """What `open_words` asks before an unknown capitalised word is held for a name."""

    def _product(self, i: int) -> bool:
        """Tell an unknown word that is a drug, a shortened word, or a form of an English one."""
        word = self.words[i]
        formed = word.first and (
            word.low.endswith(_GRAMMAR) or (not word.flags and halves(word.low, self.lexicon))
        )
        return self._dosed(i) or self._shortened(word) or formed or self._spelt(i)

    def _spelt(self, i: int) -> bool:
        """Tell a word that is spelt as no name is: `Serostatus of the donor`, `a Nebuliser`."""
        word = self.words[i]
        if word.flags & (NAMED | PROPER) or not word.low.isascii():
            return False
        score = self.lexicon.spelling.score(word.low)
        after = self.words[i + 1] if self._adjacent(i) else None
        alone = after is not None and after.shape == LOWER
        return score > (_SPELT_FIRST if word.first and alone else _SPELT_WITHIN)

    def _dosed(self, i: int) -> bool:
        """Tell whether a dose follows, or a drug beside it: then an unknown word is a product."""
        return bool(_DOSE.match(self.text, self.words[i].end)) or self._beside_drug(i)

    def _shortened(self, word: Word) -> bool:
        """Tell a shortened or plural word that no list holds: `Pls`, `Apgars`."""
        plural = word.low.endswith("s") and self.lexicon.flags(word.low[:-1])
        vowel = _VOWEL.search(word.low) or not word.low.isascii()
        return not vowel or bool(plural and plural & (CLINICAL | EPONYM | NEVER))

    def _beside_drug(self, i: int) -> bool:
        """Tell whether an unknown word is joined to a drug: `Kayexalate or Lokelma`."""
        if self.words[i].flags:
            return False
        for step in (-1, 1):
            link, other = i + step, i + 2 * step
            if not 0 <= other < len(self.words) or self.words[link].low not in _LINKS:
                continue
            drug = self.words[other]
            near = self._adjacent(min(i, link)) and self._adjacent(min(link, other))
            if near and drug.shape == CAP and drug.flags & CLINICAL and not drug.flags & NAMED:
                return True
        return False
