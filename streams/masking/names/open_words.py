"""Words that lists and surroundings leave open: asked of the model, or decided by caution."""

import re

from streams.masking.names.marks import INSIDE, LOCATION, MODALS, PERSON
from streams.masking.names.model import Entity
from streams.masking.names.products import Products
from streams.masking.names.words import CAP, LOWER, MAYBE, NO, OTHER, SITE, UNKNOWN, UPPER, Word
from streams.masking.vocabulary.lexicon import (
    CLINICAL,
    EPONYM,
    GIVEN,
    MONTH,
    NEVER,
    ORDINARY,
    PLACE,
    POPULAR,
    PROPER,
    REGION,
    SURNAME,
    USUAL,
    VERBISH,
    WORD,
)
from streams.masking.vocabulary.lists import each
from streams.masking.vocabulary.rare import like_a_word

_ASKING = frozenset(["will", "may", "can"])
_DOES = re.compile(
    r"'s\s[a-z]|\s(?:is|was|has|had|needs|called|said|says|wants|reports|denies|states|missed|came|went|takes|took|lives|moved|asked|got|felt|feels|fell|ate|drank|slept|left|told|keeps|gets|thinks|prefers|refuses|complains|can't|won't|who|asks|will|does|did|bit|hit|cut|broke|threw|ran|sat|stood|woke|lost|spoke|brought|caught|quit|weighs|walks|sleeps|eats|coughs|snores|speaks|works|voids|vomits|sees|hears|smokes|vapes|drinks|uses|\w+\s(?:his|her|their)|isn't|wasn't|didn't|doesn't|hasn't|(?!need|feed|bleed|speed)\w+ed|in\s(?:bed|room|rm|bay|cubicle)\s\d+|in\s\d{1,3}[A-D]|needs|wants)\b"
    r"|,\s(?:\d{1,3}(?:\s?(?:yo|y/o|y|yrs?|mo|months?|[MF])\b|,)|DOB\b|MRN\b|(?:room|rm|bed|bay)\s\d|the\snew\s)"
)
_AFTER_MODAL = each(
    """i we you he she it they the this that these those my our your his her their a an be not
    there any all patient patients"""
)
_BEFORE_MONTHS = each(
    """in of by since until till during last next this early late mid for through from to a an
    the"""
)
_ASKS = each("can could does did is was has had will would should may might do")
_GIVES = each(
    """for with to tell and but or see about by is was that if when called asked told says
    named from ask of"""
)
_DOES_NEXT = re.compile(
    r"\s(?:have|has|had|get|take|be|go|come|need|eat|drink|see|still|start|stop|use|keep|live|know|want|feel|call|also|ever|really|on|allergic|eligible)\b"
)
_AGED = re.compile(r",\s\d{1,3}(?:\.\d)?\s?(?:kg|lbs?|yo|y/o|months?|weeks?|mo|wk|[MF])\b")
_CLOSES = re.compile(r"\s?(?:[?.!,)]|\Z|'s\b)")
_SITED = re.compile(r"\s[A-Z]")
_NAME_MIN = 3
_TOWN_MIN = 6
_TOWARDS = INSIDE | {"to"}
_TONGUES = each(
    """los las una unos es esta tiene tengo necesita puede por para con sin pero que qui les
    des une est sont quel quelle pourquoi mes ses avec pas je il elle nous vous und ich mit
    oder nicht ist hat kann wann wie der das den dem ein eine einen het een mijn niet che
    della sono mio mia uma com nao meu minha og jeg ikke och jag inte ve bir icin ile jest
    ang ng mga ako siya ko ba naman"""
)
_RARE_WORDS_MIN = 3
_RARE_MAX = 2
_RARE_SHARE = 0.12
_RARE_LENGTH_MIN = 4
_CODE = re.compile(
    r"[{};]\s*$|=>|==|::|</|\b(?:SELECT|UPDATE|INSERT|DELETE)\b|&&|\$\w|--\w", re.MULTILINE
)
_IN_PLACE = frozenset({"GPE", "LOC", "FAC"})


class OpenWords(Products):
    """The step between lists and growth."""

    def _asks(self, i: int, word: Word) -> bool:
        """Tell whether the model must be asked about a word: an unknown one is masked anyhow."""
        if word.kind != MAYBE or word.shape == LOWER or self.marks[i] is not None:
            return False
        if word.flags & ORDINARY and not word.flags & (POPULAR | USUAL):
            return False
        if word.flags & (NEVER | REGION | MONTH) and not word.flags & POPULAR:
            return False
        if any(
            0 <= j < len(self.words) and self.marks[j] == PERSON and self._joins(i, j)
            for j in (i - 1, i + 1)
        ):
            return False
        after = self.words[i + 1].low if i + 1 < len(self.words) else ""
        return not (word.first and word.low in MODALS and after in _AFTER_MODAL)

    def _model(self, entities: list[Entity]) -> None:
        """Take the model's word for what is still open."""
        at = 0
        for start, end, label in entities:
            while at < len(self.words) and self.words[at].end <= start:
                at += 1
            inside = at
            while inside < len(self.words) and self.words[inside].start < end:
                self._told(inside, label)
                inside += 1

    def _told(self, i: int, label: str) -> None:
        word = self.words[i]
        if (
            self.marks[i] is not None
            or word.shape == LOWER
            or word.kind not in {MAYBE, UNKNOWN, SITE}
        ):
            return
        if word.flags & (NEVER | REGION | MONTH) and not word.flags & POPULAR:
            return
        after = self.words[i + 1].low if i + 1 < len(self.words) else ""
        if word.first and word.low in MODALS and after in _AFTER_MODAL:
            return
        if len(word.low) < _NAME_MIN or (
            word.first and word.low in _ASKING and "?" in self.text[word.end :]
        ):
            return
        if word.first and word.flags & ORDINARY and self._idle(i):
            return
        usual = word.flags & (POPULAR | USUAL) or not word.flags & ORDINARY
        short = word.shape == UPPER and len(word.low) < 5 and not word.flags & POPULAR  # noqa: PLR2004 - a length
        if (
            label == "PERSON"
            and usual
            and not short
            and not (word.shape == UPPER and word.flags & CLINICAL)
        ):
            self._mark(i, PERSON, "ner")
        elif label in _IN_PLACE and not word.flags & (CLINICAL | EPONYM) and word.shape == CAP:
            self._mark(i, LOCATION, "ner")

    def _idle(self, i: int) -> bool:
        """Tell an everyday word at a sentence's start that does nothing people do: `Rice water`."""
        follows = self._adjacent(i) and self.words[i + 1].shape == LOWER
        return bool(follows and not self._acts(i))

    def _rest(self) -> None:
        """Decide words that nobody decided: an unknown capitalised word is held for a name."""
        self._rare()
        for i, word in enumerate(self.words):
            uncased = word.shape == OTHER and word.kind == UNKNOWN and not word.low.isascii()
            written = word.shape in {CAP, UPPER} or uncased
            if self.marks[i] is not None or not written or self._organised(i):
                continue
            if word.kind == UNKNOWN and self._product(i):
                continue
            if self._lone_place(i) or self._capital_place(i):
                self._mark(i, LOCATION, "places")
            elif (
                word.kind == MAYBE
                and (word.first or (word.flags & POPULAR and self._after_plain(i)))
                and word.flags & (GIVEN | PROPER | USUAL)
                and word.shape == CAP
                and word.low not in self.lexicon.cues
                and self._acts(i)
            ):
                self._mark(i, PERSON, "names")
            elif word.kind == UNKNOWN and (word.shape == CAP or not word.low.isascii()):
                placed = i and self.words[i - 1].low in INSIDE and self._adjacent(i - 1)
                placed = placed and not (self._adjacent(i) and self._names_on(i + 1))
                self._mark(i, LOCATION if placed else PERSON, "unknown")
            elif (
                word.kind == MAYBE and word.shape == CAP and not word.first and not self.heading[i]
            ):
                alone = not self._beside_plain_capital(i)
                alone = alone and len(word.low) > 2  # noqa: PLR2004 - a length
                if (
                    (alone and word.flags & POPULAR and not word.flags & (REGION | MONTH))
                    or (
                        alone
                        and word.flags & SURNAME
                        and not word.flags & (CLINICAL | EPONYM | VERBISH | REGION | MONTH | WORD)
                    )
                    or (alone and self._given(i))
                ):
                    self._mark(i, PERSON, "names")

    def _rare(self) -> None:
        """Hold a word in lower case that is like no word for a name, where such words are few."""
        if len(self.words) < _RARE_WORDS_MIN or _CODE.search(self.text):
            return
        rare = [i for i, word in enumerate(self.words) if self._is_rare(i, word)]
        if len(rare) <= max(_RARE_MAX, len(self.words) * _RARE_SHARE) and not self._foreign():
            for i in rare:
                self._mark(i, PERSON, "unknown")

    def _is_rare(self, i: int, word: Word) -> bool:
        if self.marks[i] is not None or word.shape != LOWER or len(word.low) < _RARE_LENGTH_MIN:
            return False
        if word.flags & ~(SURNAME | GIVEN) or not word.text.isascii():
            return False
        around = self.text[max(0, word.start - 1) : word.start] + self.text[word.end : word.end + 1]
        if any(
            char in "/\\@_=-.#$%&+*<>(){}[]|~0123456789" and char not in ".()" for char in around
        ):
            return False
        if re.match(r"\.\w", self.text[word.end : word.end + 2]) or self._dosed(i):
            return False
        return not like_a_word(word.low, self.lexicon)

    def _foreign(self) -> bool:
        """Tell a text that is not in English: more than a quarter of its words are on no list."""
        if sum(word.low in _TONGUES for word in self.words) > 1:
            return True
        plain = [
            word for word in self.words if word.shape == LOWER and len(word.low) >= _RARE_LENGTH_MIN
        ]
        strange = sum(
            not word.flags & (ORDINARY | NEVER | REGION | MONTH | VERBISH) for word in plain
        )
        return strange > max(2, len(plain) / 4)

    def _lone_place(self, i: int) -> bool:
        """Tell whether a capital in mid-sentence makes a plain word a town: `your Tampa office`."""
        word = self.words[i]
        plain = word.flags & (NEVER | CLINICAL | EPONYM | REGION | MONTH | VERBISH)
        town = word.flags & PLACE and word.kind in {NO, MAYBE} and not word.flags & POPULAR
        lone = not word.first and not self.heading[i] and not self._beside_plain_capital(i)
        return bool(town and not plain and lone and word.shape == CAP and len(word.low) > 3)  # noqa: PLR2004 - a length

    def _capital_place(self, i: int) -> bool:
        """Tell a town in capitals behind `in` or `to`: no list has it, and it is no acronym."""
        word = self.words[i]
        placed = i and self._adjacent(i - 1) and self.words[i - 1].low in _TOWARDS
        known = word.flags & ~PLACE
        long = len(word.low) >= _TOWN_MIN and word.shape == UPPER
        return bool(placed and long and not known and self.words[i - 1].shape == LOWER)

    def _acts(self, i: int) -> bool:
        """Tell whether a sentence's first word does what people do: `Grant called`, `Hope's`."""
        if _DOES.match(self.text, self.words[i].end):
            return True
        coupled = i + 2 < len(self.words) and self.words[i + 1].low in {"and", "or"}
        return coupled and self.marks[i + 2] == PERSON

    def _given(self, i: int) -> bool:
        """Tell a first name that is an everyday word: `work for Honor?`, `Can May have`."""
        word, before = self.words[i], self.words[i - 1]
        if word.flags & GIVEN and before.first and before.low in _ASKS:
            return bool(_DOES_NEXT.match(self.text, word.end))
        closed = word.flags & SURNAME and _CLOSES.match(self.text, word.end)
        if not (word.flags & GIVEN or closed) or word.flags & (CLINICAL | EPONYM | REGION):
            return False
        if word.flags & MONTH and before.low in _GIVES and _AGED.match(self.text, word.end):
            return True
        if word.flags & MONTH:
            return (
                before.first and before.low in _ASKS and bool(_DOES_NEXT.match(self.text, word.end))
            )
        return (
            before.shape == LOWER and before.low in _GIVES and not _SITED.match(self.text, word.end)
        )

    def _after_plain(self, i: int) -> bool:
        """Tell whether a plain word stands before, and no preposition: `but May isn't`."""
        before = self.words[i - 1]
        return bool(i and before.shape == LOWER and before.low not in _BEFORE_MONTHS)

    def _organised(self, i: int) -> bool:
        """Tell whether a word is part of a company's name: `Persint Ltd`."""
        for j in range(i + 1, min(i + 4, len(self.words))):
            if not self._adjacent(j - 1):
                return False
            if self.words[j].low in self.lexicon.tails and self.words[j].shape != LOWER:
                return True
        return False

    def _beside_plain_capital(self, i: int) -> bool:
        return any(
            0 <= j < len(self.words)
            and self._adjacent(min(i, j))
            and self.words[j].shape in {CAP, UPPER}
            and self.words[j].kind == NO
            and not self.words[j].first
            for j in (i - 1, i + 1)
        )
