"""The speakers of a chat: `14:02 <rmartin>`, `[09:14] ann.day:`, `ann:` on several lines.

A line of a log begins alike; there a level or a word of programs stands where the speaker would.
"""

# ruff: noqa: E501, RUF001 - one pattern a line reads better than a folded one

import re
from collections import Counter
from collections.abc import Iterator

from streams.masking.results import Span
from streams.masking.vocabulary.lexicon import (
    CLINICAL,
    GIVEN,
    NAMED,
    NEVER,
    ORDINARY,
    Lexicon,
    fold,
)
from streams.masking.vocabulary.lists import each

_TIME = r"\[?(?:\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}[,T ]{1,2})?\d{1,2}:\d\d(?::\d\d)?(?:\.\d{1,6})?\s?(?:[AaPp]\.?[Mm]\.?)?\]?"
_NICK = re.compile(
    rf"^[ \t>*]{{0,6}}(?:{_TIME})?[ \t]{{0,4}}[<(][@+%~&]?(?P<v>[A-Za-z][\w.\-]{{1,30}})[>)][: ]",
    re.MULTILINE,
)
_TIMED = re.compile(
    rf"^[ \t>*\-]{{0,6}}{_TIME}[ \t\-–|]{{1,4}}@?(?P<v>[A-Za-z][\w.'\-]{{0,30}}(?:[ ][A-Za-z][\w.'\-]{{0,30}}){{0,3}})(?:[ ]\([^()\n]{{0,40}}\))?[ ]?:[ \t]",
    re.MULTILINE,
)
_AFTER = re.compile(
    rf"^[ \t>]{{0,6}}@?(?P<v>[A-Za-z][\w.'\-]{{0,30}}(?:[ ][A-Za-z][\w.'\-]{{0,30}}){{0,3}})(?:[ ]\([^()\n]{{0,40}}\))?[ ,]{{1,3}}{_TIME}[ \t]?:?[ \t]*$",
    re.MULTILINE,
)
_BARE = re.compile(r"^[ \t>]{0,6}@?(?P<v>[A-Za-z][\w.'\-]{1,30})[ ]?:[ \t]+\S", re.MULTILINE)
_PARTS = re.compile(r"[A-Za-z]+")
_NOBODY = each(
    """bot system user assistant agent admin nurse doctor patient pharmacy lab info warn warning error debug trace fatal
    notice critical severe note plan subject from to cc re status http https todo fixme update action result results
    time date start end stop input output request response server client host service event message reminder staff
    operator support ai human tool function code step question answer q a"""
)
_LINES_MIN = 2


class Speakers:
    """The patterns over one set of lists."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    def find(self, text: str) -> Iterator[Span]:
        """Yield who speaks on each line."""
        if ":" not in text and ">" not in text:
            return
        for pattern in (_NICK, _TIMED, _AFTER):
            for match in pattern.finditer(text):
                if self._somebody(match.group("v")):
                    yield self._span(match)
        if text.count("\n") >= _LINES_MIN - 1:
            yield from self._dialogue(text)

    def _dialogue(self, text: str) -> Iterator[Span]:
        """Yield first names that open several lines, as speakers take turns."""
        lines = list(_BARE.finditer(text))
        often = Counter(match.group("v") for match in lines)
        talk = any(self._given(said) and count >= _LINES_MIN for said, count in often.items())
        for match in lines:
            said = match.group("v")
            flags = self._lexicon.flags(fold(said))
            sure = flags & GIVEN and not flags & (ORDINARY | NEVER)
            turns = talk and self._given(said)
            dotted = "." in said.strip(".") and self._somebody(said)
            if (
                said.lower() not in _NOBODY
                and len(lines) >= _LINES_MIN
                and (sure or turns or dotted)
            ):
                yield self._span(match)

    def _given(self, said: str) -> bool:
        """Tell a first name that is no word of medicine."""
        flags = self._lexicon.flags(fold(said))
        return bool(flags & GIVEN and not flags & CLINICAL) and said.lower() not in _NOBODY

    def _somebody(self, said: str) -> bool:
        """Tell a person's name or login from a level, a part of a program, a role."""
        parts = [fold(part) for part in _PARTS.findall(said)]
        if (
            not parts
            or any(part in _NOBODY for part in parts)
            or (said.isupper() and len(parts) == 1)
        ):
            return False
        flags = [self._lexicon.flags(part) for part in parts]
        named = [(flag & NAMED and not flag & NEVER) or (flag & GIVEN) for flag in flags]
        tied = "." in said or "_" in said or any(char.isdigit() for char in said)
        if " " in said:
            return any(flag & GIVEN for flag in flags[:1]) or all(named)
        return (
            any(named)
            or (not any(flag & (ORDINARY | NEVER) for flag in flags))
            or bool(tied and any(not flag for flag in flags))
        )

    def _span(self, match: re.Match[str]) -> Span:
        said = match.group("v")
        kind = (
            "PERSON"
            if said.replace(" ", "").replace("'", "").isalpha()
            and (" " in said or said[0].isupper() or self._lexicon.flags(fold(said)) & GIVEN)
            else "USER"
        )
        return Span(*match.span("v"), kind, 0.85, "speaker")
