"""Names that stand for a disease, a sign or a device, and for no person: they stay readable."""

from streams.masking.names.alike import Alike
from streams.masking.names.marks import COMMA
from streams.masking.names.words import (
    CAP,
    INITIAL,
    LOWER,
    MAYBE,
    NO,
    PARTICLE,
    SITE,
    STRONG,
    UNKNOWN,
    UPPER,
    Word,
)
from streams.masking.vocabulary.lexicon import (
    CLINICAL,
    EPONYM,
    NAMED,
    NEVER,
    PLACE,
    POPULAR,
    USUAL,
)
from streams.masking.vocabulary.lists import each

_NAMED_FOR = each(
    """syndrome disease phenomenon lymphoma criteria classification reflex maneuver catheter stain
    palsy fracture ring rings malformation deformity nodes tumor sarcoma anemia ataxia
    chorea dystrophy encephalopathy thyroiditis esophagus hernia contracture gait ligament
    fascia"""
)
_DEVICES = each("""foley doppler holter broviac ganz kirschner penrose bovie hickman groshong""")
_BOUNDS = frozenset(["max", "min"])
_DOSES = each("dose daily rate single total amount mg units weight")
_NUMERALS = frozenset(["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"])
_BETWEEN = each(
    """major minor modified revised simplified risk severity comorbidity staging grading prognostic
    diagnostic"""
)
_CLAIMED = each(
    """criteria criterion classification nomogram rule rules equation formula law theorem sign
    maneuver manoeuvre hypothesis"""
)
_RULES = each(
    """criteria classification rule rules score scale grading consensus definition grade protocol
    staging guideline guidelines questionnaire"""
)


class Eponyms(Alike):
    """The first step."""

    def _eponyms(self) -> None:
        """Leave `Parkinson's disease` and `Foley catheter` alone: no person is meant."""
        for i, word in enumerate(self.words):
            if word.flags & PLACE and word.shape == CAP and self._classed(i):
                word.kind = NO
                word.flags = (word.flags | NEVER) & ~PLACE
                continue
            if word.low in _BOUNDS and self._bounded(i):
                self._close(i)
                continue
            if word.flags & EPONYM and word.shape == CAP and self._twin(i):
                self._close(i, 2)
                continue
            if word.low in self.lexicon.kin and self._relative(i):
                self._close(i)
                continue
            open_word = word.kind in {STRONG, MAYBE, UNKNOWN, SITE} and word.shape == CAP
            if open_word and (
                self._discovered(i) or self._made(i) or (word.flags & EPONYM and self._eponym(i))
            ):
                self._close(i)

    def _bounded(self, i: int) -> bool:
        """Tell `Max Tylenol` and `Max dose` from a name."""
        after = self.words[i + 1] if self._adjacent(i) else None
        return after is not None and (
            after.low in _DOSES or bool(after.flags & CLINICAL and not after.flags & NAMED)
        )

    def _classed(self, i: int) -> bool:
        """Tell a town that a rule or a score is called after: `the Ottawa ankle rules`."""
        for j in range(i + 1, min(i + 4, len(self.words))):
            if not self._adjacent(j - 1):
                return False
            if self.words[j].low in _RULES:
                return True
        return False

    def _discovered(self, i: int) -> bool:
        """`Evans syndrome`, `Kayser-Fleischer ring`: named for a discoverer, whoever that is."""
        if i and self.text[self.words[i - 1].end : self.words[i].start] == "-":
            return bool(
                self.words[i - 1].flags & (NEVER | CLINICAL) and self.words[i - 1].kind == NO
            )
        last = i
        while self.text[self.words[last].end : self.words[last].end + 1] == "-" and last + 1 < len(
            self.words
        ):
            last += 1
        if last + 1 >= len(self.words) or not self._adjacent(last, possessive=True):
            return False
        head = self.words[self._head(last)]
        before = self.words[i - 1] if i else None
        led = (
            before is not None
            and self._adjacent(i - 1)
            and before.shape != LOWER
            and not before.first
        )
        titled = before is not None and before.low in self.lexicon.titles
        if led or titled:
            return False
        return self._headed(i, last, head)

    def _head(self, last: int) -> int:
        """Return where the head of a rule's name stands: `Duke minor criteria`, `Baveno VI`."""
        said = last + 1
        while said < last + 3 and self._adjacent(said):
            low = self.words[said].low
            if low not in _NUMERALS and (low not in _BETWEEN or self.words[said].shape != LOWER):
                break
            said += 1
        return said

    def _headed(self, i: int, last: int, head: Word) -> bool:
        """Tell by its head what a name belongs to; a first name's `score` is a person's."""
        word = self.words[i]
        possessive = self.text[self.words[last].end : head.start].startswith("'s")
        eponym = any(word.flags & EPONYM for word in self.words[i : last + 1])
        if head.low in self.lexicon.ruled and head.shape != UPPER:
            if possessive:
                return head.low in _CLAIMED
            return last > i or not word.flags & POPULAR
        if eponym and self._typed(last):
            return last > i or not word.flags & POPULAR
        if last > i and eponym and head.low in self.lexicon.heads:
            return True
        return (
            head.shape == LOWER
            and head.low in _NAMED_FOR
            and not (possessive and word.flags & POPULAR)
        )

    def _before(self, i: int) -> bool | None:
        """Decide by what stands before: a title, a particle, an article; None: that is open."""
        before = self.words[i - 1] if i else None
        if before is not None and (before.low in self.lexicon.titles or self._initial(i - 1)):
            return False
        near = before is not None and self._adjacent(i - 1)
        if before is not None and near and before.kind == PARTICLE:
            return False
        if before is not None and near and before.low in {"a", "an"}:
            return not self._near_name(i)
        return True if self.words[i].low in _DEVICES and not self._near_name(i) else None

    def _eponym(self, i: int) -> bool:
        before = self._before(i)
        if before is not None:
            return before
        if self._told_alone(i):
            return True
        for j in range(i + 1, min(i + 5, len(self.words))):
            other = self.words[j]
            if (
                other.low in self.lexicon.heads or other.low.endswith(self.lexicon.suffixes)
            ) and "." not in self.text[self.words[i].end : other.start]:
                return True
            if not (
                other.flags & (EPONYM | CLINICAL)
                or other.low in {"and", "s", "type", "de", "la", "syndrome"}
            ):
                break
        after = self.words[i + 1] if i + 1 < len(self.words) else None
        if after is not None and after.flags & POPULAR and after.shape == CAP:
            parted = bool(COMMA.fullmatch(self.text[self.words[i].end : after.start]))
            return (
                not parted
                and not self.words[i].flags & (USUAL | POPULAR)
                and not self._near_name(i)
            )
        return not self._near_name(i) and not self.words[i].flags & (USUAL | POPULAR)

    def _near_name(self, i: int) -> bool:
        for j in (i - 1, i + 1):
            if 0 <= j < len(self.words) and self._adjacent(min(i, j)):
                other = self.words[j]
                if (
                    other.low not in _NUMERALS
                    and other.kind in {STRONG, MAYBE, INITIAL, UNKNOWN}
                    and other.shape != LOWER
                    and not other.flags & EPONYM
                ):
                    return True
        return False
