"""Cut Cedar texts into statements that know their line, and find the line of a parse error.

cedarpy names no lines, so a file is cut at each `;` outside strings and comments, and each piece
goes to the engine by itself. `policyset` checks that a piece held exactly one policy and that the
whole reads as the sum of its pieces: should this cutting and Cedar's lexer ever disagree, nothing
loads.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass

# cedarpy 4.12 overruns its stack, and ends the process, on brackets nested some 2,000 deep. Rules
# that people write stay below 10.
NESTING_MAX = 64

# A string; a comment up to its line's end; or a string that never ends, to the end of the text.
_OPAQUE = re.compile(r'"(?:\\.|[^"\\])*+"|//[^\n\r]*|".*', re.DOTALL)
_NESTS = re.compile(r"[(\[{]|[)\]}]|\bif\b")


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong with a policy set: where, and what to do about it."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"


@dataclass(frozen=True, slots=True)
class PolicyStatement:
    """A piece of a file up to and with its `;`. `bare` is the text without strings and comments."""

    file: str
    start_line: int
    text: str
    bare: str

    @property
    def line(self) -> int:
        """The line of the first character that is code."""
        lead = len(self.bare) - len(self.bare.lstrip())
        return self.start_line + self.bare.count("\n", 0, lead)

    def line_of(self, annotation: str) -> int:
        """Return the line of `@annotation`, or of the statement if it has none."""
        found = re.search(rf"@\s*{re.escape(annotation)}\b", self.bare)
        return self.start_line + self.bare.count("\n", 0, found.start()) if found else self.line


def bare(text: str) -> str:
    """Return the text with strings and comments blanked, every other character in its place."""
    return _OPAQUE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def nesting(bare_text: str) -> int:
    """Return how deep brackets nest, each `if` counted as one level more."""
    depth = deepest = conditions = 0
    for mark in _NESTS.findall(bare_text):
        conditions += mark == "if"
        depth += (mark in "([{") - (mark in ")]}")
        deepest = max(deepest, depth)
    return deepest + conditions


def statements(file: str, text: str) -> Iterator[PolicyStatement]:
    """Yield the file's statements; what follows the last `;` too, unless it is blank or comment."""
    blanked = bare(text)
    start = 0
    while start < len(text):
        end = blanked.find(";", start) + 1 or len(text)
        line = text.count("\n", 0, start) + 1
        piece = PolicyStatement(file, line, text[start:end], blanked[start:end])
        if piece.bare.strip() or '"' in piece.text:
            yield piece
        start = end


def error_line(text: str, parse: Callable[[str], str]) -> int:
    """Return the line, from 0, at which `parse` stops; it returns its complaint, or nothing.

    A prefix of good text is at worst incomplete. So the first prefix that earns another complaint
    ends in the line at fault.
    """
    lines = [f"{line}\n" for line in text.rstrip().split("\n")]

    def is_bad(count: int) -> bool:
        complaint = parse("".join(lines[:count]))
        return bool(complaint) and "unexpected end of input" not in complaint

    line = bisect_left(range(1, len(lines) + 1), x=True, key=is_bad)
    return min(line, len(lines) - 1)
