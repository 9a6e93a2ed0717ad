"""Names that are written like others: makers of pumps, members of a family, tied eponyms."""

import re

from streams.masking.names.marks import Marks
from streams.masking.names.words import CAP, INITIAL, LOWER, MAYBE, NO, PARTICLE, STRONG, UNKNOWN
from streams.masking.vocabulary.lexicon import EPONYM, GIVEN, NEVER, ORDINARY, POPULAR, USUAL
from streams.masking.vocabulary.lists import each

_WHOSE = each("my his her our your their the a mi su tu")
_KINDS = each("type class stage grade level phase")
_NUMBERED = re.compile(r"\s(?:\d|[IV]{1,3}\b|[A-D]\b)")
_SUFFERED = re.compile(
    r"'s(?:\s(?:with|without|and|or|since|vs|versus|if|as|but|unless|before|after|who|on|in)\b|[.?!;,]|\Z)"
)
_SCORED = re.compile(
    r"\s\d{1,3}(?:[A-C]|-part)?(?![\d.,]|\s?(?:yo|y/o|y|[MF]|years?|months?|/)\b|[-/])"
)


class Alike(Marks):
    """What `eponyms` asks of a word and its neighbours."""

    def _close(self, i: int, size: int = 1) -> None:
        """Say that words are no names."""
        for word in self.words[i : i + size]:
            word.kind = NO
            word.flags |= NEVER

    def _twin(self, i: int) -> bool:
        """Tell two eponyms tied by a hyphen, with no name or title before: `Mallory-Weiss`."""
        if (
            i + 1 >= len(self.words)
            or self.text[self.words[i].end : self.words[i + 1].start] != "-"
        ):
            return False
        before = self.words[i - 1] if i and self._adjacent(i - 1) else None
        led = before is not None and (
            before.low in self.lexicon.titles
            or (before.shape != LOWER and not before.first)
            or before.kind == INITIAL
        )
        tied = self.words[i + 1]
        usual = USUAL | POPULAR
        people = self.words[i].flags & usual and tied.flags & usual
        return bool(tied.flags & EPONYM and tied.shape == CAP and not people) and not led

    def _made(self, i: int) -> bool:
        """Tell a maker from a person: `the Baxter pump`."""
        if self.words[i].low not in self.lexicon.makers or not self._adjacent(i):
            return False
        led = i and (self.words[i - 1].low in self.lexicon.titles or self._initial(i - 1))
        return not led and self.words[i + 1].low in self.lexicon.machines

    def _relative(self, i: int) -> bool:
        """Tell a member of the family from a name that is written alike: `my lola`, `Nana fell`."""
        word = self.words[i]
        if word.shape == CAP and self._adjacent(i) and self._named_on(i + 1):
            return False
        if word.shape == LOWER:
            after = self.words[i + 1] if self._adjacent(i) else None
            return after is None or bool(after.flags & (ORDINARY | NEVER))
        if not word.flags & POPULAR:
            return True
        return i > 0 and self._adjacent(i - 1) and self.words[i - 1].low in _WHOSE

    def _named_on(self, i: int) -> bool:
        """Tell whether a name in capitals goes on here."""
        word = self.words[i]
        open_word = word.kind in {STRONG, MAYBE, UNKNOWN, INITIAL, PARTICLE}
        return word.shape == CAP and bool(open_word or word.flags & GIVEN)

    def _told_alone(self, i: int) -> bool:
        """Tell a disease or a score by what stands behind: `looks like Conn's`, `Tinetti 17`."""
        end = self.words[i].end
        shown = _SCORED.match(self.text, end) or _SUFFERED.match(self.text, end)
        return bool(shown) and not self.words[i].flags & POPULAR

    def _typed(self, i: int) -> bool:
        """Tell `Fitzpatrick type IV` and `Kellgren-Lawrence grade 3`: a kind with its number."""
        if self.words[i + 1].low not in _KINDS:
            return False
        return bool(_NUMBERED.match(self.text, self.words[i + 1].end))
