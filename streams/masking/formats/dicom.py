"""DICOM as text: a dump of elements, JSON (PS3.18, annex F), or tags as keys.

What an element holds is told by its tag (the identifying ones of PS3.15, table E.1-1), and else by
its value representation. pydicom's dictionary knows a tag's VR, which both forms state themselves,
and not whether it identifies; so a table is here.
"""

# ruff: noqa: E501 - a table of the format, one row a line

import re

from streams.masking.formats.piece import KEEP, TEXT, Piece
from streams.masking.vocabulary.lists import each

RESOURCE = "DICOM"
_TAG = re.compile(r"(?:\(?|[xX]?)([0-9A-Fa-f]{4})(?:,\s?)?([0-9A-Fa-f]{4})\)?\Z")
_BY_TAG = {
    "PERSON": """00100010 00101001 00101005 00101060 00080090 0008009C 00081048 00081050 00081060 00081070 00321032
        00400006 0040A123 0040A075 00102297 00402008 40080114 00700084""",
    "MRN": "00100020 00101000 00101002",
    "ID": """00080050 00200010 0020000D 0020000E 00200052 00080018 00081155 00080014 00380010 00401001 00402016 00402017
        00400253 00400009 00120020 00120030 00120040 00120042 00080058 00380060 00402010""",
    "DATE": "00100030 00080012 00080020 00080021 00080022 00080023 0008002A 00380020 00400244 00400002 00321000 00181012",
    "AGE": "00101010",
    "ADDRESS": "00101040 00080081 00080092 00380300 00380400",
    "PHONE": "00102154 00080094",
    "FACILITY": "00100021 00080080 00081040 00321033 00120010 00120031 00120060 00380500",
    "LOCATION": "00102152",
    "DEVICE": "00181000 00181002 00181004 00181005 00181007 00081010 00400241 00400242 00400243 00181008",
}  # fmt: skip
_KINDS = {tag: kind for kind, tags in _BY_TAG.items() for tag in tags.split()}
_BY_VR = {"PN": "PERSON", "DA": "DATE", "DT": "DATE", "AS": "AGE"}
_CLOSED = each("CS TM DS IS FL FD US UL SS SL SV UV AT OB OW OD OF OL OV SQ")
_VRS = _CLOSED | each("PN DA DT AS LO SH LT ST UT UC UR AE UI UN")
_CODE = re.compile(r"[A-Z0-9_ \\]{1,60}\Z|[\d.:+\-eE \\]{1,200}\Z")
_CLASS = re.compile(r"1\.2\.840\.10008[\d.]*\Z")
_OLD = re.compile(r"\A\s*+0?(?:9\d|1[0-3]\d)Y?\s*\Z")
_LINE = re.compile(
    r"^(?P<head>[ \t>|]{0,40}\(?(?P<group>[0-9a-fA-F]{4}),[ ]?(?P<element>[0-9a-fA-F]{4})\)?[ \t])(?P<rest>[^\r\n]*)",
    re.MULTILINE,
)
_VR = re.compile(
    r"(?<![A-Za-z])(?P<vr>"
    + "|".join(sorted(_VRS))
    + r")(?![A-Za-z])[:=]?[ \t]{0,20}(?:\d{1,6}[ \t])?"
)
_VALUE = re.compile(r"\[(?P<a>[^\[\]\r\n]*+)\]|'(?P<b>[^'\r\n]*)'|\"(?P<c>[^\"\r\n]*)\"")
_TAIL = re.compile(r"\A[ \t]*+(?:#[ \t]*\d+,[ \t]*\d+[ \t]*)?[\w' ]{0,60}\Z")
_PLAIN = re.compile(r"[ \t]{0,20}(?P<a>[^#\s][^#\r\n]{0,4000})")
_WORDY = re.compile(r"[ \t]{0,20}[A-Za-z' ]{0,64}:[ ]?")


def tag_of(name: str) -> str:
    """Return a tag as eight figures from a key that is one, in any of its spellings; else nothing."""
    match = _TAG.match(name)
    return (match.group(1) + match.group(2)).upper() if match else ""


def named(name: str) -> str | None:
    """Return the kind that a key says which is a tag; None for any other key."""
    found = _KINDS.get(tag_of(name))
    return None if found == "AGE" else found


def dataset(value: dict[str, object]) -> bool:
    """Tell a data set of DICOM's: tags over objects that state their VR, or known ones over values."""
    return any(
        (tag := tag_of(str(name)))
        and (tag in _KINDS or (isinstance(inner, dict) and "vr" in inner))
        for name, inner in value.items()
    )


def kind(names: tuple[str, ...], representation: str, value: str) -> str | None:
    """Return the kind of an element's value from the tags around it; None where no tag is."""
    tag = next((tag for tag in map(tag_of, reversed(names)) if tag), "")
    if not tag:
        return None
    return KEEP if names[-1] == "vr" else judge(tag, representation, value)


def judge(tag: str, representation: str, value: str) -> str:
    """Return the kind of a value from its element's tag and value representation."""
    found = _KINDS.get(tag) or _BY_VR.get(representation)
    if found == "AGE":
        return "AGE" if _OLD.match(value) else KEEP
    if found is not None:
        return KEEP if found == "ID" and _CLASS.match(value) else found
    if representation == "UI":
        return KEEP if _CLASS.match(value) else "ID"
    return KEEP if representation in _CLOSED and _CODE.match(value) else TEXT


def split(text: str) -> list[Piece] | None:
    """Cut a dump of elements, wherever in a text its lines stand."""
    lines = [
        match
        for match in _LINE.finditer(text)
        if _VR.search(match.group("rest"))
        or (match.group("group") + match.group("element")).upper() in _KINDS
    ]
    if not lines:
        return None
    found: list[Piece] = []
    at = 0
    for line in lines:
        if text[at : line.start()].strip():
            found.append(Piece(at, line.start(), TEXT))
        found += _element(text, line)
        at = line.end()
    if text[at:].strip():
        found.append(Piece(at, len(text), TEXT))
    return found


def _element(text: str, line: re.Match[str]) -> list[Piece]:
    """Cut one line: the value between its marks; what stands around it only where it says more."""
    tag = (line.group("group") + line.group("element")).upper()
    vr = _VR.search(text, line.start("rest"), line.end())
    begin = vr.end() if vr else line.start("rest")
    value = _VALUE.search(text, begin, line.end()) if vr else None
    if value is None:
        wordy = _WORDY.match(text, begin, line.end())
        value = _PLAIN.match(text, wordy.end() if wordy else begin, line.end())
    if value is None:
        return []
    start, end = value.span(value.lastgroup or 0)
    end -= len(text[start:end]) - len(text[start:end].rstrip())
    found = (
        [Piece(start, end, judge(tag, vr.group("vr") if vr else "", text[start:end]))]
        if end > start
        else []
    )
    if not _TAIL.match(text[value.end() : line.end()]):
        found.append(Piece(value.end(), line.end(), TEXT))
    return found
