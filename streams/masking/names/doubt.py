"""What stands in doubt beside a name is masked: `Margaret Two Bulls`, `j. okafor`."""

import re

from streams.masking.names.marks import PERSON
from streams.masking.names.open_words import OpenWords
from streams.masking.names.words import CAP, LOWER, Word
from streams.masking.vocabulary.lexicon import (
    CLINICAL,
    EPONYM,
    GIVEN,
    MONTH,
    NEVER,
    ORDINARY,
    POPULAR,
    REGION,
    SURNAME,
    USUAL,
)
from streams.masking.vocabulary.lists import each

_CLOSED = CLINICAL | REGION | MONTH | EPONYM
_SURNAMES = each(
    """one two three four five six seven eight nine ten many good little big not her his other
    first no over against after before under looks takes kills comes runs walks shot has goes
    young old white black red blue green yellow high low back bad twice always"""
)
_THINGS = each(
    """family household team clinic center hospital chart note summary report visit form program
    protocol trial study unit ward office group drive street avenue road lane court plan care
    portal app system machine score scale test tube line catheter pump mask bed chair class award
    insurance health medical room note notes history course exam date time page phone"""
)
_LED = each(
    """for with call remind ask tell book text page email notify about see saw named called from by
    schedule help discharge admit fax"""
)
_DONE = each(
    """requested ordered signed asked approved submitted sent written entered dictated prepared
    referred proposed authorized authorised"""
)
_ENDS = re.compile(r"\s?(?:[,.;:?!)]|\Z|\n|'s\b)|\s(?:[a-z(\d]|&\s)")
_MODAL = re.compile(r"\s(?:would|could|should|called|still|just|never|also|missed|due|here)\b")
_MORE_MAX = 3
_SURE = frozenset(["title", "cue", "introduced", "postnominal"])
_PLAIN_MIN = 3
_ASKING = each("can may will see long mark bill rob page")
_SEXES = frozenset("afim")


class Doubt(OpenWords):
    """The step after growth: caution beside what is sure."""

    def _doubted(self) -> None:
        """Widen names over plain words with a capital, and over initials in lower case."""
        for i in range(len(self.words) - 1):
            if self._plain_pair(i) or self._done_by(i):
                self._mark(i, PERSON, "names", again=True)
                self._mark(i + 1, PERSON, "beside", again=True)
        for i in range(len(self.words) - 1):
            if self.marks[i] == PERSON and self._full_name(i):
                self._widen(i + 1)
            self._lower_initial(i)
            self._coupled(i)

    def _coupled(self, i: int) -> None:
        """Take in a surname tied to one that a person acts with: `seen by Okonjo and Batty`."""
        if i < 1 or i + 2 > len(self.words) or self.words[i].low not in {"and", "or"}:
            return
        word = self.words[i + 1]
        closed = word.flags & (NEVER | CLINICAL | REGION | MONTH | EPONYM)
        led = self.marks[i - 1] == PERSON and self._adjacent(i - 1) and self._adjacent(i)
        if (
            led
            and self.marks[i + 1] is None
            and word.shape == CAP
            and word.flags & SURNAME
            and not closed
        ):
            self._mark(i + 1, PERSON, "beside")

    def _widen(self, i: int) -> None:
        """Mark the capitals behind a name where a sentence goes on in small letters."""
        last = i
        while last < len(self.words) and self._plain(last) and last - i < _MORE_MAX:
            last += 1
        count = last - i
        if not count or not _ENDS.match(self.text, self.words[last - 1].end):
            return
        if count == 1 and self.words[i].flags & NEVER and not self._behind_given(i):
            return
        if last - i == 1 and self.words[i].low in {"his", "her", "not"}:
            return
        for j in range(i, last):
            self._mark(j, PERSON, "beside")

    def _plain(self, i: int) -> bool:
        """Tell a word with a capital, behind a space, that may be a part of a surname."""
        word = self.words[i]
        if self.marks[i] is not None or word.shape != CAP or len(word.low) < _PLAIN_MIN:
            return False
        if self.text[self.words[i - 1].end : word.start] != " " or self.heading[i]:
            return False
        if word.low in _THINGS or word.low in self.lexicon.posts:
            return False
        if word.flags & _CLOSED:
            led = self.sources[i - 1] in _SURE and self._behind_given(i)
            return bool(led and word.flags & SURNAME and not word.flags & (REGION | MONTH))
        named = word.low in _SURNAMES or (word.flags & SURNAME and self._behind_given(i))
        return bool(not word.flags & NEVER or named)

    def _behind_given(self, i: int) -> bool:
        """Tell whether a usual first name stands alone before a word: `Tim Boeing`."""
        before = self.words[i - 1]
        alone = i < 2 or self.marks[i - 2] != PERSON or not self._adjacent(i - 2)  # noqa: PLR2004 - two before
        sure = self.sources[i - 1] in _SURE or not before.flags & ORDINARY
        return bool(alone and before.flags & POPULAR and sure)

    def _full_name(self, i: int) -> bool:
        """Tell whether a marked word with a capital ends a name that begins with a first name."""
        if self.words[i].shape != CAP or self.heading[i]:
            return False
        first = i
        while first and self.marks[first - 1] == PERSON and self._adjacent(first - 1):
            first -= 1
        return bool(self.words[first].flags & GIVEN and self.words[first].shape == CAP)

    def _plain_pair(self, i: int) -> bool:
        """Tell two everyday words with capitals that a person's deeds or a cue stand beside."""
        left, right = self.words[i], self.words[i + 1]
        if not (self._everyday(left) and self._everyday(right) and left.flags & GIVEN):
            return False
        if left.low in _ASKING or self.heading[i]:
            return False
        if self.text[left.end : right.start] != " " or right.low in _THINGS:
            return False
        if i + 2 < len(self.words) and self.words[i + 2].shape == CAP and self._adjacent(i + 1):
            return False
        before = self.words[i - 1] if i and self._adjacent(i - 1) else None
        led = before is not None and before.low in _LED and not right.flags & NEVER
        does = self._acts(i + 1) or bool(_MODAL.match(self.text, right.end))
        return does or (led and bool(_ENDS.match(self.text, right.end)))

    def _done_by(self, i: int) -> bool:
        """Tell two capitals behind `requested by`, of which the second may be a surname."""
        left, right = self.words[i], self.words[i + 1]
        if i < 2 or self.words[i - 1].low != "by" or self.words[i - 2].low not in _DONE:  # noqa: PLR2004 - two before
            return False
        if left.shape != CAP or right.shape != CAP or right.low in _THINGS:
            return False
        plain = right.flags & ORDINARY and not right.flags & USUAL
        named = right.flags & SURNAME and not plain
        return self._adjacent(i) and bool(self.marks[i + 1] == PERSON or named)

    def _everyday(self, word: Word) -> bool:
        closed = CLINICAL | REGION | EPONYM
        return word.shape == CAP and not word.flags & closed and len(word.low) >= _PLAIN_MIN

    def _lower_initial(self, i: int) -> None:
        """Take in the initials of `j. okafor` and `smith, j`."""
        left, right = self.words[i], self.words[i + 1]
        gap = self.text[left.end : right.start]
        if left.shape != LOWER or right.shape != LOWER:
            return
        if len(left.low) == 1 and gap in {". ", "."} and self.marks[i + 1] == PERSON:
            self._mark(i, PERSON, "beside")
        elif len(right.low) == 1 and gap == ", " and self.text[right.end : right.end + 1] != "'":
            usual = self.marks[i] == PERSON or (
                left.flags & USUAL and not left.flags & (NEVER | CLINICAL)
            )
            if usual and right.low not in _SEXES:
                self._mark(i, PERSON, "introduced")
                self._mark(i + 1, PERSON, "beside")
