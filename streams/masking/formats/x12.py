"""X12 interchanges (005010: 270/271, 276/277, 278, 834, 835, 837): masked element by element.

Segments and elements that the table does not name are masked.
"""

# ruff: noqa: E501 - a table of the format or of names, one row a line

import re
from collections.abc import Iterator

from streams.masking.formats.piece import KEEP, TEXT, UNKNOWN, Piece, doubted

_KINDS = {
    "K": KEEP, "t": TEXT, "P": "PERSON", "I": "ID", "D": "DATE", "A": "ADDRESS", "L": "LOCATION", "Z": "ZIP", "T": "PHONE",
    "C": "ACCOUNT", "B": "MEMBER_ID", "F": "FACILITY", "G": "CONDITION", "S": "SECRET",
}  # fmt: skip
_TABLE = {
    "ISA": "K1,3,5,7,10-12,14-16 S2,4 I6,8,13 D9", "IEA": "K1 I2", "GS": "K1,5,7-8 I2-3,6 D4", "GE": "K1 I2",
    "ST": "K1,3 I2", "SE": "K1 I2", "BHT": "K1-2,5-6 I3 D4", "BGN": "K1,4-9 I2 D3", "BPR": "K1-6,8,11,14 C7,9-10,12-13,15 D16",
    "HL": "K1-4", "LX": "K1", "N1": "K1,3,5-6 F2 I4", "N2": "P1-2", "N3": "A1-2", "N4": "L1,6-7 K2,4-5 Z3",
    "PER": "K1,3,5,7,9 P2 T4,6,8", "REF": "K1 I2 t3 I4", "DMG": "K1,3-6,8-11 D2 L7", "DTP": "K1-2 D3", "DTM": "K1,4-5 D2-3,6",
    "CLM": "C1 K2-20", "CLP": "C1 K2-6,8-14 I7", "HI": "", "SV1": "K1-21", "SV2": "K1-10", "SV3": "K1-11", "SVD": "I1 K2-6",
    "SVC": "K1-7", "SBR": "K1-2,5-9 B3 F4", "PAT": "K1-5,7-9 D6", "TRN": "K1 I2-4", "INS": "K1-11,13-17 D12", "EQ": "K1-5",
    "EB": "K1-13", "III": "K1-2 t3-4", "MSG": "t1", "NTE": "K1 t2", "PRV": "K1-2,4-6 I3", "AMT": "K1-3", "QTY": "K1-4",
    "LIN": "K1-30", "CTP": "K1-11", "CAS": "K1-19", "MOA": "K1-9", "MIA": "K1-24", "LQ": "K1-2", "PLB": "I1 D2 K3-14", "K3": "t1",
    "PWK": "K1-5 I6 t7", "UM": "K1-10", "HSD": "K1-8", "CRC": "K1-7", "CR1": "K1-8 t9-10", "CR2": "K1-12", "CN1": "K1-6", "OI": "K1-6",
    "AAA": "K1-4", "STC": "K1 D2 K3-9 K10-11 t12", "HD": "K1-13", "COB": "K1,3-4 B2", "TOO": "K1-3", "HCP": "K1-15", "TS3": "I1 K2 D3 K4-24",
    "TS2": "K1-19", "LS": "K1", "LE": "K1", "HCR": "K1 I2 K3-4", "FRM": "K1-2 t3 D4 K5", "MEA": "K1-4", "PS1": "I1 K2-3", "CUR": "K1-2", "FAC": "",
}  # fmt: skip
_SEGMENT_NAME = re.compile(r"[A-Z][A-Z0-9]{1,2}\Z")
_HEAD = re.compile(r"(?<![A-Za-z0-9])ISA([^\w\s])(?=.{2}\1)")
# A segment that nothing else looks like, and any of the table, where it may stand.
_WHERE = r"(?:(?<=[~\s>\"'`(\[|,:;])|(?<=\\n)|(?<=\\r)|\A)"
_SURE = re.compile(
    _WHERE
    + r"(?P<name>NM1\*[A-Z0-9]{2,3}\*[12]?\*|DMG\*D8\*\d{6,8}|N4\*[^*~\n]{0,40}\*[A-Z]{0,2}\*[^*~\n]{0,15}"
    r"|REF\*[A-Z0-9]{2,3}\*[^*~\n]{1,50}|N3\*[^*~\n]{1,60}(?:[~\n*]|\Z)|(?:BHT|SBR|CLM|CLP|DTP|HL|INS|PER|TRN|N1|PAT|SVC|HI|GS|ST)\*[^*~\n]{0,40}\*[^~\n]{0,200}[~\n])"
)
_LINE = re.compile(r"[^\r\n\s][^\r\n]*")
_NAMES = "|".join(sorted(_TABLE))
_ANY = re.compile(rf"{_WHERE}(?P<name>(?:{_NAMES})\*[A-Z0-9])")
_QUALIFIED = {
    "MI": "MEMBER_ID",
    "XX": "LICENSE",
    "SY": "SSN",
    "34": "SSN",
    "24": "ACCOUNT",
    "FI": "ACCOUNT",
    "II": "MEMBER_ID",
}
_ISA_ELEMENTS = 16


def _elements(row: str) -> dict[int, str]:
    kinds: dict[int, str] = {}
    for part in row.split():
        for place in part[1:].split(","):
            first, _, last = place.partition("-")
            for element in range(int(first), int(last or first) + 1):
                kinds[element] = _KINDS[part[0]]
    return kinds


_DEFINED = {name: _elements(row) for name, row in _TABLE.items()}


def split(text: str) -> list[Piece] | None:
    """Cut the X12 that a text holds into elements; what stands around it is text."""
    head = _HEAD.search(text)
    if head is not None:
        star = head.group(1)
        start = head.start()
        tilde, colon = _separators(text[start:], star)
    else:
        star, tilde, colon = "*", "~", ":"
        first = _first(text)
        if first is None:
            return None
        start = first
    if tilde not in text[start:]:
        tilde = "\\n" if "\\n" in text[start:] and "\n" not in text[start:] else "\n"
    found = [Piece(0, start, TEXT)] if text[:start].strip() else []
    return found + list(_segments(text, start, star, tilde, colon))


def _segments(text: str, start: int, star: str, tilde: str, colon: str) -> Iterator[Piece]:
    """Cut what stands between two ends of segments; a line that is none is text."""
    at = start
    for part in text[start:].split(tilde):
        for line in _LINE.finditer(part):
            said = line.group().rstrip()
            name = said.split(star, 1)[0]
            if _SEGMENT_NAME.match(name) and star in said:
                yield from _segment(said, at + line.start(), star, colon)
            elif said:
                yield Piece(at + line.start(), at + line.start() + len(said), TEXT)
        at += len(part) + len(tilde)


def _first(text: str) -> int | None:
    """Return where X12 begins that has no interchange around it; None where there is none."""
    if "*" not in text:
        return None
    sure = _SURE.search(text)
    if sure is None:
        return None
    lines = [match.start("name") for match in _ANY.finditer(text, 0, sure.start("name"))]
    return lines[0] if lines else sure.start("name")


def _separators(text: str, star: str) -> tuple[str, str]:
    """Return the segment and component separators: they stand behind the sixteenth element."""
    parts = text.split(star, _ISA_ELEMENTS)
    last = parts[_ISA_ELEMENTS] if len(parts) > _ISA_ELEMENTS else ""
    colon = last[0] if last and not last[0].isalnum() else ":"
    tilde = last[1] if len(last) > 1 and not last[1].isalnum() and last[1] != " " else "~"
    return tilde, colon


def _segment(segment: str, offset: int, star: str, colon: str) -> Iterator[Piece]:
    parts = segment.split(star)
    name = parts[0].strip()
    if not _SEGMENT_NAME.match(name):
        if segment.strip():
            yield Piece(offset, offset + len(segment), UNKNOWN)
        return
    defined = _DEFINED.get(name, {})
    at = offset + len(parts[0]) + 1
    for number, part in enumerate(parts[1:], 1):
        said = part.rstrip()
        if any(char.isalnum() for char in said):
            if name == "NM1":
                yield _named(parts, number, at, said)
            elif name == "HI":
                yield from _health(said, at, colon)
            else:
                yield Piece(at, at + len(said), doubted(said, defined.get(number, UNKNOWN)))
        at += len(part) + 1


def _named(parts: list[str], number: int, at: int, said: str) -> Piece:
    """NM1: who, in elements 3 to 7; the identifier's kind in 8, itself in 9."""
    kinds = {1: KEEP, 2: KEEP, 8: KEEP, 10: KEEP, 11: KEEP}
    if 3 <= number <= 7:  # noqa: PLR2004 - a length
        person = parts[2].strip() != "2"
        whole = " ".join(part.strip() for part in parts[3:6] if part.strip())
        return Piece(
            at, at + len(said), "PERSON" if person else "FACILITY", whole if person else ""
        )
    if number == 9:  # noqa: PLR2004 - a length
        return Piece(at, at + len(said), _QUALIFIED.get(parts[8].strip(), "ID"))
    return Piece(at, at + len(said), doubted(said, kinds.get(number, UNKNOWN)))


def _health(said: str, at: int, colon: str) -> Iterator[Piece]:
    """HI: a qualifier, a code, perhaps a date."""
    for number, part in enumerate(said.split(colon)):
        if part.strip():
            kind = (KEEP, "CONDITION", KEEP, "DATE")[number] if number < 4 else KEEP  # noqa: PLR2004 - a length
            yield Piece(at, at + len(part), kind)
        at += len(part) + 1
