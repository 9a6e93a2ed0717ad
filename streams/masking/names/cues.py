"""Names told by what stands beside them: a title, a degree, `patient`, a label."""

import re

from streams.masking.names.marks import COMMA, GAP, MODALS, PERSON, Marks
from streams.masking.names.words import (
    CAP,
    INITIAL,
    LOWER,
    MAYBE,
    PARTICLE,
    STRONG,
    UNKNOWN,
    UPPER,
    Word,
)
from streams.masking.vocabulary.lexicon import (
    CLINICAL,
    MONTH,
    NAMED,
    NEVER,
    ORDINARY,
    POPULAR,
    REGION,
    USUAL,
    VERBISH,
)
from streams.masking.vocabulary.lists import each

_CUE_GAP = re.compile(
    r"[ \t]{0,2}(?:[:=][ \t]{0,2}|,[ \t]|\.[ \t]|[ \t](?:is|was|named|called)[ \t]"
    r"|['\"(]{1,2}|[ \t]?-[ \t])?['\"]?"
)
_KIN = each(
    """mother father wife husband son daughter brother sister spouse partner aunt uncle niece nephew
    grandmother grandfather grandson granddaughter mom dad cousin friend boyfriend girlfriend fiance
    neighbor roommate caregiver"""
)
_UPPER_MIN = 4  # shorter capitals are acronyms
_ASKED = frozenset(["i", "we", "you", "he", "she", "it", "they", "the", "this", "my"])
_STAFF = each(
    """nurse midwife resident attending surgeon pharmacist therapist cardiologist oncologist
    neurologist hospitalist psychiatrist pediatrician dermatologist radiologist
    nephrologist urologist clinician interpreter supervisor manager"""
)
_DETERMINED = each(
    """a an the my his her our your their this that each every another any some which what school
    home night day charge triage ward public family clinic practice district floor"""
)
_STYLED = each("mr mrs ms mx miss mister missus")
_CUED_NAME = re.compile(r"[:=]|\s(?:is|named|called)\s")


class Cues(Marks):
    """The second step."""

    def _titles(self) -> None:
        """Mark words behind a title or `patient`, and words before `MD`."""
        for i in range(1, len(self.words)):
            word, before = self.words[i], self.words[i - 1]
            gap = self.text[before.end : word.start]
            if gap == "'" and len(word.low) == 1:
                continue  # the `s` of `attorney's`
            if before.low in self.lexicon.titles and (GAP.fullmatch(gap) or gap in {": ", ""}):
                self._titled(i, before)
            elif before.low in self.lexicon.cues and _CUE_GAP.fullmatch(gap):
                self._cued(i, gap)
        for i in range(len(self.words) - 1):
            after = self.words[i + 1]
            if (
                after.low in self.lexicon.posts
                and after.text.isupper()
                and len(after.low) > 1
                and self._kin(i)
            ):
                gap = self.text[self.words[i].end : after.start]
                if COMMA.fullmatch(gap):
                    self._mark(i, PERSON, "postnominal")

    def _titled(self, i: int, title: Word) -> None:
        word = self.words[i]
        cap = word.shape in {CAP, UPPER} or not word.text.isascii()
        weak = title.low != "ms" or title.shape == UPPER  # `Ms. Best`, but not `MS Contin`
        if (
            weak
            and title.low
            in {
                "ms",
                "sir",
                "major",
                "general",
                "officer",
                "nurse",
                "sister",
                "brother",
                "father",
                "fr",
                "st",
                "col",
                "lt",
                "do",
                "doctor",
                "judge",
                "aunt",
                "uncle",
            }
            and (word.flags & NEVER or not (word.flags & NAMED or word.kind == UNKNOWN))
        ):
            return
        if word.kind == PARTICLE or (word.kind == INITIAL and cap):
            self._mark(i, PERSON, "title")
            if i + 1 < len(self.words) and self._adjacent(i):
                self._mark(i + 1, PERSON, "title")
        elif (
            cap and not (word.flags & NEVER and not word.flags & NAMED) and not self._opens(i)
        ) or (
            word.shape == LOWER
            and not word.flags & NEVER
            and (word.flags & NAMED or not word.flags & ORDINARY)
            and not self._does(i, title)
        ):
            self._mark(i, PERSON, "title")

    def _does(self, i: int, title: Word) -> bool:
        """Tell what a person of that title does from a name: `the nurse needs`, `dr put me on`."""
        word = self.words[i]
        if title.low in _STYLED or not word.flags & ORDINARY:
            return False
        led = i > 1 and self._adjacent(i - 2) and self.words[i - 2].low in _DETERMINED
        return led or not word.flags & (POPULAR | USUAL | VERBISH)

    def _opens(self, i: int) -> bool:
        """Tell a new sentence behind a title from a name: `the Dr. Will she call?`."""
        word = self.words[i]
        after = self.words[i + 1].low if i + 1 < len(self.words) else ""
        return bool(word.low in MODALS and word.flags & NEVER and after in _ASKED)

    def _cued(self, i: int, gap: str) -> None:
        word = self.words[i]
        firm = ":" in gap or "=" in gap or "named" in gap
        if word.shape == LOWER:
            named = not word.flags & (ORDINARY | NEVER | REGION | MONTH) and (
                word.flags & NAMED or (_CUED_NAME.search(gap) and len(word.low) > 2)  # noqa: PLR2004 - a length
            )
            if named or (firm and word.flags & NAMED and not word.flags & (NEVER | CLINICAL)):
                self._mark(i, PERSON, "cue")
        elif (
            word.kind in {STRONG, UNKNOWN}
            or self._child(i)
            or self._staff(i)
            or (word.kind == MAYBE and (firm or (self._likely(i) and word.low not in MODALS)))
            or (
                firm
                and word.shape == UPPER
                and len(word.low) >= _UPPER_MIN
                and not word.flags & (ORDINARY | NEVER)
            )
        ):
            self._mark(i, PERSON, "cue")

    def _child(self, i: int) -> bool:
        """Tell a name behind a relative, whatever word it is: `my son Ace is 3`."""
        word, kin = self.words[i], self.words[i - 1]
        closed = word.flags & (NEVER | REGION | MONTH | CLINICAL)
        near = self.text[kin.end : word.start] in {" ", ", "}
        return (
            bool(kin.low in _KIN and word.shape == CAP and near and not closed)
            and not (self.heading[i])
        )

    def _staff(self, i: int) -> bool:
        """Tell a surname behind a profession, whatever word it is: `Midwife Sparrow reports`."""
        word, cue = self.words[i], self.words[i - 1]
        closed = word.flags & (NEVER | REGION | MONTH | CLINICAL) or word.low in MODALS
        near = self.text[cue.end : word.start] == " " and cue.low in _STAFF
        alone = not self._adjacent(i) or self.words[i + 1].shape == LOWER
        return bool(near and alone and word.shape == CAP and word.flags & NAMED and not closed)

    def _likely(self, i: int) -> bool:
        """Tell whether a word that may be a name is a usual one, outside of a heading."""
        word = self.words[i]
        usual = word.flags & (POPULAR | USUAL) or not word.flags & ORDINARY
        return bool(usual and not self.heading[i])
