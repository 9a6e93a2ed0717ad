"""Names told by how they are brought in: `her name is zuleika`, `hi its bob fletcher`, `Ng, A.`.

Most of these are written without capitals, in a hurry; what brings them in is what tells them.
"""

import re

from streams.masking.names.marks import CODE_GAP, MODALS, PERSON, Marks
from streams.masking.names.words import CAP, INITIAL, LOWER, MAYBE, SITE, STRONG, UNKNOWN, Word
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
from streams.masking.vocabulary.lists import each
from streams.masking.vocabulary.rare import like_a_word

_FIRM = re.compile(
    r"\b(?:sister|brother|mother|father|son|daughter|mom|dad)s?[\s-]in[\s-]law\s|\b(?:tell|ask|text|remind|thank\syou|call|page|nurse)\s(?:(?:nurse|miss|big|little|lil|old|young|ol|auntie|uncle)\s)?|"
    r"\b(?:rm|room|bed|bay|cot|crib|cubicle|pod|slot)\.?\s#?\d{1,3}[a-d]?\s?[,:\-]?\s|"
    r"\b(?:(?:first|last|full|legal|maiden|middle|preferred|sur|nick)?\s?names?(?:'s|\sis|\swas)?[\s:]{1,2}"
    r"|(?:is|was|am|i'm|he's|she's|who's)?\s?(?:named|called)\s|goes\sby\s|known\sas\s|call\sme\s"
    r"|(?:transcribed|dictated|signed|entered|scribed|witnessed|verified|ordered|drawn|given|requested|reviewed|seen|prescribed|referred|read|performed|approved"
    r"|accompanied|called|evaluated|examined|written|brought\sin)\sby:?\s)",
    re.IGNORECASE,
)
_LOOSE = re.compile(
    r"\b(?:this\sis|this's|it's|its|i'm|im|i\sam|spoke\s(?:with|to)|talked\sto|it\sis|hi|hello|hey|dear"
    r"|thanks|thx|regards|from|love)[,]?\s(?:my\s(?:son|daughter|wife|husband|mom|dad)\s)?",
    re.IGNORECASE,
)
_PERSONAL = re.compile(
    r"'s\s(?:chart|mom|mum|mother|dad|father|wife|husband|son|daughter|labs?|meds|app(?:oin)?t\w*|mri|ct|results?"
    r"|bp|a1c|script|refills?|insulin|surgery|doctor|nurse|aide)\b"
    r"|\s(?:says|said|wants|asked|asks|called|phoned|rang|denies|refuses|refused|thinks|lives|needs\s(?:his|her|a))\b"
)
_BOOKED = each("schedule book register rebook reschedule")
_BOOKED_FOR = re.compile(r"\s(?:for|to|with|on|in)\b")
_CALLED = each("""by for from the a an it back me her him them us this that who on in at""")
_SPEAKS = re.compile(r"\s?(?:,|\.|!|-|\Z)|\s(?:here|again|calling|from|and\si|pt|dob|mrn)\b")
_NOT_NAMES = each("""meta lang aurora athena elif siem neo dex dev ami bat kit""")
_NEITHER = ORDINARY | NEVER | REGION | MONTH | VERBISH
_OPEN = frozenset([MAYBE, STRONG, UNKNOWN, SITE])
_GIVEN_MIN = 4
_PART_MIN = 3
_LOGIN_MIN = 5
_TIED = each("""op like type based led related free only wide""")
_JOINING = each("""bat bint ap ab ibn binti binte anak vel thi ka wa ole ni nic ua bar""")


class Introduced(Marks):
    """The step after titles."""

    def _introduced(self) -> None:
        starts = {word.start: i for i, word in enumerate(self.words)}
        for phrase, firm in ((_FIRM, True), (_LOOSE, False)):
            for match in phrase.finditer(self.text):
                i = starts.get(match.end())
                if i is not None and self._meant(i, firm=firm):
                    self._mark(i, PERSON, "introduced")
                    self._go_on(i, firm=firm)
        for i in range(len(self.words) - 1):
            tied = self._tied(i)
            if tied:
                self.words[i + 1].shape = CAP
            if tied or self._uncapped_pair(i) or self._abbreviated(i):
                self._mark(i, PERSON, "introduced")
                self._mark(i + 1, PERSON, "introduced")
        for i, word in enumerate(self.words):
            if (
                self.marks[i] is None
                and word.shape == LOWER
                and (self._uncapped(i) or self._acting(i))
            ):
                self._mark(i, PERSON, "introduced")

    def _meant(self, i: int, *, firm: bool) -> bool:
        """Tell whether a word that a phrase brings in is a name."""
        word = self.words[i]
        if len(word.low) < _PART_MIN and not word.flags & USUAL:
            return False
        if word.shape != LOWER:
            open_word = word.kind in _OPEN or self._leads(i)
            return firm and open_word and not (word.flags & NEVER and not word.flags & POPULAR)
        if word.flags & (NEVER | REGION | MONTH) or word.low in _CALLED or word.low in MODALS:
            return False
        if firm:
            strange = not word.flags & ORDINARY and not like_a_word(
                word.low, self.lexicon, slips=False
            )
            return (
                strange
                or bool(word.flags & NAMED and not word.flags & ORDINARY)
                or bool(word.flags & POPULAR and not word.flags & CLINICAL)
            )
        known = bool(word.flags & (GIVEN if not word.flags & WORD else POPULAR))
        if word.flags & CLINICAL or not known:
            return False
        follows = i + 1 < len(self.words) and self._adjacent(i) and self._surname(self.words[i + 1])
        return (
            not word.flags & (WORD | VERBISH) or follows or bool(_SPEAKS.match(self.text, word.end))
        )

    def _leads(self, i: int) -> bool:
        """Tell whether a plain capitalised word stands before one that is a name, or no word."""
        word = self.words[i]
        if word.flags & (NEVER | CLINICAL | REGION | EPONYM) or not self._adjacent(i):
            return False
        return self.words[i + 1].kind in {STRONG, UNKNOWN} and self.words[i + 1].shape == CAP

    def _surname(self, word: Word) -> bool:
        return bool(word.flags & NAMED and not word.flags & NEVER) and (
            not word.flags & ORDINARY or bool(word.flags & USUAL)
        )

    def _go_on(self, i: int, *, firm: bool) -> None:
        """Take the next word in too: a surname, or after a firm phrase any word that is none."""
        if i + 1 >= len(self.words) or not self._adjacent(i):
            return
        word = self.words[i + 1]
        unknown = firm and not word.flags and len(word.low) >= _PART_MIN
        if word.shape == self.words[i].shape and (self._surname(word) or unknown):
            self._mark(i + 1, PERSON, "introduced")

    def _uncapped(self, i: int) -> bool:
        """Tell a given name, or a surname's possessive, in lower case: no dictionary has either."""
        word = self.words[i]
        if word.flags & (_NEITHER | EPONYM) or word.low in _NOT_NAMES or len(word.low) < _GIVEN_MIN:
            return False
        before = self.text[word.start - 1 : word.start]
        if (before and before in "/\\@.-_=") or self.text[word.end : word.end + 1] in tuple(
            "/\\@-_=("
        ):
            return False
        possessive = self.text.startswith("'s ", word.end) and bool(word.flags & SURNAME)
        login = len(word.low) > _LOGIN_MIN and not word.flags and self._login(word.low[1:])
        surname = len(word.low) > _LOGIN_MIN and word.flags & USUAL
        return bool(word.flags & GIVEN or surname) or possessive or login

    def _acting(self, i: int) -> bool:
        """Tell an everyday first name by what it does: `mark says`, `hope's chart`."""
        word = self.words[i]
        closed = NEVER | MONTH | REGION | CLINICAL
        if word.flags & closed or not (word.flags & POPULAR and word.flags & WORD):
            return False
        if word.first and _PERSONAL.match(self.text, word.end):
            return True
        before = self.words[i - 1] if i else None
        if before is None or not self._adjacent(i - 1) or not before.first:
            return False
        asked = before.low in _BOOKED and _BOOKED_FOR.match(self.text, word.end)
        return bool(asked) or (before.low == "for" and self.text[word.end : word.end + 2] == ", ")

    def _login(self, rest: str) -> bool:
        """Tell whether an unknown word is an initial and a usual surname: `kmorales`."""
        flags = self.lexicon.flags(rest)
        return bool(flags & USUAL and not flags & (WORD | NEVER | CLINICAL))

    def _uncapped_pair(self, i: int) -> bool:
        """Tell two words side by side that no dictionary has, one of them a name somewhere."""
        left, right = self.words[i], self.words[i + 1]
        gap = self.text[left.end : right.start]
        if left.shape != LOWER or right.shape != LOWER:
            return False
        if gap == "." and len(left.low) == 1:  # `j.smith`
            return bool(right.flags & USUAL and not right.flags & NEVER)
        if (left.flags | right.flags) & (_NEITHER | EPONYM) or not CODE_GAP.fullmatch(gap):
            return False
        if gap in {"_", "-"}:  # `okafor_chinedu_2024.csv`
            return bool(left.flags & NAMED and right.flags & NAMED)
        if self._foreign():
            return False
        long = min(len(left.low), len(right.low)) >= _GIVEN_MIN
        named = right.flags & SURNAME and (not left.flags or left.flags & NAMED)
        return long and gap == " " and bool(named)

    def _tied(self, i: int) -> bool:
        """Tell a given name written with a hyphen: `Hyun-woo`, `Ah-reum`."""
        left, right = self.words[i], self.words[i + 1]
        if self.text[left.end : right.start] != "-" or left.shape != CAP or right.shape != LOWER:
            return False
        if right.flags & (NEVER | CLINICAL) or right.low in _TIED or left.flags & (NEVER | EPONYM):
            return False
        return bool(left.flags & NAMED and right.flags & NAMED) and len(right.low) <= _GIVEN_MIN

    def _abbreviated(self, i: int) -> bool:
        """Tell `Ng, A.`, and the initials alone behind a title or a cue: `Her partner D.J.`."""
        left, right = self.words[i], self.words[i + 1]
        gap = self.text[left.end : right.start]
        stopped = right.kind == INITIAL and self.text[right.end : right.end + 1] == "."
        if not stopped:
            return False
        if left.kind == INITIAL and gap == "." and i and self._adjacent(i - 1):
            return self.words[i - 1].low in self.lexicon.cues or (
                self.words[i - 1].low in self.lexicon.titles
            )
        surname = left.flags & SURNAME and left.shape == CAP and not left.flags & (ORDINARY | NEVER)
        return bool(gap == ", " and (surname or (left.flags & USUAL and not left.flags & NEVER)))

    def _bridged(self) -> None:
        """Join a name over a short word that stands within it: `Rivka bat Sarah`."""
        for i in range(1, len(self.words) - 1):
            word = self.words[i]
            sides = self.marks[i - 1] == PERSON == self.marks[i + 1]
            if word.low in _JOINING and sides and self._adjacent(i - 1) and self._adjacent(i):
                self._mark(i, PERSON, "beside")
