"""The words of one text with what the lists say of each, before anything is decided."""

import re
from dataclasses import dataclass

from streams.masking.names.scripts import LETTER
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
    PROPER,
    REGION,
    SURNAME,
    VERBISH,
    WORD,
    Lexicon,
    fold,
)  # fmt: skip
from streams.masking.vocabulary.lists import each

_SHORTENED = "(?:s|m|re|ve|ll|d|t|S|M|RE|VE|LL|D|T)"
_TOKEN = re.compile(rf"[A-Za-z]{{1,8}}[nN]\\?'[tT]\b|[^\W\d_]+(?:'(?!{_SHORTENED}\b)[^\W\d_]+)*")
# Where scripts meet without a space (a Han sign before `abe`), each part is a word of its own.
_LATIN = rf"(?:(?![{LETTER}])[^\W\d_])+"
_MIXED = re.compile(
    rf"[A-Za-z]{{1,8}}[nN]\\?'[tT]\b|[{LETTER}]+|{_LATIN}(?:'(?!{_SHORTENED}\b){_LATIN})*"
)
_DIGITS = re.compile(r"\d{1,4}(?![\w])")
_CAMEL = re.compile(r"[A-Z][a-z]+")
_STARTS = frozenset(".!?:;\n\r\"'(*•>|[{#-=")

_PREFIXES = ("Mc", "Mac", "De", "Di", "O'", "D'", "Le", "La", "Van", "Fitz")
_TIES = frozenset("/&+@#%=")
_SPELT = 3.0  # log-odds (see `spelling`): above it a word that no dictionary has is still a word
_ACRONYMS = each("""ana ada ed mia tia ra sal ama asa""")  # as capitals; `Ana` is a name

LOWER, CAP, UPPER, OTHER = range(4)

# What a word is, on its own.
NO, STRONG, MAYBE, UNKNOWN, INITIAL, PARTICLE, SITE = range(7)


@dataclass(slots=True)
class Word:
    """One word: where it stands, how it is written, what it may be."""

    text: str
    low: str
    start: int
    end: int
    shape: int
    flags: int
    first: bool
    kind: int = NO


def read(text: str, lexicon: Lexicon) -> list[Word]:
    """Split a text into words and give each its kind."""
    words: list[Word] = []
    for match in (_TOKEN if text.isascii() else _MIXED).finditer(text):
        said = match.group()
        start, end = match.span()
        low = fold(said)
        word = Word(said, low, start, end, _shape(said), lexicon.flags(low), _opens(text, start))
        if end < len(text) and text[end].isdigit():
            _digits(text, word)
        word.kind = _kind(word, lexicon)
        if word.kind == INITIAL and not _initial(text, word):
            word.kind = NO
        words.append(word)
    return words


def _initial(text: str, word: Word) -> bool:
    """Tell an initial from the letters of `D/C` and `A mesh`, and from the start of a code."""
    if text[word.end : word.end + 1].isdigit():
        return False
    if text[word.start - 1 : word.start] in _TIES or text[word.end : word.end + 1] in _TIES:
        return word.start == 0
    if text[max(0, word.start - 2) : word.start] == " -":
        return False  # an option of a command
    return not (word.low in "ai" and word.first and text[word.end : word.end + 1] != ".")


def _digits(text: str, word: Word) -> None:
    """Take digits behind a name into it (`Carolee951`); other words with digits are codes."""
    tail = _DIGITS.match(text, word.end)
    named = word.flags & NAMED and not word.flags & ORDINARY
    if tail and named and word.shape == CAP:
        word.end = tail.end()
    elif not named:
        word.flags |= NEVER


def _shape(said: str) -> int:
    if said.islower():
        return LOWER
    if said.isupper():
        return UPPER if len(said) > 1 else CAP
    return CAP if said[0].isupper() else OTHER


def _opens(text: str, start: int) -> bool:
    """Tell whether a word opens a sentence, a line or a quotation."""
    at = start - 1
    while at >= 0 and text[at] in " \t":
        at -= 1
    return at < 0 or text[at] in _STARTS


def _kind(word: Word, lexicon: Lexicon) -> int:  # noqa: C901, PLR0911, PLR0912 - rules in order
    flags, shape, low = word.flags, word.shape, word.low
    if low.endswith("n't"):
        return NO
    if len(low) == 1:
        return INITIAL if shape == CAP and low.isascii() else NO
    if low in lexicon.particles and not (shape == CAP and flags & GIVEN):
        return PARTICLE
    if not low.isascii():
        return UNKNOWN
    if shape == CAP and flags & NAMED and not word.text.isascii() and len(low) > 1:
        return STRONG
    if shape == LOWER:
        return _lower(flags)
    if shape == UPPER:
        return _upper(low, flags)
    if flags & VERBISH and flags & NAMED:
        return MAYBE
    if word.text[:2].isupper() and word.text[2:3].isalpha() and "'" not in word.text:
        return NO  # `FENa`, `PCPs`
    if flags & NEVER:
        return NO
    if flags & (REGION | MONTH):
        return MAYBE if flags & POPULAR or (flags & GIVEN and flags & SURNAME) else NO
    if flags & NAMED:
        return _named(low, flags)
    if flags & PROPER and not flags & CLINICAL and lexicon.spelling.score(low) < _SPELT:
        return MAYBE if word.first else UNKNOWN
    if flags & ORDINARY:
        return NO
    if flags & PLACE:
        return SITE
    if word.shape == OTHER or _inner_capital(word.text):
        return _compound(word, lexicon)
    return NO if _medical(low, lexicon) or len(low) < 3 else UNKNOWN  # noqa: PLR2004 - a length


def _named(low: str, flags: int) -> int:
    if flags & WORD or (len(low) < 3 and not flags & POPULAR):  # noqa: PLR2004 - a length
        return MAYBE
    if flags & CLINICAL and not flags & POPULAR:
        return MAYBE
    if flags & EPONYM:
        return MAYBE
    return STRONG


def _lower(flags: int) -> int:
    if flags & (NEVER | REGION | MONTH | VERBISH) or flags & ORDINARY:
        return NO
    return MAYBE if flags & (NAMED | PLACE) else NO


def _upper(low: str, flags: int) -> int:
    if low in _ACRONYMS:
        return NO
    if flags & NEVER or not flags & (NAMED | PLACE):
        return NO
    if flags & (ORDINARY | REGION | MONTH | VERBISH | EPONYM) or len(low) < 4:  # noqa: PLR2004 - a length
        return MAYBE if flags & NAMED else NO
    return STRONG if flags & NAMED else SITE


def _inner_capital(said: str) -> bool:
    return any(char.isupper() for char in said[1:])


def _compound(word: Word, lexicon: Lexicon) -> int:
    """Judge `JohnSmith` by its parts; other inner capitals are technical."""
    parts = [lexicon.flags(part.lower()) for part in _CAMEL.findall(word.text)]
    if len(parts) < 2:  # noqa: PLR2004 - a length
        return NO
    first, last = parts[0], parts[-1]
    if first & GIVEN and last & SURNAME and not (first & WORD and last & WORD) and not last & NEVER:
        return STRONG
    prefixed = word.text.startswith(_PREFIXES) and first & NAMED and not last & WORD
    return STRONG if prefixed else NO


def _medical(low: str, lexicon: Lexicon) -> bool:
    return len(low) > 5 and low.endswith(lexicon.suffixes)  # noqa: PLR2004 - a length
