"""XML inside a string (C-CDA, NCPDP SCRIPT, FHIR XML, XHTML): read by tags, damaged or not.

No parser is used: entities are never resolved, nothing is fetched, and a message that is cut off is
still masked up to its end. Element and attribute names decide as field names do; C-CDA's own
(CDA R2, section 4) are in the tables here.
"""

# ruff: noqa: E501 - a table of the format or of names, one row a line

import re
from collections.abc import Callable, Iterator

from streams.masking.fields import kind_of
from streams.masking.formats import fhir, fhirxml, tags
from streams.masking.formats.fhirxml import ATTRIBUTE, local
from streams.masking.formats.piece import KEEP, OVER, TEXT, Piece, worded
from streams.masking.vocabulary.lists import each

_MARK = re.compile(r"<!--(?P<comment>.*?)(?:-->|\Z)|<!\[CDATA\[(?P<data>.*?)(?:\]\]>|\Z)|<[?!](?P<order>[^<>]*)>|<(?P<close>/)?(?P<tag>[A-Za-z_][\w.:\-]*)(?P<attributes>(?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>?", re.DOTALL)  # fmt: skip
_ORDERS = ("xml ", "xml-stylesheet ", "DOCTYPE ")
_OURS = re.compile(r"[A-Z][A-Z_]{1,19}_\d{1,6}\Z")
_NAME_PARTS = frozenset(["first", "last", "middle", "given", "family"])
_TITLES = frozenset(["prefix", "suffix"])
_KEYS = frozenset(["key", "fieldname", "columnname", "attributename", "paramname", "name"])
_SCHEMA = re.compile(r"[A-Za-z_][\w.\-]{1,60}\Z")
# `<field name="mrn">`: the element, or its value, is what the attribute says.
_GIVEN = re.compile(
    r"\b(?:name|key|field|column|code|id)\s*=\s*[\"'](?P<v>[A-Za-z_][A-Za-z_.\-]{1,60})[\"']"
)
_LOOSE = re.compile(r"[@\d]|[A-Z][a-z]")
_DEPTH_MAX = 200
_VOID = frozenset(["br", "hr", "img", "input", "meta", "link", "wbr", "col"])
_NAMESPACE = re.compile(
    r"(?:https?://[\w.\-]+(?:/[A-Za-z][\w.\-]*|/\d{4}(?:/\d\d)?){0,8}/?|urn:[A-Za-z][\w.:\-]{0,80})\Z"
)
_OID = re.compile(r"\A[0-2](?:\.\d+){2,}\Z")

_ELEMENTS = {
    "given": "PERSON", "family": "PERSON", "prefix": KEEP, "suffix": KEEP, "lastname": "PERSON", "firstname": "PERSON",
    "middlename": "PERSON", "streetaddressline": "ADDRESS", "addressline1": "ADDRESS", "addressline2": "ADDRESS",
    "city": "LOCATION", "county": "LOCATION", "precinct": "LOCATION", "censustract": "LOCATION", "postalcode": "ZIP",
    "state": KEEP, "stateprovince": KEEP, "country": KEEP, "housenumber": "ADDRESS", "streetname": "ADDRESS", "additionallocator": "ADDRESS",
    "unitid": "ADDRESS", "number": "PHONE", "communicationnumber": "PHONE", "electronicmail": "EMAIL", "birthplace": "LOCATION",
    "dateofbirth": "DATE", "date": "DATE", "datetime": "DATE", "writtendate": "DATE", "lastfilldate": "DATE", "senttime": "DATE", "effectivedate": "DATE",
    "messageid": "ID", "relatestomessageid": "ID", "prescriberordernumber": "ID", "rxreferencenumber": "ID", "npi": "LICENSE",
    "deanumber": "LICENSE", "ncpdpid": "ID", "socialsecurity": "SSN", "medicalrecordidentificationnumberehr": "MRN",
    "cardholderid": "MEMBER_ID", "groupid": "MEMBER_ID", "payerid": "MEMBER_ID", "binlocationnumber": "ACCOUNT", "processoridentificationnumber": "ACCOUNT",
    "businessname": "FACILITY", "organizationname": "FACILITY", "pharmacyname": "FACILITY", "manufacturermodelname": KEEP, "softwarename": KEEP,
    "statelicensenumber": "LICENSE", "lotnumbertext": "DEVICE", "from": "ID", "to": "ID", "mutuallydefined": "ID", "signature": "PERSON",
}  # fmt: skip
_DATED = each(
    """birthtime time low high effectivetime center deceasedtime modifiedtime date birthdate
    authoredon issued start end"""
)
_PEOPLE = re.compile(
    r"person|patient|human|provider|prescriber|performer|author|informant|guardian|participant|subject|relative|veterinarian|supervisor|practitioner|entity|name$",
    re.IGNORECASE,
)
_ORGANISATIONS = re.compile(
    r"organi[sz]ation|custodian|facility|place|pharmacy|location|institution", re.IGNORECASE
)


def split(text: str) -> list[Piece] | None:
    """Cut XML into the texts between tags and the values of attributes."""
    stripped = text.lstrip("\ufeff \t\r\n")
    if not (stripped.startswith("<") or "</" in text) or not any(
        _tag(match) for match in _first(text)
    ):
        return None
    read = fhirxml.attributes if fhirxml.is_fhir(text) else _attributes
    return _Scan(text, read).pieces()


class _Scan:
    """One pass over the tags; runs of prose are left to be read over their tags."""

    def __init__(
        self, text: str, read: Callable[[re.Match[str], list[str]], Iterator[Piece]]
    ) -> None:
        self.text = text
        self.read = read
        self.found: list[Piece] = []
        self.stack: list[str] = []
        self.prose: int | None = None  # where a run of prose and its tags began
        self.at = 0
        self.named = ""  # what `<key>mrn</key>` says of the element behind it

    def pieces(self) -> list[Piece]:
        """Return the texts between tags, and the values of attributes."""
        for mark in _MARK.finditer(self.text):
            if _OURS.match(mark.group("tag") or "") or _no_tag(mark):
                continue
            prose = bool(mark.group("tag")) and tags.inline(mark.group("tag"))
            if prose and self.prose is None:
                self._open(mark)
            elif not prose and self.prose is not None:
                self._close(mark.start())
            if self.prose is None:
                self._content(mark.start())
            self.at = mark.end()
            self._mark(mark)
        self._close(len(self.text))
        self._content(len(self.text))
        return self.found

    def _content(self, end: int) -> None:
        """Take the text before a tag; a key's text names what the next element holds."""
        for piece in _content(self.text, self.at, end, self.stack):
            said = self.text[piece.start : piece.end]
            if self.stack and self.stack[-1].lower() in _KEYS and _SCHEMA.match(said):
                self.named = said
                self.found.append(piece._replace(kind="KEY"))
            elif self.named and piece.kind == TEXT:
                self.found.append(piece._replace(names=(self.named,)))
                self.named = ""
            else:
                self.found.append(piece)

    def _open(self, mark: re.Match[str]) -> None:
        """Begin a run of prose; text before its first tag belongs to it, if no element names it."""
        kind = _element(self.stack)
        self.prose = self.at if kind == TEXT else mark.start()
        if kind != TEXT:
            self._content(mark.start())

    def _close(self, end: int) -> None:
        """End a run of prose: all of it is read at once."""
        if self.prose is None:
            return
        if any(char.isalnum() for char in self.text[self.prose : end]):
            self.found.append(Piece(self.prose, end, OVER, escaped=True, coding="tags"))
        self.prose, self.at = None, end

    def _mark(self, mark: re.Match[str]) -> None:
        """Take one tag, comment or order."""
        for name in ("comment", "data", "order"):
            if mark.group(name) and not mark.group(name).startswith(_ORDERS):
                self.found.append(Piece(*mark.span(name), TEXT))
        if mark.group("close"):
            _pop(self.stack, local(mark.group("tag")))
        elif mark.group("tag"):
            self.stack.append(local(mark.group("tag")))
            del self.stack[:-_DEPTH_MAX]
            given = _GIVEN.search(mark.group("attributes"))
            self.named = given.group("v") if given else self.named
            for piece in self.read(mark, self.stack):
                named = (
                    given
                    and piece.kind == TEXT
                    and piece.start > mark.start("attributes") + given.end()
                )
                self.found.append(
                    piece._replace(names=(self.named,)) if named and not piece.names else piece
                )
            if _LOOSE.search(ATTRIBUTE.sub("", mark.group("attributes"))):
                self.found.append(Piece(*mark.span("attributes"), TEXT, escaped=True))
            if (
                mark.group("attributes").rstrip().endswith("/")
                or mark.group("tag").lower() in _VOID
            ):
                self.stack.pop()


def _no_tag(mark: re.Match[str]) -> bool:
    """Tell what stands in angle brackets and is no tag: `<zk@h.example>`."""
    attributes = mark.group("attributes") or ""
    return bool(attributes) and not attributes[0].isspace() and attributes[0] != "/"


def _first(text: str) -> Iterator[re.Match[str]]:
    for i, match in enumerate(_MARK.finditer(text)):
        if i > 20:  # noqa: PLR2004 - a length
            return
        yield match


def _tag(match: re.Match[str]) -> bool:
    tag = match.group("tag")
    return bool(
        tag
        and not _OURS.match(tag)
        and (
            match.group("attributes").strip() or match.group("close") or match.group().endswith(">")
        )
    )


def _pop(stack: list[str], tag: str) -> None:
    if tag in stack:
        while stack.pop() != tag:
            pass


def _content(text: str, start: int, end: int, stack: list[str]) -> Iterator[Piece]:
    said = text[start:end]
    if not any(char.isalnum() for char in said):
        return
    lead, trail = len(said) - len(said.lstrip()), len(said) - len(said.rstrip())
    kind = _element(stack)
    if kind == KEEP:
        titled = stack[-1].lower() in _TITLES
        kind = fhir.titled(said) if titled else worded(kind, said)
    yield Piece(
        start + lead,
        end - trail,
        kind,
        names=tuple(stack) if kind == "PERSON" else (),
        escaped=True,
    )


def _element(stack: list[str]) -> str:
    """Return what an element's name, and those around it, say of its text."""
    if not stack:
        return TEXT
    low = stack[-1].lower()
    if low == "name":
        around = " ".join(stack[-4:-1])
        if _ORGANISATIONS.search(" ".join(stack[-2:-1])):
            return "FACILITY"
        return "PERSON" if _PEOPLE.search(around) else TEXT
    if low in _ELEMENTS:
        return _ELEMENTS[low]
    kind = kind_of(stack[-1], stack[-2] if len(stack) > 1 else "")
    return kind if kind not in {"NAME", KEEP, "CONDITION"} else TEXT


def _attributes(mark: re.Match[str], stack: list[str]) -> Iterator[Piece]:
    offset = mark.start("attributes")
    for attribute in ATTRIBUTE.finditer(mark.group("attributes")):
        group = 2 if attribute.group(2) is not None else 3
        said = attribute.group(group)
        if any(char.isalnum() for char in said):
            start, end = attribute.span(group)
            yield Piece(
                offset + start,
                offset + end,
                KEEP
                if attribute.group(1).startswith("xmlns") and _NAMESPACE.match(said)
                else _attribute(local(attribute.group(1)).lower(), said, stack),
                escaped=True,
            )


def _attribute(name: str, said: str, stack: list[str]) -> str:  # noqa: PLR0911 - one return a kind
    element = stack[-1].lower()
    if name == "extension" or (name == "root" and not _OID.match(said)):
        return "ID"
    if name in {
        "root",
        "xmlns",
        "schemalocation",
        "type",
        "code",
        "codesystem",
        "codesystemname",
        "classcode",
        "moodcode",
        "typecode",
        "use",
        "unit",
        "nullflavor",
        "xsi",
        "version",
        "encoding",
        "templateid",
        "determinercode",
        "contextcontrolcode",
        "inversionind",
        "assigningauthorityname",
        "border",
        "width",
        "align",
        "colspan",
        "rowspan",
        "stylecode",
        "listtype",
        "cellpadding",
        "class",
        "hl7",
        "sdtc",
        "mediatype",
        "representation",
        "operator",
        "negationind",
        "independentind",
        "url",
        "system",
        "institutionspecified",
    }:
        return worded(KEEP, said) if name != "url" else TEXT
    if name == "value":
        if element in _DATED:
            return "DATE"
        if element == "telecom":
            return "EMAIL" if "@" in said else "PHONE"
        return _element(stack)
    if name in {"id", "idref"}:
        return TEXT
    if name in _NAME_PARTS and _PEOPLE.search(" ".join(stack[-2:])):
        return "PERSON"
    kind = kind_of(name, element)
    return kind if kind not in {"NAME", "CONDITION"} else TEXT
