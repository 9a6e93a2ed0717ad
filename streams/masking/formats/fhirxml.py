"""FHIR R4 as XML: the elements of `fhir`, each with its value in an attribute of that name."""

import re
from collections.abc import Iterator

from streams.masking.formats.fhir import extension_url
from streams.masking.formats.piece import KEEP, TEXT, Piece

ATTRIBUTE = re.compile(r"(?<![\w.:\-])([\w.:\-]++)\s*+=\s*+(?:\"([^\"]*+)\"?|'([^']*+)'?)")
_NAMESPACE = "hl7.org/fhir"
_NAMESPACES = ("http://hl7.org/", "http://www.w3.org/", "urn:hl7-org:")
_HEAD_CHARS = 4_000
_URL_SEEN_MAX = 20_000  # an extension's URL stands in its own tag, or in that of one around it
_EXTENSION = re.compile(r"<(?:\w+:)?(?:modifierE|e)xtension\b[^<>]*\burl\s*=\s*[\"']([^\"']*)")


def is_fhir(text: str) -> bool:
    """Tell whether XML is a FHIR resource, by its namespace."""
    return _NAMESPACE in text[:_HEAD_CHARS]


def local(tag: str) -> str:
    """Return a tag's or attribute's name without its prefix."""
    return tag.rsplit(":", 1)[-1]


def attributes(mark: re.Match[str], stack: list[str]) -> Iterator[Piece]:
    """Yield the attributes of one tag; `stack` holds the elements around it, itself last."""
    resource, names = _place(stack)
    offset = mark.start("attributes")
    for attribute in ATTRIBUTE.finditer(mark.group("attributes")):
        group = 2 if attribute.group(2) is not None else 3
        if not any(char.isalnum() for char in attribute.group(group)):
            continue
        start, end = (offset + place for place in attribute.span(group))
        name = local(attribute.group(1)).lower()
        if name == "value":
            extension = _extension(mark) if "extension" in names else ""
            yield Piece(
                start, end, TEXT, names=names, resource=resource, extension=extension, escaped=True
            )
        else:
            yield Piece(start, end, _named(name, attribute.group(group)), escaped=True)


def _named(name: str, value: str) -> str:
    """Judge an attribute that is no element's value."""
    if name in {"fhir", "xsi", "xmlns", "schemalocation"}:
        return KEEP if value.startswith(_NAMESPACES) else TEXT
    if name == "url":
        return extension_url(value)
    return "ID" if name == "id" else TEXT


def _place(stack: list[str]) -> tuple[str, tuple[str, ...]]:
    """Return the resource that an element stands in, and the names from it inwards."""
    for i in range(len(stack) - 1, -1, -1):
        if stack[i][:1].isupper():
            return stack[i], tuple(stack[i + 1 :])
    return "", tuple(stack)


def _extension(mark: re.Match[str]) -> str:
    """Return the URL of the extension that opened last before a tag."""
    opened = ""
    start = max(0, mark.start() - _URL_SEEN_MAX)
    for found in _EXTENSION.finditer(mark.string, start, mark.start()):
        opened = found.group(1)
    return opened
