"""Names told by what stands beside them: a title, a degree, `patient`, a label."""

import re

from streams.masking.lexicon import CLINICAL, MONTH, NAMED, NEVER, ORDINARY, POPULAR, REGION, USUAL
from streams.masking.marks import COMMA, GAP, MODALS, PERSON, Marks
from streams.masking.words import CAP, INITIAL, LOWER, MAYBE, PARTICLE, STRONG, UNKNOWN, UPPER, Word

_CUE_GAP = re.compile(
    r"[ \t]{0,2}(?:[:=][ \t]{0,2}|,[ \t]|\.[ \t]|[ \t](?:is|was|named|called)[ \t]"
    r"|['\"(]{1,2}|[ \t]?-[ \t])?['\"]?"
)
_UPPER_MIN = 4  # shorter capitals are acronyms
_CUED_NAME = re.compile(r"[:=]|\s(?:is|named|called)\s")


class Cues(Marks):
    """The second step."""

    def _titles(self) -> None:
        """Mark words behind a title or `patient`, and words before `MD`."""
        for i in range(1, len(self.words)):
            word, before = self.words[i], self.words[i - 1]
            gap = self.text[before.end : word.start]
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
        if title.low in {
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
        } and (word.flags & NEVER or not (word.flags & NAMED or word.kind == UNKNOWN)):
            return
        if word.kind == PARTICLE or (word.kind == INITIAL and cap):
            self._mark(i, PERSON, "title")
            if i + 1 < len(self.words) and self._adjacent(i):
                self._mark(i + 1, PERSON, "title")
        elif (cap and not (word.flags & NEVER and not word.flags & NAMED)) or (
            word.shape == LOWER
            and not word.flags & NEVER
            and (word.flags & NAMED or not word.flags & ORDINARY)
        ):
            self._mark(i, PERSON, "title")

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
            or (word.kind == MAYBE and (firm or (self._likely(i) and word.low not in MODALS)))
            or (
                firm
                and word.shape == UPPER
                and len(word.low) >= _UPPER_MIN
                and not word.flags & (ORDINARY | NEVER)
            )
        ):
            self._mark(i, PERSON, "cue")

    def _likely(self, i: int) -> bool:
        """Tell whether a word that may be a name is a usual one, outside of a heading."""
        word = self.words[i]
        usual = word.flags & (POPULAR | USUAL) or not word.flags & ORDINARY
        return bool(usual and not self.heading[i])
