"""Names told by themselves: sure words, and open words that are a given name and a surname."""

from streams.masking.names.marks import CODE_GAP, COMMA, GAP, MODALS, PERSON, Marks
from streams.masking.names.words import CAP, INITIAL, LOWER, MAYBE, STRONG, UNKNOWN, UPPER, Word
from streams.masking.vocabulary.lexicon import (
    CLINICAL,
    EPONYM,
    GIVEN,
    MONTH,
    NAMED,
    NEVER,
    ORDINARY,
    POPULAR,
    REGION,
    SURNAME,
    USUAL,
    VERBISH,
    WORD,
)

_SIDED = 4  # `R FA`, `L AC`: a side and a place of the body
_UPPER_MIN = 6  # longer capitals that are a surname are no acronym


class Pairs(Marks):
    """The third step."""

    def _anchors(self) -> None:
        for i, word in enumerate(self.words):
            if (self.marks[i] is None and word.kind == STRONG and not self._acronym(i)) or (
                self.marks[i] is None
                and word.kind == MAYBE
                and word.shape == LOWER
                and word.flags & POPULAR
            ):
                self._mark(i, PERSON, "names")

    def _acronym(self, i: int) -> bool:
        """Tell whether capitals are no name: short, alone, amid ordinary writing."""
        word = self.words[i]
        if word.shape != UPPER or word.flags & POPULAR:
            return False
        near = any(
            0 <= j < len(self.words)
            and self.words[j].shape == UPPER
            and self.words[j].flags & NAMED
            and self._adjacent(min(i, j), commas=True)
            for j in (i - 1, i + 1)
        )
        if len(word.low) >= _UPPER_MIN and not word.flags & ORDINARY:
            return False
        return not near and (len(word.low) < 5 or not self.heading[i])  # noqa: PLR2004 - a length

    def _pairs(self) -> None:
        """Two open words that are a given name and a surname side by side are a name."""
        for i in range(len(self.words) - 1):
            left, right = self.words[i], self.words[i + 1]
            gap = self.text[left.end : right.start]
            if COMMA.fullmatch(gap):
                self._reversed(i)
            elif left.shape == LOWER and right.shape == LOWER:
                if CODE_GAP.fullmatch(gap) and self._lower_pair(left, right):
                    self._both(i)
            elif self._open(left) and self._open(right) and GAP.fullmatch(gap):
                given_first = left.flags & GIVEN and right.flags & SURNAME
                if (
                    given_first
                    and not (left.low in MODALS and left.first and not self._full(left, right))
                    and not right.flags & NEVER
                ):
                    self._both(i)
            elif (
                left.kind == INITIAL
                and right.kind in {MAYBE, UNKNOWN}
                and right.shape != LOWER
                and not (left.low in "rl" and right.shape == UPPER and len(right.low) < _SIDED)
                and (gap in {". ", "."} or (gap == " " and right.flags & SURNAME))
            ):
                self._both(i)

    def _full(self, left: Word, right: Word) -> bool:
        """Tell `Long Vu had` from `Will Humira help`: the second is nothing but a surname."""
        return left.low not in {"will", "may", "can"} and not right.flags & ORDINARY

    def _lower_pair(self, left: Word, right: Word) -> bool:
        if left.flags & (NEVER | CLINICAL | REGION | MONTH) or right.flags & (NEVER | MONTH):
            return False
        if right.flags & (CLINICAL | REGION) and not right.flags & USUAL:
            return False
        surely = left.flags & GIVEN and not left.flags & (WORD | VERBISH)
        plain = (left.flags | right.flags) & (ORDINARY | VERBISH | EPONYM)
        if left.flags & SURNAME and right.flags & GIVEN and not plain and len(left.low) > 2:  # noqa: PLR2004 - a length
            return len(right.low) > 2  # noqa: PLR2004 - a length
        if left.flags & GIVEN and len(right.low) >= _UPPER_MIN - 1 and self._only_surname(right):
            return True
        if left.flags & POPULAR and surely and not right.flags & ORDINARY and len(right.low) > 3:  # noqa: PLR2004 - a length
            return True
        return bool(
            surely and right.flags & NAMED and (not right.flags & WORD or left.flags & POPULAR)
        )

    def _only_surname(self, word: Word) -> bool:
        """Tell a surname that no dictionary has and that is spelt like one: `hope wickersham`."""
        named = word.flags & SURNAME and not word.flags & (ORDINARY | NEVER | REGION | MONTH)
        return bool(named) and self.lexicon.spelling.score(word.low) < 0

    def _reversed(self, i: int) -> None:
        """`Smith, John` is a name where the comma stands between a surname and a given name."""
        left, right = self.words[i], self.words[i + 1]
        if left.shape == UPPER and right.shape == UPPER and self._upper_pair(i):
            self._both(i)
            return
        if (
            left.flags & NEVER
            or right.flags & (NEVER | REGION | MONTH)
            or (left.flags & REGION and not left.flags & USUAL)
        ):
            return
        same = (left.shape == LOWER) == (right.shape == LOWER)
        usual = right.flags & POPULAR or (left.flags & USUAL and right.flags & GIVEN)
        if (
            left.shape == CAP == right.shape
            and not left.first
            and left.flags & USUAL
            and right.flags & POPULAR
        ):
            self._both(i)
        elif (
            same
            and left.flags & SURNAME
            and usual
            and self.marks[i + 1] == PERSON
            and not (
                left.flags & ORDINARY
                and left.shape == LOWER
                and right.shape == LOWER
                and not left.first
            )
        ):
            self._mark(i, PERSON, "names")
        elif (
            left.shape == UPPER
            and right.shape == UPPER
            and left.flags & SURNAME
            and right.flags & GIVEN
        ) or (
            left.shape == CAP
            and right.shape == CAP
            and left.first
            and left.flags & SURNAME
            and right.flags & GIVEN
        ):
            self._both(i)

    def _upper_pair(self, i: int) -> bool:
        """`OYELARAN, GRACE` and `SHAH,WILL`: a comma between capitals, one side surely a name."""
        left, right = self.words[i], self.words[i + 1]
        if left.flags & NEVER or (right.flags & NEVER and not right.flags & VERBISH):
            return False
        tight = self.text[left.end : right.start] == ","
        surely = right.flags & POPULAR or (right.flags & GIVEN and not right.flags & WORD)
        if surely and not left.flags & ORDINARY and len(left.low) > 3:  # noqa: PLR2004 - a length
            return True
        if not left.flags & SURNAME or (left.flags & REGION and not left.flags & USUAL):
            return False
        return bool(
            (tight or left.flags & USUAL or self.marks[i] == PERSON)
            and (surely or not right.flags & ORDINARY)
        )
