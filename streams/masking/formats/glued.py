"""Text whose blanks or line ends went wrong: `Kowal-⏎czyk`, `Name:ZofiaKowalczykDOB:03/14/1960`.

A hyphen at a line's end is read over where a word or a number goes on; in a text without blanks, a
blank is read where a label, a word or a number begins.
"""

# ruff: noqa: E501 - one pattern a line reads better than a folded one

import re

from streams.masking.formats.writing import Writing
from streams.masking.normalise import NormalView

_WRAP = re.compile(
    r"(?<=[a-zà-ÿ])-[ \t]*\r?\n[ \t>]*(?=[a-zà-ÿ])|(?<=\d[/-])[ \t]*\r?\n[ \t>]*(?=\d)"
)
_LABELS = r"(?:DOB|MRN|SSN|Address|Addr|Phone|Tel|Cell|Name|Sex|Gender|Age|Patient|Provider|Email|Physician|Doctor|Zip|City|Date|Diagnosis|Dx|Account|Acct)"
_STUCK = re.compile(rf"[A-Za-z0-9]{_LABELS}[:=#]\S")
_BREAK = re.compile(
    rf"(?<=[a-z0-9])(?={_LABELS}[:=#])|(?<=[a-z])(?=[A-Z])|(?<=\d)(?=[A-Z][a-z]+[A-Z])|(?<=[a-z][A-Z]{{2}})(?=\d{{5}})|(?<={'[:=#]'})(?=[A-Z0-9])"
)
_BLANKS_MIN = 20  # characters a blank, on the average, where blanks are missing


def view(text: str) -> NormalView | None:
    """Return a text with its words as they were; None where nothing went wrong."""
    stuck = _STUCK.search(text) is not None and len(text) > _BLANKS_MIN * (
        1 + len(text.split()) - 1
    )
    if not stuck and ("\n" not in text or not _WRAP.search(text)):
        return None
    made = Writing(text)
    at = 0
    for mark in (_BREAK if stuck else _WRAP).finditer(text):
        made.copy(at, mark.start())
        if stuck:
            made.part(" ", mark.start())
        at = mark.end()
    made.copy(at, len(text))
    return made.view()
