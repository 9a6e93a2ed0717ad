"""Towns and counties by their lists; countries and states are left (164.514(b)(2)(i)(B))."""

from streams.masking.names.marks import COMMA, INSIDE, LOCATION, PERSON, Marks
from streams.masking.names.words import CAP, INITIAL, LOWER, MAYBE, NO, SITE, STRONG, UPPER, Word
from streams.masking.vocabulary.lexicon import (
    CLINICAL,
    EPONYM,
    MONTH,
    NAMED,
    NEVER,
    ORDINARY,
    PLACE,
    POPULAR,
    REGION,
    SURNAME,
    VERBISH,
)
from streams.masking.vocabulary.lists import each

_PREPOSITIONS = each(
    """in from at near to of around outside visiting visited toward towards via through leaving"""
)
_AT = frozenset(["at", "from", "near", "by"])
_PART_MIN = 3
_UPPER_MIN = 6  # shorter capitals are acronyms
_GRAM_MAX = 4


class Sites(Marks):
    """The fourth step."""

    def _sites(self) -> None:
        """Find places by their lists, longest first."""
        i = 0
        while i < len(self.words):
            i += self._site_at(i) or 1

        for i in range(1, len(self.words) - 1):
            self._called(i)

    def _called(self, i: int) -> None:
        """Mark two capitals behind `at` or `from` in mid-sentence: `from Kestrel Mobility`."""
        before = self.words[i - 1]
        if before.low not in _AT or before.shape != LOWER or not self._adjacent(i - 1):
            return
        pair = self.words[i : i + 2]
        closed = NEVER | CLINICAL | EPONYM | REGION | MONTH
        if self.text[pair[0].end : pair[1].start] != " " or any(
            word.shape != CAP or word.flags & closed or len(word.low) < _PART_MIN for word in pair
        ):
            return
        if not self.heading[i] and not any(self.marks[i : i + 2]):
            for k in (i, i + 1):
                self._mark(k, LOCATION, "places")

    def _site_at(self, i: int) -> int:
        if (
            self.words[i].kind == NO
            and self.words[i].shape == LOWER
            and self.words[i].flags & NEVER
        ):
            return 0
        for size in range(min(_GRAM_MAX, len(self.words) - i), 0, -1):
            gram = self.words[i : i + size]
            if size > 1 and not all(self._adjacent(i + k) for k in range(size - 1)):
                continue
            phrase = "".join(
                word.low + ("-" if self.text[word.end : word.end + 1] == "-" else " ")
                for word in gram
            ).strip(" -")
            if phrase in self.lexicon.sections["region_phrases"]:
                for k in range(size):
                    self._unmark(i + k)
                return size
            if self.lexicon.flags(phrase) & PLACE and self._is_site(i, gram):
                for k in range(size):
                    self._mark(i + k, LOCATION, "places", again=True)
                return size
        return 0

    def _is_site(self, i: int, gram: list[Word]) -> bool:
        after = i + len(gram)
        stated = self._state_follows(after)
        before = self.words[i - 1].low if i else ""
        placed = before in _PREPOSITIONS and self._adjacent(i - 1)
        inside = placed and before in INSIDE
        if gram[0].shape == LOWER:
            plain = all(word.flags & (ORDINARY | NEVER | VERBISH) for word in gram)
            return (
                not plain
                and (placed or stated)
                and not any(word.flags & NEVER for word in gram[:1])
            )
        if len(gram) > 1:
            plain = all(word.flags & (ORDINARY | NEVER | MONTH) for word in gram)
            person = gram[0].flags & POPULAR and gram[-1].flags & SURNAME
            return (
                (not plain and not person)
                or stated
                or (placed and not self.heading[i])
                or self._behind_name(i)
            )
        word = gram[0]
        if word.flags & (REGION | MONTH) or (word.flags & NEVER and not stated):
            return False
        if word.kind == SITE:
            return word.shape != UPPER or len(word.low) >= _UPPER_MIN or placed or stated
        chained = (
            after < len(self.words)
            and self._adjacent(after - 1)
            and self.words[after].kind in {STRONG, INITIAL, MAYBE}
            and self.words[after].shape != LOWER
        )
        chained = chained or bool(i and self._adjacent(i - 1) and self.marks[i - 1] == PERSON)
        if word.flags & NAMED and word.kind == STRONG:
            return (inside or stated) and not chained
        return bool(
            stated
            or (
                inside
                and word.shape == CAP
                and not word.flags & NEVER
                and not chained
                and word.flags & NAMED
            )
        )

    def _behind_name(self, i: int) -> bool:
        """Tell a town of two plain words behind a name: `Youssef, Jersey City`."""
        gap = self.text[self.words[i - 1].end : self.words[i].start] if i else ""
        return bool(COMMA.fullmatch(gap)) and self.marks[i - 1] in {PERSON, LOCATION}

    def _state_follows(self, i: int) -> bool:
        if i >= len(self.words) or i == 0:
            return False
        word = self.words[i]
        gap = self.text[self.words[i - 1].end : word.start]
        if not (COMMA.fullmatch(gap) or gap == " "):
            return False
        return (word.low in self.lexicon.states and word.shape == UPPER) or bool(
            word.flags & REGION and word.shape == CAP and "," in gap
        )
