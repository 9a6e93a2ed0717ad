"""RTF, read over its control words and groups.

striprtf gives the text alone; here each character must know where it stands, so the grammar (a
control word, a control symbol, a group) is read by one pattern.
"""

# ruff: noqa: E501 - one pattern a line reads better than a folded one

import re

from streams.masking.formats.writing import Writing
from streams.masking.normalise import NormalView
from streams.masking.vocabulary.lists import each

_HEAD = re.compile(r"\{\s*\\rtf\d?")
_MARK = re.compile(
    r"\\'(?P<byte>[0-9A-Fa-f]{2})|\\u(?P<code>-?\d{1,6})[ ]?(?:\\'[0-9A-Fa-f]{2}|[^\\{}])?"
    r"|\\(?P<word>[a-zA-Z]{1,32})-?\d{0,10}[ ]?|\\(?P<sign>[^a-zA-Z0-9])|(?P<group>[{}])|[\r\n]+"
)
_UNREAD = each(
    """colortbl pict listtable listoverridetable rsidtbl themedata
    colorschememapping datastore latentstyles xmlnstbl filetbl revtbl object"""
)
_LINES = each("par line sect page row pard fonttbl stylesheet info generator")
_CELLS = each("tab cell")
_APART = each("fonttbl stylesheet info generator")
_SAID = {
    "author": "Author: ",
    "operator": "Author: ",
    "manager": "Author: ",
    "company": "Employer: ",
}
_SIGNS = {"~": " ", "_": "-", "-": "", "{": "{", "}": "}", "\\": "\\"}
_PLAIN = {"emdash": "-", "endash": "-", "lquote": "'", "rquote": "'", "ldblquote": '"', "rdblquote": '"', "bullet": "*"}  # fmt: skip


def view(text: str) -> NormalView | None:
    """Return what an RTF document says; None for any other text."""
    head = _HEAD.search(text)
    if head is None:
        return None
    made = Writing(text)
    made.copy(0, head.start())
    at = head.start()
    depth, quiet, apart = 0, 0, 0  # of the groups that are not read, and read apart
    for mark in _MARK.finditer(text, head.start()):
        if not quiet:
            made.copy(at, mark.start())
        at = mark.end()
        group, word = mark.group("group"), mark.group("word")
        depth += {"{": 1, "}": -1}.get(group or "", 0)
        if apart and depth < apart:
            apart = 0
            made.part("\n", mark.start())
        if word in _APART and not apart:
            apart = depth
        if quiet and depth < quiet:
            quiet = 0
        elif not quiet and word in _UNREAD:
            quiet = depth
        elif not quiet:
            _say(made, mark)
    if not quiet:
        made.copy(at, len(text))
    return made.view()


def _say(made: Writing, mark: re.Match[str]) -> None:
    """Write down what one mark says: a letter, a break, or nothing."""
    word = mark.group("word")
    if mark.group("byte"):
        made.put(bytes.fromhex(mark.group("byte")).decode("cp1252", "replace"), *mark.span())
    elif mark.group("code"):
        code = int(mark.group("code")) % 0x10000
        made.put("?" if 0xD800 <= code <= 0xDFFF else chr(code), *mark.span())  # noqa: PLR2004 - surrogates
    elif word in _SAID:
        made.part("\n", mark.start())
        made.put(_SAID[word], mark.start(), mark.start())
    elif word in _LINES:
        made.part("\n", mark.start())
    elif word in _CELLS:
        made.part("\t", mark.start())
    elif word in _PLAIN:
        made.put(_PLAIN[word], *mark.span())
    elif mark.group("sign") in _SIGNS:
        made.put(_SIGNS[mark.group("sign")], *mark.span())
