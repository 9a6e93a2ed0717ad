"""HTML, word processors' XML and narrative blocks, read over their tags.

An inline tag is nothing, a cell's a tab, any other a new line; an entity is the character it names.
`html.parser` is not used: it gives a text's line, not where each of its characters stands, and joins
what it has unescaped.
"""

# ruff: noqa: E501 - one pattern a line reads better than a folded one

import html
import re

from streams.masking.formats.writing import Writing
from streams.masking.normalise import NormalView
from streams.masking.vocabulary.lists import each

_BETWEEN = re.compile(
    r"<!--(?:[^-]|-(?!->))*(?:-->|\Z)|<(?P<close>/)?(?P<tag>[A-Za-z_][\w.:\-]*)(?:[^<>\"']|\"[^\"]*\"|'[^']*')*(?:>|\Z)"
    r"|<[?!][^<>]*>|&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,8});"
)
_INLINE = each(
    """b i u s em strong span font sub sup a small big mark code tt q cite del ins strike abbr kbd samp var
    dfn wbr bdi bdo time label nobr content linkhtml acronym center o:p"""
)
_CELLS = each("td th cell w:tc entry table:table-cell")
_BLOCKS = each(
    """p div br tr table thead tbody tfoot ul ol li h1 h2 h3 h4 h5 h6 pre blockquote hr section article header
    footer main nav aside html body head title dl dt dd caption form fieldset figure figcaption paragraph list item
    center colgroup col details summary w:p w:br w:tr style script a:p a:br text:p text:h text:line-break"""
)
_ROWS = each("tr w:tr table table:table-row")
_AFTER_TAG = frozenset(["", ">", "/", " ", "\t", "\n", "\r"])
_OFFICE = ("w:", "w14:", "a:", "text:", "o:")
_TABS = frozenset(["w:tab", "text:tab"])


def inline(tag: str) -> bool:
    """Tell whether a tag is one that people read over."""
    low = tag.lower()
    return low in _INLINE or low in _CELLS or low in _BLOCKS or low.startswith(_OFFICE)


def view(text: str) -> NormalView | None:
    """Return a text without its tags."""
    return _Reading(text).view()


class _Reading:
    """One pass over the tags: what is read so far, and whether a cell is open."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.made = Writing(text)
        self.cell = False
        self.first = True  # of its row

    def view(self) -> NormalView:
        """Read the whole text."""
        at = 0
        for mark in _BETWEEN.finditer(self.text):
            self.made.copy(at, mark.start())
            tag = (mark.group("tag") or "").lower()
            if (
                tag
                and mark.group()[len(tag) + 1 + bool(mark.group("close")) :][:1] not in _AFTER_TAG
            ):
                at = mark.start()  # `<zk@h.example>` is no tag
                continue
            at = mark.end()
            if mark.group().startswith("&"):
                self.made.put(html.unescape(mark.group()), *mark.span())
            elif tag:
                self._part(tag, at, close=bool(mark.group("close")))
        self.made.copy(at, len(self.text))
        return self.made.view()

    def _part(self, tag: str, at: int, *, close: bool) -> None:
        """Note the break that a tag means: a tab between cells, a new line, a blank within a cell."""
        if tag in _CELLS:
            self.cell = not close
            if not close and not self.first:
                self.made.put("\t", at, at)
            self.first = False
        elif tag in _TABS:
            self.made.put("\t", at, at)
        elif tag in _BLOCKS and tag not in _INLINE:
            self.first = self.first or tag in _ROWS
            self.made.part(" " if self.cell else "\n", at)
