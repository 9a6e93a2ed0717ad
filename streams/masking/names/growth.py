"""Growing a name over the words beside it: a half-masked name is a leak."""

from collections.abc import Iterator

from streams.masking.names.marks import CODE_GAP, COMMA, MODALS, PERSON, Marks
from streams.masking.names.words import (
    CAP,
    INITIAL,
    LOWER,
    MAYBE,
    PARTICLE,
    SITE,
    STRONG,
    UNKNOWN,
    UPPER,
    Word,
)
from streams.masking.results import Span
from streams.masking.vocabulary.lexicon import (
    CLINICAL,
    EPONYM,
    GIVEN,
    MONTH,
    NAMED,
    NEVER,
    ORDINARY,
    PLACE,
    POPULAR,
    REGION,
    SURNAME,
    USUAL,
    VERBISH,
    WORD,
)
from streams.masking.vocabulary.lists import each

_BIDDING = each(
    """tell ask give show let text page email fax call ring remind notify inform check tag
    help send see cancel move find get book warn alert thank teach meet wake catch put bring take
    follow pull look"""
)
_TIED_MIN = 4
_SUFFIXES = frozenset(["Jr", "Sr", "II", "III", "IV"])


class Growth(Marks):
    """The last step."""

    def _grow(self) -> None:
        """Grow each name over the words beside it that may belong to it."""
        for i in range(1, len(self.words)):
            if self.marks[i] is None and self.marks[i - 1] and self._hyphened(i):
                self._mark(i, self.marks[i - 1] or PERSON, "beside")
                self.words[i].shape = CAP
        for step, order in ((-1, range(len(self.words))), (1, range(len(self.words) - 1, -1, -1))):
            for i in order:
                j = i - step if step == 1 else i + 1
                j = i + 1 if step == 1 else i - 1
                if (
                    0 <= j < len(self.words)
                    and self.marks[j] == PERSON
                    and self.marks[i] is None
                    and self._joins(i, j)
                ):
                    self._mark(i, PERSON, "beside")
                    self.words[i].shape = max(
                        self.words[i].shape, CAP if self.words[j].shape == CAP else LOWER
                    )

    def _crossed(self) -> None:
        """Take in `Sunset & Alvarado` and `Piggly Wiggly`: a capital tied to an unknown word."""
        for i, j in ((i, i + step) for i in range(len(self.words)) for step in (-1, 1)):
            if not 0 <= j < len(self.words) or self.marks[i] or not self.marks[j]:
                continue
            word, left, right = self.words[i], self.words[min(i, j)], self.words[max(i, j)]
            closed = word.flags & (NEVER | CLINICAL | REGION | MONTH | EPONYM)
            if word.shape != CAP or closed or self.heading[i] or len(word.low) < _TIED_MIN:
                continue
            gap = self.text[left.end : right.start]
            if i > j and gap == " " and self._sole(j) and word.flags & ORDINARY:
                self._mark(i, PERSON, "beside")
                continue
            beside = i > j and gap == " " and self.sources[j] == "unknown"
            if (gap == " & " and not word.first) or (beside and self.words[j].shape == CAP):
                self._mark(i, self.marks[j] or PERSON, "beside")

    def _sole(self, i: int) -> bool:
        """Tell a first name alone, with a capital: a capital behind it is a surname."""
        word = self.words[i]
        before = i > 0 and self._adjacent(i - 1) and self.marks[i - 1] == PERSON
        plain = word.flags & (SURNAME | ORDINARY | PLACE) and not word.flags & POPULAR
        return bool(
            self.marks[i] == PERSON
            and word.shape == CAP
            and word.flags & GIVEN
            and not (before or plain)
        )

    def _hyphened(self, i: int) -> bool:
        """Tell whether a lower-case word hangs on a name: `Soo-jin`."""
        word, before = self.words[i], self.words[i - 1]
        tight = self.text[before.end : word.start] == "-" and before.shape == CAP
        return tight and word.shape == LOWER and not word.flags & (WORD | NEVER)

    def _never_but_name(self, i: int, j: int) -> bool:
        """Tell whether an everyday word is a surname here: capital, behind a name, no heading."""
        word, name = self.words[i], self.words[j]
        behind = i > j and word.shape == CAP and not self.heading[i]
        return bool(behind and word.flags & (USUAL | GIVEN) and name.flags & (GIVEN | SURNAME))

    def _joins(self, i: int, j: int) -> bool:  # noqa: C901, PLR0911, PLR0912 - rules in their order
        """Tell whether the open word `i` belongs to the name that holds word `j`."""
        word, name = self.words[i], self.words[j]
        if not self._adjacent(min(i, j)):
            return False
        tight = self.text[min(word.end, name.end) : max(word.start, name.start)] == "-"
        if tight and i > j and word.shape == LOWER == name.shape:
            return not word.flags & (ORDINARY | NEVER | VERBISH)
        if tight and i > j and word.shape == CAP == name.shape:
            return True
        if word.kind == INITIAL:
            return word.low != "i" or i > j
        if len(word.low) == 1 and word.shape == LOWER and name.shape == LOWER and i > j:
            return self.text[word.end : word.end + 1] == "." and i + 1 < len(self.words)
        if word.kind == PARTICLE:
            return self._particle_joins(i, j)
        if word.shape == LOWER and name.shape != LOWER:
            return tight and i > j and not word.flags & WORD
        if word.flags & NEVER and not self._never_but_name(i, j):
            return False
        if (word.shape == LOWER) != (name.shape == LOWER):
            return False
        if word.flags & NEVER:
            return True
        if word.shape == LOWER:
            return bool(i > j and word.flags & SURNAME and not word.flags & (ORDINARY | VERBISH))
        if tight and word.shape == CAP:
            return True
        if i < j and self._leads_on(i, j):
            return True
        if word.kind in {MAYBE, UNKNOWN, STRONG, SITE}:
            if word.shape == UPPER and name.shape == CAP:
                return False
            return not (word.first and i < j and (word.low in MODALS or self._bids(word, i, j)))
        return bool(word.flags & (REGION | MONTH) and word.flags & NAMED and word.shape == CAP)

    def _leads_on(self, i: int, j: int) -> bool:
        """Tell a first name that is an everyday word: a capital in a sentence, a name behind."""
        word, name = self.words[i], self.words[j]
        closed = (
            word.flags & (CLINICAL | EPONYM | REGION | MONTH) or word.low in self.lexicon.titles
        )
        sure = name.kind == STRONG and name.flags & SURNAME
        return bool(
            sure
            and word.shape == CAP == name.shape
            and not (word.first or closed or self.heading[i])
        )

    def _bids(self, word: Word, i: int, j: int) -> bool:
        """Tell a sentence's first verb from a name: `Tell Bob`, `Ask Nadia`."""
        verb = word.flags & WORD and not word.flags & (GIVEN | USUAL)
        named = self.words[j].flags & GIVEN or self.words[j].kind in {STRONG, UNKNOWN}
        return bool(verb and named and j == i + 1 and word.low in _BIDDING)

    def _particle_joins(self, i: int, j: int) -> bool:
        """Tell whether a particle belongs to a name: one follows it, as in `Ana van der Lake`."""
        if j > i:
            return True
        last = i
        while self._adjacent(last) and self.words[last + 1].kind == PARTICLE:
            last += 1
        return self._adjacent(last) and (self.marks[last + 1] == PERSON or self._names_on(last + 1))

    def _names_on(self, i: int) -> bool:
        word = self.words[i]
        return word.kind in {STRONG, MAYBE, UNKNOWN, PARTICLE} and word.shape != LOWER

    def _suffixed(self) -> None:
        """Take `Jr.` and `III` into the name before them."""
        for i in range(1, len(self.words)):
            gap = self.text[self.words[i - 1].end : self.words[i].start]
            if (
                self.words[i].text in _SUFFIXES
                and self.marks[i - 1] == PERSON
                and gap in {" ", ", "}
            ):
                self._mark(i, PERSON, "beside")

    def _runs(self) -> Iterator[Span]:
        """Join marked words that stand side by side into spans."""
        i = 0
        while i < len(self.words):
            mark = self.marks[i]
            if mark is None:
                i += 1
                continue
            j = i
            while (
                j + 1 < len(self.words) and self.marks[j + 1] == mark and self._continues(j, mark)
            ):
                j += 1
            score = 0.6 if all(s == "unknown" for s in self.sources[i : j + 1]) else 0.9
            yield Span(self.words[i].start, self.words[j].end, mark, score, self.sources[i])
            i = j + 1

    def _continues(self, j: int, mark: str) -> bool:
        gap = self.text[self.words[j].end : self.words[j + 1].start]
        if mark == PERSON and COMMA.fullmatch(gap):
            if self.words[j + 1].text in _SUFFIXES:
                return True
            left, right = self.words[j], self.words[j + 1]
            return bool(left.flags & SURNAME and right.flags & GIVEN and not left.flags & POPULAR)
        if "\t" in gap:
            return False  # another cell
        if not gap or self._adjacent(j):
            return True
        return self.words[j].shape == LOWER and bool(CODE_GAP.fullmatch(gap))
