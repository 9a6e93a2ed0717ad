"""User names and handles: what a person is called in a portal, a chat or a game.

Two ways tell them: a word before them (`logged in as mgarcia84`, `her insta is luna_k`), or their own
make: letters that are no word, drug, gene or test with a number behind (`svenb77`, `ortiz.m92`).
"""

# ruff: noqa: E501, PLR2004 - one pattern a line reads better than a folded one

import re
from collections.abc import Iterator

from streams.masking.results import Span
from streams.masking.vocabulary.lexicon import CLINICAL, NEVER, WORD, Lexicon, fold

_NAME = r"[A-Za-z][A-Za-z0-9]*(?:[._\-:][A-Za-z0-9]+)*_?"
_SERVICE = (
    r"skype|telegram|whats\s?app|wechat|weixin|instagram|insta|ig|snap(?:chat)?|tik\s?tok|twitter|discord"
    r"|line|kakao(?:talk)?|viber|signal|facebook|fb|messenger|venmo|pay\s?pal|zelle|cash\s?app|face\s?time"
    r"|zoom|slack|teams|portal|my\s?chart|gamertag|xbox|psn|steam|reddit|linkedin"
)
_LED = re.compile(
    rf"\b(?:(?:log(?:ged|s|ging)?|sign(?:ed|s|ing)?)[\s-]?(?:in|on|into|onto|off|out)\s(?:\w+\s){{0,4}}?(?:as|by|with)"
    rf"|user[\s-]?(?:name|id)?|login|log[\s-]?in|handle|screen\s?name|nick(?:name)?|account|acct|uid|alias"
    rf"|(?:on\s)?(?:{_SERVICE})(?:\s(?:id|user(?:name)?|handle|account|name|login|contact))?|(?:accessed|logged|charted|filed|documented|signed|printed|exported|deleted|edited|entered|opened|viewed|changed|posted|sent|created|submitted|modified)\sby|add\sme)(?![A-Za-z])"
    rf"\s?(?:is|was|are|as|[:=>\-])?\s?[\"'(]?@?(?P<v>{_NAME})(?![\w@])",
    re.IGNORECASE,
)
_AT = re.compile(rf"(?<![\w.])@(?P<v>{_NAME})(?![\w@])")
_MADE = re.compile(
    r"(?<![\w@./\\\-])(?P<v>(?P<a>[A-Za-z]{2,24})(?:(?P<s>[._])(?P<b>[A-Za-z]{1,24}))?[._]?\d{1,4}(?:[a-z]{1,2})?)(?![\w@/\\]|[.\-]\w)"
)
_LIVE = re.compile(r"\blive:[\w.\-]{2,40}(?<![.\-])", re.IGNORECASE)
_LETTERS_MIN = 4
_DIGITS_MIN = 2


class Handles:
    """The patterns over one set of lists."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    def find(self, text: str) -> Iterator[Span]:
        """Yield user names."""
        for match in _LIVE.finditer(text):
            yield Span(*match.span(), "USER", 0.9, "handle")
        for match in _LED.finditer(text):
            if self._odd(match.group("v")):
                yield Span(*match.span("v"), "USER", 0.8, "handle")
        for match in _AT.finditer(text):
            if not self._plain(match.group("v")):
                yield Span(*match.span("v"), "USER", 0.8, "handle")
        if any(char.isdigit() for char in text):
            for match in _MADE.finditer(text):
                if self._made(match):
                    yield Span(*match.span("v"), "USER", 0.6, "handle_made")

    def _plain(self, said: str) -> bool:
        return bool(self._lexicon.flags(fold(said)) & (WORD | CLINICAL | NEVER)) or len(said) < 3

    def _odd(self, said: str) -> bool:
        """Tell a user name from a word: it has a digit or a tie, or no dictionary has it."""
        letters = sum(char.isalpha() for char in said)
        if (
            letters < 3
            or said.isupper()
            or self._lexicon.flags(fold(said)) & (WORD | CLINICAL | NEVER)
        ):
            return False
        parts = [part for part in re.split(r"[._\-:]", said) if part.isalpha()]
        tied = (len(parts) > 1 and "_" in said) or "." in said
        digits = any(char.isdigit() for char in said)
        return digits or tied or not said[:1].isupper()

    def _made(self, match: re.Match[str]) -> bool:
        """Tell a handle by its make: no part of it is a word, and the case is a person's."""
        said, left, right = match.group("v"), match.group("a"), match.group("b")
        digits = sum(char.isdigit() for char in said)
        parts = [left] if right is None else [left, right]
        if any(part.isupper() and len(part) > 1 for part in parts):
            return False
        tail = said[-1].isalpha()
        if tail and right is None:
            return False
        if any(
            self._lexicon.flags(part.lower()) & (WORD | CLINICAL | NEVER)
            for part in parts
            if len(part) > 1
        ):
            return False
        letters = sum(len(part) for part in parts)
        known = self._lexicon.flags(said.lower())
        return not known and letters >= _LETTERS_MIN and digits >= _DIGITS_MIN
