"""NCPDP Telecommunication D.0: fields behind separators, each opened by its two-character id.

The separators are the control characters 1C to 1E (standard, section 2), or their usual printable
stand-ins. A field whose id the table does not name is masked. NCPDP SCRIPT is XML: see `xmltext`.
"""

# ruff: noqa: E501 - a table of the format or of names, one row a line

import re

from streams.masking.formats.piece import KEEP, TEXT, UNKNOWN, Piece, worded
from streams.masking.tokens import TOKEN

_TABLE = {
    "PERSON": "CA CB CC CD DR 2J 2K 4E 5J CE CF E6 4V",
    "DATE": "C4 D1 DE 2R E8 UD DZ",
    "ADDRESS": "CM CG 2U CF 6D 8D",
    "LOCATION": "CN CH 2V",
    "ZIP": "CP CJ 2W",
    "PHONE": "CQ PM 2L CK 4C",
    "EMAIL": "HN",
    "MEMBER_ID": "C2 C1 N5 N6 FO MH NU 1W 2A 2B MJ 7C",
    "ID": "CY D2 EN 4F 2E CX2 DY CR EU EV F3 E9 5F TR TZ",
    "LICENSE": "DB B1 DL EZ2 2H 1K",
    "SSN": "CX1",
    "ACCOUNT": "A1 A4 AK",
    "FACILITY": "CZ HM",
    "CONDITION": "DO 2C",
    KEEP: """AM CX C5 C6 C7 C8 C9 CO CI 2X E1 E7 D3 D5 D6 D7 D8 D9 DC DD DF DI DJ DK DN DQ DT DU DV DX EA EB EJ EM
        EP ES ET EW EX EY EZ E3 E4 E5 2F 2G 2M 2Q 2S 2T 2Z 3Q 7E 8C 9F 9G A2 A3 A9 B2 B3 B4 B5 B6 BE CW FA FB FC FQ
        F4 F5 F6 F7 F8 F9 HA HB HC HD HE HF HG HK GE H1 H2 H3 H4 H5 H6 H7 H8 H9 28 29 34 35 45 46 AN RE TE TF TG TH KE
        UE UF UG VE WE XE YE U1 U7 1C 1E VD 5C 6C 7D NB NP NQ 4B 4D 4G 4H 4J 4K 4X 3B""",
    TEXT: "F4X FQX 7A 544 526 504 FY E2X",
}
_BY_ID = {field: kind for kind, fields in _TABLE.items() for field in fields.split()}
_SEPARATOR = re.compile(
    r"[\x1c\x1d\x1e\x02\x03]|<(?:FS|GS|RS|STX|ETX)>|[\u241c\u241d\u241e\u2402\u2403]"
)
_FIELD_ID = re.compile(r"[A-Z0-9]{2}")
_SEPARATORS_MIN = 3
_T = TOKEN.pattern
# BIN, version, transaction, processor control number, count, whose number, provider, date, software.
_HEADERS = (
    (
        re.compile(
            r"\A\s*+(\d{6})([A-Z0-9]{2})([A-Z]\d)(.{10})\s?(\d)(.{2})(.{15})(\d{8})(.{0,10})\s*"
        ),
        ("ACCOUNT", KEEP, KEEP, "ACCOUNT", KEEP, KEEP, "LICENSE", "DATE", UNKNOWN),
    ),
    (
        re.compile(r"\A\s*+([A-Z0-9]{2})([A-Z]\d)(\d)([A-Z])(.{2})(.{15})(\d{8})\s*"),
        (KEEP, KEEP, KEEP, KEEP, KEEP, "LICENSE", "DATE"),
    ),
)
_NAMES = {
    "CC": ("cardholder", "first"), "CD": ("cardholder", "last"), "CA": ("patient", "first"),
    "CB": ("patient", "last"), "2J": ("prescriber", "first"), "DR": ("prescriber", "last"),
}  # fmt: skip
# The same once it is masked: what stays has a closed form.
_MASKED = re.compile(
    rf"\A\s*+(?:{_T}[A-Z0-9]{{2}}[A-Z]\d{_T}\s{{0,9}}\d.{{2}}{_T}\s*{_T}(?:{_T})?\s*"
    rf"|[A-Z0-9]{{2}}[A-Z]\d\d[A-Z].{{2}}{_T}\s*{_T}\s*)"
)


def split(text: str) -> list[Piece] | None:
    """Cut a D.0 transmission into fields."""
    marks = list(_SEPARATOR.finditer(text))
    if len(marks) < _SEPARATORS_MIN:
        return None
    found: list[Piece] = []
    at = 0
    for mark in [*marks, None]:
        end = mark.start() if mark else len(text)
        said = text[at:end]
        if said.strip():
            if not found and len(said.strip()) > 20:  # noqa: PLR2004 - a length
                found += _header(said, at)
            else:
                found.append(_field(said, at))
        at = mark.end() if mark else end
    return [piece for piece in found if piece.end > piece.start]


def _header(said: str, offset: int) -> list[Piece]:
    """Cut the header (standard, section 3): fields of fixed length, of a request or a response."""
    for pattern, kinds in _HEADERS:
        match = pattern.fullmatch(said)
        if match:
            return [
                Piece(offset + start, offset + start + len(match.group(i).rstrip()), kind)
                for i, kind in enumerate(kinds, 1)
                if (start := match.start(i)) >= 0 and match.group(i).strip()
            ]
    kind = KEEP if _MASKED.fullmatch(said) else UNKNOWN
    return [Piece(offset, offset + len(said.rstrip()), kind)]


def _field(said: str, offset: int) -> Piece:
    lead = len(said) - len(said.lstrip())
    known = _FIELD_ID.match(said, lead)
    if not known:
        return Piece(offset, offset + len(said), UNKNOWN)
    kind = _BY_ID.get(known.group(), UNKNOWN)
    names = _NAMES.get(known.group(), ())
    kind = worded(kind, said[known.end() :])
    return Piece(offset + known.end(), offset + len(said.rstrip()), kind, names=names)
