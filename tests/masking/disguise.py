"""Disguises of a value: what passes a masker that reads only plain characters."""

# ruff: noqa: RUF001 - look-alikes are the point

import base64
import html
import urllib.parse
from collections.abc import Callable

from tests.masking.corpus import Text

_CONFUSABLES = str.maketrans("AEOPCTHKMXBaeopcxy", "АЕОРСТНКМХВаеорсху")

DISGUISES: dict[str, Callable[[str], str]] = {
    "zero-width": "\u200b".join,
    "full-width": lambda value: "".join(
        chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in value
    ),
    "confusables": lambda value: value.translate(_CONFUSABLES),
    "dashes and spaces": lambda value: value.replace("-", "\u2011").replace(" ", "\u00a0"),
    "thin spaces": lambda value: value.replace("-", "\u2013").replace(" ", "\u2009"),
    "percent": lambda value: urllib.parse.quote(value, safe=""),
    "percent, all": lambda value: "".join(f"%{byte:02X}" for byte in value.encode()),
    "html": lambda value: "".join(f"&#{ord(c)};" for c in value),
    "html names": lambda value: html.escape(value).replace(" ", "&nbsp;"),
    "base64": lambda value: base64.b64encode(value.encode()).decode(),
    "hex": lambda value: value.encode().hex(),
}


def disguised(text: Text, name: str) -> Text:
    """Return a text with each of its values in disguise, and the places of them."""
    made = Text("")
    at = 0
    for start, end, slot in text.values:
        made.text += text.text[at:start]
        value = DISGUISES[name](text.text[start:end])
        made.values.append((len(made.text), len(made.text) + len(value), slot))
        made.text += value
        at = end
    made.text += text.text[at:]
    return made
