"""Numbers as a scanner misreads them: `53l-88-2O47`, `O3/l4/196O`, and names with figures (`K0walczyk`).

Letters that look like figures are read as figures where a group has figures too, and the whole has
the shape of a number that identifies.
"""

# ruff: noqa: E501 - one pattern a line reads better than a folded one

import re
from collections.abc import Iterator

from streams.masking.results import Span
from streams.masking.vocabulary.lexicon import GIVEN, NAMED, NEVER, ORDINARY, Lexicon, fold

_D = r"[\dOoQlI|SBZ]"
_SHAPES = tuple(
    (kind, re.compile(rf"(?<![\w/.\-]){pattern}(?![\w/\-]|\.\w)"))
    for kind, pattern in (
        ("SSN", rf"{_D}{{3}}[-. ]{_D}{{2}}[-. ]{_D}{{4}}"),
        ("DATE", rf"{_D}{{1,2}}([/.\-]){_D}{{1,2}}\1(?:{_D}{{4}}|{_D}{{2}})"),
        ("DATE", rf"{_D}{{4}}([/.\-]){_D}{{2}}\1{_D}{{2}}"),
        ("PHONE", rf"\(?{_D}{{3}}\)?[-. ]{{1,2}}{_D}{{3}}[-. ]{_D}{{4}}"),
        ("PHONE", rf"{_D}{{3}}-{_D}{{4}}"),
        ("ID", r"(?=\w{0,14}\d)(?=\d{0,14}[OolI])[\dOoQlI]{6,14}"),
    )
)
_FIGURES = str.maketrans("OoQlI|SBZ", "000111582")
_LETTERS = str.maketrans("0135", "olss")
_DATE = re.compile(r"(?:(?:18|19|20)\d\d|[0-3]?\d)([/.\-])[0-3]?\d\1(?:(?:18|19|20)\d\d|\d\d)\Z")
_NAME = re.compile(
    r"(?<![\w.\-/])[A-Z](?:[a-z]*[0135][a-z]+)+(?![\w])|(?<![\w.\-/])(?=[A-Z]*[015][A-Z]{2})[A-Z]{2,}[015][A-Z]{2,}(?![\w])"
)
_MIXED = re.compile(r"\d[OoQlI|SBZa-zA-Z]|[OoQlI|SBZa-zA-Z]\d")
_FIGURES_MIN = 3
_NAME_MIN = 5


class Misread:
    """The patterns over one set of lists."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    def find(self, text: str) -> Iterator[Span]:
        """Yield numbers with letters in them, and names with figures in them."""
        if not _MIXED.search(text):
            return
        for kind, shape in _SHAPES:
            for match in shape.finditer(text):
                said = match.group()
                figures = sum(char.isdigit() for char in said)
                if (
                    figures >= _FIGURES_MIN
                    and any(char.isalpha() or char == "|" for char in said)
                    and (kind != "DATE" or _DATE.match(said.translate(_FIGURES)))
                ):
                    yield Span(*match.span(), kind, 0.75, "misread")
        for match in _NAME.finditer(text):
            flags = self._lexicon.flags(fold(match.group().translate(_LETTERS)))
            if len(match.group()) >= _NAME_MIN and (
                (flags & NAMED and not flags & (ORDINARY | NEVER)) or flags & GIVEN
            ):
                yield Span(*match.span(), "PERSON", 0.7, "misread")
