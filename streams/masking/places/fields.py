"""An address behind a label or `c/o`: all of its field, however it is written."""

# ruff: noqa: RUF001 - one pattern a line reads better than a folded one

import re
from collections.abc import Iterator

from streams.masking.results import Span

_LABEL = re.compile(
    r"(?<![A-Za-z_-])(?<!\bip\s)(?<!\bmac\s)(?<!email\s)(?<!e-mail\s)(?<!\bweb\s)(?<!\burl\s)(?:(?:home|mailing|street|postal|billing|shipping|current|patient|permanent|residential|delivery)\s)?(?:address|addr|residence)\.?\s?[:=]\s{0,3}(?P<v>[^\n\r;|<>{}\"]{4,160})",
    re.IGNORECASE,
)
_NEXT = re.compile(
    r"\s{2,}|\t|[,.]?\s(?:(?:home|cell|work|mobile|emergency|date|ref)\s)?[A-Za-z][\w/]{1,14}\s?[:=#]|\s(?:DOB|MRN|SSN|Phone|Ph|Tel|Cell|Fax|Email)\b|[.!?](?:\s|\Z)|[)\]}]"
)
_PLACED = re.compile(r"\d|,\s?[A-Z]")
_NOT = re.compile(
    r"\A(?:unknown|none|n/?a|same|see|not\s|homeless|nfa|refused|on\sfile|https?:|\d{1,3}\.\d{1,3}\.|0x|[\w.+-]+@)",
    re.IGNORECASE,
)
_CARE = re.compile(
    r"(?<![\w/])c/o\s(?P<v>(?:the\s)?[A-Z][\w'’.\-]*(?:\s(?:[A-Z][\w'’.\-]*|of|the|and|&|room|rm|apt|unit|ward|floor|suite|no\.?|\#?\d{1,5}[A-Za-z]?)){0,7})"
)
_LODGED = re.compile(
    r"\b(?:(?:[Ss]tay(?:s|ing)|[Ll]iv(?:es|ing)|[Rr]esid(?:es|ing)|[Hh]oused|[Ll]odged|[Ff]ound|[Pp]icked\sup)\s(?:at|in)\s(?:the\s)?)(?P<v>(?:(?:Hotel|Motel|Hostel|Inn|Camp|Shelter|Residence|Casa|Villa|Pension)\s[A-Z][\w'’\-]+(?:\s[A-Z][\w'’\-]+){0,2}|[A-Z][\w'’\-]+(?:\s[A-Z][\w'’\-]+){0,2}\s(?:Hotel|Motel|Hostel|Inn|Shelter))(?:,?\s(?:[Rr]oom|[Rr]m|[Uu]nit|[Aa]pt|[Nn]o)\.?\s\#?\d{1,5}[A-Za-z]?)?)"
)


def find(text: str) -> Iterator[Span]:
    """Yield the field of an address, and where somebody lodges."""
    for label in _LABEL.finditer(text):
        start, end = label.span("v")
        after = _NEXT.search(text, start, end)
        end = after.start() if after else end
        said = text[start:end].rstrip(" ,.'")
        if _PLACED.search(said) and not _NOT.match(said):
            yield Span(start, start + len(said), "ADDRESS", 0.85, "address_field")
    for pattern in (_CARE, _LODGED):
        for match in pattern.finditer(text):
            yield Span(*match.span("v"), "ADDRESS", 0.8, "address_field")
