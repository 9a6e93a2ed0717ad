"""HL7 v2 messages (HL7 2.5.1, chapters 2, 3, 4, 6, 7): masked field by field.

The tables name each field's kind with one letter; a field of a known segment that no table names,
and each field of an unknown segment, is masked, because nobody can say that it is harmless.
"""

# ruff: noqa: E501 - a table of the format or of names, one row a line

import re
from collections.abc import Iterator

from streams.masking.fields import kind_of
from streams.masking.formats import segments
from streams.masking.formats.piece import KEEP, OVER, TEXT, UNKNOWN, Piece, doubted, worded
from streams.masking.tokens import TITLES, TOKEN

_KINDS = {
    "P": "PERSON", "M": "MRN", "D": "DATE", "A": "ADDRESS", "L": "LOCATION", "T": "PHONE", "C": "ACCOUNT",
    "S": "SSN", "N": "LICENSE", "I": "ID", "F": "FACILITY", "B": "MEMBER_ID", "V": "DEVICE", "X": "SECRET",
    "G": "CONDITION", "K": KEEP, "t": TEXT,
}  # fmt: skip

# Letter, then the fields it holds for; ranges are inclusive.
_TABLE = {
    "MSH": "K3,5,9,11-12,14-21 F4,6 D7 X8 I10,13",
    "EVN": "K1,4 D2-3,6 P5 F7",
    "PID": "K1,8,10,15-17,22,24-28,30-32,35-38 M2-4,21 P5-6,9 D7,29,33 A11 L12,23 T13-14 C18 S19 N20 F34",
    "PD1": "K1-2,5-7,9-12,15-16,18-21 F3,8,14 P4 D13,17",
    "NK1": "K1,3,7,11,14-15,17-29,34-36,39 P2,30 A4,32 T5-6,31 D8-9,16 t10,20 I12,33 F13 S37",
    "PV1": "K1-2,4,10,12-16,18,20-24,26,28,30-36,38-41,46-49,51 F3,6,11,37,42-43 I5,19,50 P7-9,17,52 D25,29,44-45",
    "PV2": "K1,4,6-7,10-11,13-16,18-22,24-25,27,30-45 G3 t5,12 D8-9,17,26,28-29,33,46-48 F1,23",
    "OBR": "K1,5,9,11-12,19,24-25,30,43-49 I2-3,18,20-21,29 t4,13,15,26,39 D6-8,14,22,36,40 P10,16,28,32-35 T17 D27 G31",
    "OBX": "K1-2,4,6-11,13,17 t3,5 D12,14,19 F15,23 P16,25 V18 A24",
    "NTE": "K1-2,4 t3",
    "ORC": "K1,5-6,16,20,25-30 I2-4,8 t7 D9,15,27 P10-12,19 F13,17,21 T14,23 V18 A22,24",
    "AL1": "K1-2,4 t3,5 D6",
    "IAM": "K1-2,4,6-9,12,15-17 t3,5,10 D11,13,20 P14,18 F19 I7",
    "DG1": "K1-2,6-15,17-18 G3-4 D5,19 P16 I20",
    "PR1": "K1-2,6,9-10,13,16-20 t3-4,15 D5 P8,11-12 G15 t7",
    "IN1": "K1,15,17,20-24,27-28,30-35,37-48,50-53 B2,8,10,36,49 I3,14 F4,9,11 A5,19,44 P6,16,30 T7 D12-13,18,24,26,29 P25",
    "IN2": "K4-5,11-24,27-28 S2 I1 F3 B6,8,10,61 P7,9,22,49 A52 T63-64 M25-26",
    "GT1": "K1,9-11,15,20-28,30-36,39-41,43-44,47-48 I2,19,33 P3-4,42,45 A5,17 T6-7,18,46 D8,13-14 S12 F16,51 L29",
    "MRG": "M1-2,4 C3 I5-6 P7",
    "RXA": "K1-2,6-9,12-14,17-21 t5,9 D3-4,16,22 P10 F11 I15",
    "RXE": "K2-7,9-12,16-19,21-29,31-40 t1-2,7 A8 P13-14 I15 D18,32 F40 D1",
    "RXO": "K2-7,9,11-13,15-30 t1,6-7 A8 P10,14",
    "RXR": "K1-6",
    "RXD": "K1,4-6,8-9,12-17,21-30 t2 D3 I7,18-19 P10-11 F13,20",
    "SPM": "K1,5-16,19-29 I2-3 t4,14 D17-18 P30",
    "TXA": "K1-3,17-21,23 D4,6-8,22 P5,9-11,22 I12-15 t16,21",
    "SCH": "K3,5-6,8-10,25 I1-2,4,23-24,26-27 D11 P12,16,20 T13,17,21 A14,18,22 t7",
    "AIS": "K1-2,5-10 t3 D4",
    "AIP": "K1-2,4-5,7-12 P3 D6",
    "AIL": "K1-2,4-5,7-12 F3 D6",
    "AIG": "K1-2,5-14 t3-4 D8",
    "ROL": "K2-3,5,7-10 I1 P4 D5-6 A11 T12",
    "ACC": "K2,4-6,9 D1 L3 t7 P8",
    "FT1": "K1,3,6-8,10-12,14,17-18,22,25-31 I2,23 D4-5 t9,13,15 F16 G19 P20-21,24",
    "MSA": "K1,4-6 I2 t3",
    "ERR": "K1-8",
    "QRD": "D1,6 K2-3,5,7,9-12 I4 P8",
    "DSC": "K2 I1",
    "BTS": "K1-3",
    "FHS": "K3 F4,6 D7",
    "BHS": "K3 F4,6 D7",
}  # fmt: skip
_ESCAPED = re.compile(r"\\(?:[FSTREHN]|\.[a-z]{2}|X[0-9A-F])")
_CODED = frozenset(["PERSON", "MRN", "ACCOUNT", "MEMBER_ID", "ID", "LICENSE", "SSN"])
_SYSTEMS = (
    "LN",
    "SCT",
    "SNM",
    "I9",
    "I10",
    "C4",
    "CPT",
    "HCPCS",
    "RXN",
    "NDC",
    "CVX",
    "MVX",
    "UCUM",
    "HL7",
    "ISO",
    "CDC",
    "NUI",
    "FDDC",
    "MDDID",
    "NUBC",
    "UML",
)
_PERSONAL = frozenset(
    ["PERSON", "MRN", "SSN", "PHONE", "FAX", "EMAIL", "ADDRESS", "ZIP", "MEMBER_ID", "LICENSE"]
)
_SHORT = 5
_AGED = "AGE"
_OLD = re.compile(r"\A\s*+(?:9\d|1[0-3]\d)(?!\d)")  # ages over 89 are identifiers
_VALUE_KINDS = {
    "NM": KEEP, "SN": KEEP, "SI": KEEP, "TM": KEEP, "DT": "DATE", "TS": "DATE", "DTM": "DATE", "XPN": "PERSON", "XCN": "PERSON",
    "PN": "PERSON", "CX": "ID", "XAD": "ADDRESS", "AD": "ADDRESS", "XTN": "PHONE", "TN": "PHONE", "ED": "ENCODED", "RP": "ENCODED",
}  # fmt: skip


def _fields(row: str) -> dict[int, str]:
    kinds: dict[int, str] = {}
    for part in row.split():
        for place in part[1:].split(","):
            first, _, last = place.partition("-")
            for field in range(int(first), int(last or first) + 1):
                kinds[field] = _KINDS[part[0]]
    return kinds


_DEFINED = {name: _fields(row) for name, row in _TABLE.items()}


def split(text: str) -> list[Piece] | None:
    """Cut the segments of HL7 v2 that a text holds into fields; what stands between is text."""
    head = segments.HEAD.search(text)
    if head is None and "|" not in text:
        return None
    bar = head.group(1) if head else "|"
    starts = segments.starts(text, bar, frozenset(_DEFINED), headed=head is not None)
    if not starts:
        return None
    found: list[Piece] = []
    marks = "^~"
    at = 0
    for i, (begin, start) in enumerate(starts):
        if text[at:begin].strip():
            found.append(Piece(at, begin, TEXT))
        end = segments.end(text, start, starts[i + 1][0] if i + 1 < len(starts) else len(text))
        line = text[start:end]
        if line.startswith(("MSH", "FHS", "BHS")):
            marks = line[4:6] if len(line) > 6 else marks  # noqa: PLR2004 - a length
        if marks not in {"^~", ""}:
            line = line.translate(_usual(marks))
        found += _segment(line, start, bar)
        at = end
    if text[at:].strip():
        found.append(Piece(at, len(text), TEXT))
    return found


def _usual(marks: str) -> dict[int, str]:
    """Map a message's own separators of components and repetitions to the usual ones, and back."""
    return {
        **{ord(usual): mark for usual, mark in zip("^~", marks, strict=False)},
        **{ord(mark): usual for usual, mark in zip("^~", marks, strict=False)},
    }


def _segment(line: str, offset: int, bar: str) -> Iterator[Piece]:
    name = line[:3]
    defined = _DEFINED.get(name)
    parts = line.split(bar)
    at = offset + len(parts[0]) + 1
    first = 2 if name in {"MSH", "FHS", "BHS"} else 1
    for number, part in enumerate(parts[1:], first):
        kind = UNKNOWN if defined is None else defined.get(number, UNKNOWN)
        if name == "OBX" and number == 5:  # noqa: PLR2004 - a length
            kind = _observed(parts)
        if part.strip() and not (first == 2 and number == 2):  # noqa: PLR2004 - a length
            yield from _field(part, at, kind)
        at += len(part) + 1


def _observed(parts: list[str]) -> str:
    """Return the kind of a result: by its type, or by what its name says of a person."""
    kind = _VALUE_KINDS.get(parts[2].strip(), TEXT)
    for said in parts[3].split("^")[:2] if kind in {KEEP, TEXT} else ():
        named = kind_of(said)
        if named == "AGE":
            return _AGED if _OLD.match(parts[5]) else kind
        if named in _PERSONAL:
            return named
    return kind


def _field(part: str, offset: int, kind: str) -> Iterator[Piece]:
    """Cut one field by repetitions, and those that carry codes by components."""
    at = offset
    for repeat in part.split("~"):
        if not any(char.isalnum() for char in repeat):
            at += len(repeat) + 1
            continue
        if kind == TEXT and _ESCAPED.search(repeat):
            yield Piece(at, at + len(repeat), OVER, coding="hl7")
        elif kind in {KEEP, TEXT} and "^" in repeat:
            yield from _coded(repeat, at, kind)
        elif "^" not in repeat or kind == UNKNOWN:
            yield Piece(at, at + len(repeat), doubted(repeat, kind))
        elif kind == "ADDRESS":
            yield from _components(
                repeat,
                at,
                {1: kind, 2: kind, 3: kind, 4: KEEP, 5: "ZIP", 6: KEEP, 7: KEEP},
                "LOCATION",
            )
        elif kind == "PERSON":
            yield from _person(repeat, at)
        elif kind in _CODED:
            yield from _components(
                repeat,
                at,
                {1: kind, 2: KEEP, 3: KEEP, 4: "FACILITY", 5: KEEP, 6: "FACILITY"},
                UNKNOWN,
            )
        elif kind == "CONDITION":
            yield from _components(repeat, at, {3: KEEP, 6: KEEP}, kind)
        else:
            yield Piece(at, at + len(repeat), kind)
        at += len(repeat) + 1


def _components(repeat: str, offset: int, kinds: dict[int, str], rest: str) -> Iterator[Piece]:
    at = offset
    for number, part in enumerate(repeat.split("^"), 1):
        if part.strip():
            yield Piece(at, at + len(part), worded(kinds.get(number, rest), part))
        at += len(part) + 1


def _coded(repeat: str, offset: int, kind: str) -> Iterator[Piece]:
    """Cut a coded element (CE, CWE): the code stays where its system is a public one."""
    parts = repeat.split("^")
    public = len(parts) > 2 and parts[2].strip().upper().startswith(_SYSTEMS)  # noqa: PLR2004 - a length
    at = offset
    for number, part in enumerate(parts, 1):
        if part.strip():
            yield Piece(
                at, at + len(part), KEEP if public and number in {1, 3} else doubted(part, kind)
            )
        at += len(part) + 1


def _person(repeat: str, offset: int) -> Iterator[Piece]:
    """Cut a name (XPN, XCN): an identifier before it, codes behind it."""
    parts = repeat.split("^")
    coded = any(
        char.isdigit() for char in TOKEN.sub("<>" if "<PERSON" in parts[0] else "0", parts[0])
    ) or (not parts[0] and len(parts) > 2)  # noqa: PLR2004 - a length
    first = 1 if coded else 0
    words = [part for part in parts[first : first + 4] if part.strip()]
    whole = " ".join(words)
    at = offset
    for number, part in enumerate(parts):
        if part.strip():
            named = first <= number < first + 4
            kind = "PERSON" if named else "ID" if number < first else _behind(part)
            yield Piece(at, at + len(part), kind, whole if named else "")
        at += len(part) + 1


def _behind(part: str) -> str:
    """Judge a component behind a name: degrees and type codes stay, the rest goes."""
    short = part.isalpha() and (part.isupper() or part.lower() in TITLES)
    return KEEP if short and len(part) <= _SHORT else UNKNOWN
