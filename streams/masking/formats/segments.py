"""Where the segments of an HL7 v2 message stand in a text, whatever became of its carriage returns.

The `hl7` package parses a message that is one; logs, JSON and mail have it amid other text, with the
return written out, as a blank, or gone to a new line.
"""

# ruff: noqa: E501 - one pattern a line reads better than a folded one

import re

HEAD = re.compile(r"(?<![A-Za-z0-9])(?:MSH|FHS|BHS)([^\w\s])(?=[^\w\s]{2,5}\1|\S{0,8}\1)")
# What logs, JSON, mail and people make of the carriage return between segments.
_ENDING = re.compile(
    r"(?:\\[rn]|\\x0[dDaA]|\\u000[dDaA]|<[cC][rR]/?>|<0x0[dD]>|\[CR\]|&#(?:1[03]|x[aAdD]|x0[aAdD]);|[\r\n\x0b\x1c\x1d\u2028\u240d\u21b5])\Z"
)
_NEWLINE = re.compile(r"[\r\n\x0b\x1c]")
_SOFT = frozenset(" \t>\"'(`[:=,;|")
_ENDING_CHARS = 8
_ENDINGS_MAX = 4
_SET_ID = re.compile(r"[A-Z0-9]{3}\|(?:\d{0,4}\||\|)")
_BARS_MIN = 3


def starts(text: str, bar: str, defined: frozenset[str], *, headed: bool) -> list[tuple[int, int]]:
    """Return where the ending before each segment begins, and where the segment itself does."""
    found = []
    for match in re.finditer(r"[A-Z][A-Z0-9]{2}(?=" + re.escape(bar) + ")", text):
        start = match.start()
        begin = _before(text, start)
        known = match.group() in defined
        if begin is None or (begin == start and not known):
            continue
        if headed and not known and not _NEWLINE.search(text[begin:start] or "\n"):
            known = match.group()[0] == "Z"
            if not known and "\\" not in text[begin:start] and "<" not in text[begin:start]:
                continue
        if headed or (known and _stands_alone(text, start)):
            found.append((begin, start))
    return found


def _before(text: str, start: int) -> int | None:
    """Return where the ending before a segment begins; None where it is amid a word."""
    begin = start
    for _ in range(_ENDINGS_MAX):
        ending = _ENDING.search(text, max(0, begin - _ENDING_CHARS), begin)
        if ending is None or ending.start() == begin:
            break
        begin = ending.start()
    if begin < start or not start:
        return begin
    return start if text[start - 1] in _SOFT else None


def _stands_alone(text: str, start: int) -> bool:
    """Tell a segment without its header from a row of a table: a set number, or components."""
    line = _NEWLINE.split(text[start : start + 400], maxsplit=1)[0]
    return line.count("|") >= _BARS_MIN and ("^" in line or bool(_SET_ID.match(line)))


def end(text: str, start: int, most: int) -> int:
    """Return where a segment ends: before the next one, or with its line."""
    line = _NEWLINE.search(text, start, most)
    return line.start() if line else most
