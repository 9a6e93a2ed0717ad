"""Markdown's emphasis and code marks, read over where they cut a word or a number.

Marks around whole words part nothing and stay as they are: reading over them would join what a
writer set apart. A parser of Markdown gives a tree of lines without the places of characters.
"""

import re

from streams.masking.formats.writing import Writing
from streams.masking.normalise import NormalView

_MARK = re.compile(r"\*{1,3}|_{2}|~~|`{1,2}")
_CUT = re.compile(
    r"\w(?:\*{1,3}|__|~~|`)\w*(?:\*{1,3}|__|~~|`)|(?:\*{1,3}|__|~~|`)\w+(?:\*{1,3}|__|~~|`)(?:\w|[/\-.]\S)"
    r"|[/\-](?:\*{1,3}|`)\w"
)
_BOLD = re.compile(r"(?<![\w*])(?:\*\*|__|`)[^\s*`_][^*`\n]{0,80}(?:\*\*|__|`)(?![\w*])")
_TEXT_MAX = 100_000


def view(text: str) -> NormalView | None:
    """Return a text without emphasis that cuts its words; None where nothing is cut."""
    if not ("*" in text or "`" in text or "~~" in text or "__" in text) or len(text) > _TEXT_MAX:
        return None
    if not (_CUT.search(text) or _BOLD.search(text)) or "~" in text.replace("~~", ""):
        return None
    made = Writing(text)
    at = 0
    for mark in _MARK.finditer(text):
        if _ties(text, mark):
            made.copy(at, mark.start())
            at = mark.end()
    made.copy(at, len(text))
    return made.view() if at else None


def _ties(text: str, mark: re.Match[str]) -> bool:
    """Tell a mark of emphasis from a sign of multiplication, a bullet or a placeholder."""
    before, after = text[mark.start() - 1 : mark.start()], text[mark.end() : mark.end() + 1]
    return (before + after).strip() != "" and not (
        before.isdigit() and after.isdigit() and mark.group() == "*"
    )
