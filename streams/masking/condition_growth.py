"""The words around a condition's core that belong to its name: `stage IIIB`, `of the hip`."""

import re
from collections.abc import Callable
from typing import NamedTuple

from streams.masking.condition_words import (
    ANATOMY,
    APPOSED,
    COMPLEMENTING,
    COMPLEMENTS,
    ENDS,
    FLARES,
    GRADERS,
    HEADS,
    MODIFIERS,
    NO_MODIFIERS,
    NO_PLACE,
    NOT_BEFORE,
    POSTPOSED,
    SIDES,
    STRONG,
)
from streams.masking.lexicon import CLINICAL, EPONYM, NEVER, PROPER, WORD, Lexicon, fold
from streams.masking.lists import each

_WORD = re.compile(r"[^\W\d_][\w]*(?:['\u2019\-+][\w]+)*['\u2019]?|\d+[a-zA-Z]?\b|\d+\+?")
_GRADE = re.compile(r"(?:one|two|three|four|five|(?:i{1,3}|iv|vi{0,3}|[1-5])[a-d]?[1-3]?|[a-d])\Z")
_ROMAN = re.compile(r"(?:i{1,3}|iv|v)[abc]?\Z")
_COMPOSED = re.compile(
    r"(?:non|post|pre|peri|anti|one|two|three|four|first|second|third|fourth|multi|large|small|late|early)-\w+"
    r"|[\w\-]+-(?:induced|related|associated|resistant|sensitive|dependent|positive|negative|onset|sided|degree|vessel|grade"
    r"|stage|type|acquired|borne|mediated|linked|controlled|proven|refractory|threatening|thickness|cell|angle|closure"
    r"|deficient|requiring|transmitted|trauma|traumatic|line|based|responsive|predominant|limited|extensive|volume|risk)\Z"
)
_ADJECTIVE = re.compile(
    r"\w{3,}(?:genic|pathic|itic|otic|emic|rrhagic|trophic|plastic|sclerotic|cytic|blastic|coccal|bacterial|viral"
    r"|ovascular|esophageal|intestinal|thyroid|plegic|iatric|necrotic|eal|icular|ellar|bular|ilateral|matous|ferous)\Z"
)
_JOINED = re.compile(
    r"(?!\w*(?:log|graph|retic|nomic|crat|soph|metric|tion))\w{3,}o\w{4,}(?:al|ar|ic|ary)\Z"
)
_PREFIXED = re.compile(
    r"(?:intra|extra|sub|supra|retro|peri|endo|trans|infra|hyper|hypo|poly|multi|oligo|hemi|epi)"
    r"\w{3,}(?:al|ar|ic|ous|ive|oid)\Z"
)
_FORMS = (_ADJECTIVE, _PREFIXED, _JOINED)
_PLAIN = each(
    """ideal real meal deal seal steal appeal reveal conceal zeal veal heal cereal surreal
    pediatric geriatric psychiatric bariatric podiatric obstetric antibiotic diagnostic prognostic
    hypnotic narcotic probiotic exotic robotic particular academic antiviral perpendicular
    intravenous parenteral intramuscular subcutaneous hypothetical subtotal epic hypodermic
    endoscopic multiple transnational transcendental hyperbolic peritoneal-dialysis intranasal
    transdermal sublingual intradermal"""
)
_LEVEL = re.compile(r"[ctls]\d{1,2}(?:-[ctls]?\d{1,2})?\Z")
_OF = each("of in on at to over involving affecting within")
_WITH = each("with without in during of")
_NAMING = each("with without of")
_SHARE = re.compile(
    r"\s(?:(?:over|covering|involving|on|to|of)\s)?~?\d{1,3}\s?%\s(?:of\s(?:the|his|her|their)\sbody(?:\ssurface(?:\sarea)?)?|t?bsa\b)",
    re.IGNORECASE,
)
_TAIL = re.compile(r"\s\((?:disorder|finding|situation|morphologic abnormality)\)")
_LETTERS = each("a b c d e")
_LETTERED = each("hepatitis hemophilia influenza flu")
_SHARED = each("acquired associated induced related resistant")
_NONE: frozenset[str] = frozenset()
_PAIRS = {"of": FLARES, "stage": ENDS}
_GAPS = frozenset([" ", "-", " (", ") ", "/"])
_LEFT_MAX = 8
_RIGHT_MAX = 6
_PLACE_MAX = 8


class Said(NamedTuple):
    """A word of a text: folded, its place, and as written."""

    low: str
    start: int
    end: int
    said: str

    @property
    def upper(self) -> bool:
        """Tell whether a word is written in capitals."""
        return self.said.isupper()


def said(text: str) -> list[Said]:
    """Return the words of a text."""
    return [
        Said(fold(match.group()).replace("\u2019", "'"), match.start(), match.end(), match.group())
        for match in _WORD.finditer(text)
    ]


class Growth:
    """Grows a core to the left and to the right."""

    def __init__(
        self,
        lexicon: Lexicon,
        common: frozenset[str],
        core: Callable[[str, list[Said], int], int],
    ) -> None:
        self._lexicon = lexicon
        self._common = common
        self._core = core
        self._modifiers = (
            frozenset(lexicon.words_of("modifiers")) - NO_MODIFIERS - NOT_BEFORE | MODIFIERS
        )

    def modifies(self, word: Said) -> bool:
        """Tell whether a word may stand in a condition's name before its head."""
        low = word.low
        if low in self._modifiers or low in ANATOMY:
            return True
        if word.said[0].isupper() and self._lexicon.flags(low.removesuffix("'s")) & EPONYM:
            return True
        if "-" in low:
            return bool(_COMPOSED.match(low)) or all(
                part in self._modifiers for part in low.split("-")
            )
        return low not in _PLAIN and any(form.match(low) for form in _FORMS)

    def left(self, text: str, words: list[Said], core: int) -> int:
        """Return where a name begins whose core begins with a word: a character's offset."""
        first = core
        while first and core - first < _LEFT_MAX:
            step = self._step(text, words, first, core)
            if not step:
                break
            first -= step
        start = words[first].start
        inside = text[start : words[core].start]
        if inside.count(")") > inside.count("("):
            opened = text[start - 1 : start] == "("
            start = start - 1 if opened else start + inside.rfind(")") + 2
        return start

    def _step(self, text: str, words: list[Said], first: int, core: int) -> int:
        """Return how many words to go left: 0, 1, or 2 for `stage II`, `acute and`."""
        word, after = words[first - 1], words[first]
        gap = text[word.end : after.start]
        if gap == ". ":
            return int(len(word.low) == 1 and word.upper and first < core)  # `C. diff`
        if gap not in _GAPS:
            return 0
        before = words[first - 2] if first > 1 else None
        if before is not None and text[before.end : word.start] in {" ", "-"}:
            graded = before.low in GRADERS and _GRADE.match(word.low)
            paired = before.low in _PAIRS.get(word.low, _NONE)
            if graded or paired or (first < core and self._joined(before, word, after)):
                return 2
        return int(self._belongs(word, after, first == core, gap))

    def _belongs(self, word: Said, after: Said, at_core: bool, gap: str) -> bool:
        """Tell whether the next word to the left is part of the name."""
        if _ROMAN.match(word.low) and word.upper and word.said != "I":
            return True
        if word.low in GRADERS and after.low in GRADERS:
            return True
        if not at_core and after.low in _SHARED:
            return not self._lexicon.flags(word.low) & NEVER
        if word.low in NOT_BEFORE:
            return False
        if at_core and after.low in STRONG | HEADS:
            return self._before_head(word, after.low)
        return self.modifies(word) or (word.low in self._common and gap == " ")

    def _joined(self, before: Said, word: Said, after: Said) -> bool:
        if word.low not in {"and", "or", "on"}:
            return False
        if word.low == "on":
            return before.low in {"acute", "subacute"} and after.low == "chronic"
        return before.low in self._modifiers and after.low in self._modifiers

    def _before_head(self, word: Said, head: str) -> bool:
        """Tell whether a word makes a condition of the head after it: `Lynch` of `syndrome`."""
        if self.modifies(word) or word.low in self._common:
            return True
        if head not in STRONG:
            return False
        flags = self._lexicon.flags(word.low.removesuffix("'s"))
        return not flags & NEVER

    def right(self, text: str, words: list[Said], last: int) -> tuple[int, int]:
        """Return the last word of a name and where it ends."""
        for _ in range(_RIGHT_MAX):
            more = self._more(text, words, last)
            if more == last:
                break
            last = more
        end = words[last].end
        for pattern in (_TAIL, _SHARE):
            tail = pattern.match(text, end)
            end = tail.end() if tail else end
        while last + 1 < len(words) and words[last + 1].start < end:
            last += 1
        return last, end

    def _more(self, text: str, words: list[Said], last: int) -> int:
        """Return the last word of the name after one more step to the right."""
        j = last + 1
        if j >= len(words):
            return last
        gap, low = text[words[last].end : words[j].start], words[j].low
        if gap == ", ":
            return self._apposed(words, j, last)
        if gap not in {" ", "-"}:
            return last
        if low in POSTPOSED or (gap == " " and (low in HEADS or low in STRONG)):
            return j
        found = self._graded(words, j) or self._linked(text, words, j)
        if not found and gap == " ":
            found = j + self._core(text, words, j) - 1
        return max(found, last)

    def _graded(self, words: list[Said], j: int) -> int:
        """Return the last word of `C`, `II`, `stage 4`, `NYHA class III` after a name, or 0."""
        word, name = words[j], words[j - 1].low
        if word.upper and name in _LETTERED and word.low in _LETTERS:
            return j
        if word.upper and _ROMAN.match(word.low) and (word.said != "I" or name == "bipolar"):
            return j
        k = j
        while k < len(words) and words[k].low in GRADERS:
            k += 1
        return k if j < k < len(words) and _GRADE.match(words[k].low) else 0

    def _linked(self, text: str, words: list[Said], j: int) -> int:
        """Return the last word of what a preposition or `and` adds to a name, or 0."""
        low, after = words[j].low, words[j + 1].low if j + 1 < len(words) else ""
        if after == "situ":
            return j + 1
        if low in {"due", "secondary"} and after == "to":
            return self._caused(text, words, j + 2)
        if low == "and" and after:
            return self._both(text, words, j + 1)
        found = self._with(text, words, j) if low in _WITH else 0
        return found or (self._placed(text, words, j) if low in _OF else 0)

    def _apposed(self, words: list[Said], j: int, last: int) -> int:
        """Grow over `, paranoid type`, `, unspecified`, `, stage 2`."""
        low = words[j].low
        following = words[j + 1].low if j + 1 < len(words) else ""
        if low in APPOSED:
            return j + (following in {"type", "encounter", "episode", "subtype"})
        if low == "current" and following == "episode":
            return j + 1 + (j + 2 < len(words) and self.modifies(words[j + 2]))
        return j + 1 if low in GRADERS and _GRADE.match(following) else last

    def _both(self, text: str, words: list[Said], j: int) -> int:
        """Return the last word of `and thrombosis` where a place follows both, or 0."""
        size = self._core(text, words, j)
        k = j + size
        placed = size > 1 or (
            k < len(words) and words[k].low in _OF and self._placed(text, words, k)
        )
        return k - 1 if size and placed and words[j].low in HEADS else 0

    def _placed(self, text: str, words: list[Said], j: int) -> int:
        """Return the last word of `of the left hip`, or 0."""
        found = 0
        for k in range(j + 1, min(len(words), j + _PLACE_MAX)):
            if text[words[k - 1].end : words[k].start] not in {" ", "-"}:
                break
            low = words[k].low
            if low in ANATOMY or _LEVEL.match(low):
                found = k
            elif low in {"and", "or", "of"}:
                if found != k - 1:
                    break
            elif low not in SIDES and not self.modifies(words[k]):
                break
        return found

    def _with(self, text: str, words: list[Said], j: int) -> int:
        """Return the last word of `with reduced ejection fraction`, `in remission`, or 0."""
        found = 0
        for k in range(j + 1, min(len(words), j + _PLACE_MAX)):
            if text[words[k - 1].end : words[k].start] not in {" ", "-"}:
                break
            low = words[k].low
            size = self._core(text, words, k) if words[j].low in _NAMING else 0
            if low in COMPLEMENTS or size:
                found = k + max(size - 1, 0)
            elif low not in COMPLEMENTING and not self.modifies(words[k]):
                break
        return found

    def _caused(self, text: str, words: list[Said], j: int) -> int:
        """Return the last word of what follows `due to`, or 0."""
        found = 0
        for k in range(j, min(len(words), j + _RIGHT_MAX)):
            if k > j and text[words[k - 1].end : words[k].start] not in {" ", "-", ". "}:
                break
            size = self._core(text, words, k)
            flags = self._lexicon.flags(words[k].low)
            if size:
                return k + size - 1
            if self.modifies(words[k]):
                continue
            if words[k].low in NO_PLACE or words[k].low in NOT_BEFORE or flags & (NEVER | PROPER):
                break
            return k if flags & (WORD | CLINICAL) else found
        return found
