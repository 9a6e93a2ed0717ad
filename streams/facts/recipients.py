"""To whom: every address under any name, each once, over all fields.

An address is counted wherever it stands, under a recipient's name or not: in a list, as a key, or
split over fields. What stands under a recipient's name and is no address may be a group of any
size, so the count is then beyond every limit.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from streams.facts import names
from streams.facts.fact import COUNT_UNKNOWN, NONE, UNKNOWN, RecipientFacts
from streams.facts.leaves import ParamLeaf

_EMAIL = re.compile(r"[^\s<>()\[\]{},;:\"'|\\@&=?]{1,64}@[^\s<>()\[\]{},;:\"'|\\@&=?/]{1,255}")
_PHONE = re.compile(r"(?<![\w@.+])\+?\d[\d\s().\-/]{5,20}\d(?![\w@])")
_WORD = re.compile(r"[^\W\d_]+")
_SPLIT = re.compile(r"[,;|\n\r\t]+|\s{2,}")
_DIGITS_MIN: Final = 7
_DIGITS_MAX: Final = 15  # of a telephone number (E.164)
_PATTERN: Final = frozenset("*%!?$[]{}#")  # in an address: many of them, a template or a route
_HEADER = re.compile(r"(?:\A|[\r\n]|\\[rn])[ \t]*(?:to|cc|bcc)[ \t]*:([^\r\n]*)", re.IGNORECASE)
_WELL_SHAPED = re.compile(r"\A\S+@[A-Za-z0-9](?:[A-Za-z0-9.\-]*[A-Za-z0-9])?")
_BESIDE: Final = frozenset(
    {"name", "displayname", "label", "type", "kind", "role", "use", "system"}
)
_NAMED = re.compile(r"\A(?:\"[^\"]*\"|[^<>@,;|\d]{0,60})\s*<[^<>]*>")


def recipient_facts(every: Iterable[ParamLeaf], attributes: Mapping[str, str]) -> RecipientFacts:
    """Return how many distinct addresses there are, and how many outside the `domains` we own."""
    found: set[str] = set()
    unknown = False
    seen = False
    for leaf in every:
        under = any(name in names.TO for name in leaf.names)
        unknown |= _is_crowd(leaf) or _in_header(leaf)
        last = leaf.names[-1] if leaf.names else ""
        seen |= under
        if isinstance(leaf.value, str):
            found |= _addresses(leaf.value)
            told = leaf.is_key or last in _BESIDE or (last not in names.TO and "@" in last)
            unknown |= under and not told and not _all_known(leaf.value)
            unknown |= under and told and bool(_parts(leaf.value) & names.MANY)
        elif last in names.TO and isinstance(leaf.value, int | float):
            digits = str(leaf.value)
            unknown |= not _DIGITS_MIN <= len(digits) <= _DIGITS_MAX or not digits.isdigit()
            found.add(digits[-10:])
    if unknown:
        return RecipientFacts(count=COUNT_UNKNOWN, external=COUNT_UNKNOWN, shape=UNKNOWN)
    own = names.listed(attributes, "domains")
    external = sum(1 for each in found if not _is_own(each, own))
    return RecipientFacts(
        count=len(found), external=external, shape="known" if found or seen else NONE
    )


def _addresses(text: str) -> set[str]:
    emails = {each[0].lower() for each in _EMAIL.finditer(text)}
    phones = {_digits(each[0]) for each in _PHONE.finditer(_EMAIL.sub(" ", text))}
    return emails | {each[-10:] for each in phones if len(each) >= _DIGITS_MIN}


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _all_known(text: str) -> bool:
    """Tell whether a text under a recipient's name is addresses and their names, nothing else."""
    pieces = [piece.strip() for piece in _SPLIT.split(text)]
    return all(_is_known(piece) for piece in pieces if piece)


def _is_known(piece: str) -> bool:
    emails = _EMAIL.findall(piece)
    if len(emails) == 1 and _is_many(emails[0]):
        return False
    if len(emails) == 1:
        return bool(_WELL_SHAPED.fullmatch(piece) or _NAMED.fullmatch(piece))
    phones = _PHONE.findall(piece)
    short = len(_digits(piece)) <= _DIGITS_MAX
    return not emails and len(phones) == 1 and short and _PHONE.fullmatch(piece) is not None


def _is_crowd(leaf: ParamLeaf) -> bool:
    """Tell whether a field names a group, a list or a file of recipients, whatever its name is."""
    last = leaf.names[-1] if leaf.names and not leaf.is_key else ""
    return last in names.CROWD and leaf.value not in {None, False, ""}


def _in_header(leaf: ParamLeaf) -> bool:
    """Tell whether a text carries a header of its own (`\\nBcc: everyone`) to who knows whom."""
    if not isinstance(leaf.value, str):
        return False
    return any(not _all_known(each[1]) for each in _HEADER.finditer(leaf.value))


def _is_many(email: str) -> bool:
    """Tell whether an address stands for many: a pattern, or a list's own."""
    local = email.rpartition("@")[0]
    return bool(_PATTERN & set(local)) or bool(_parts(local) & names.MANY)


def _parts(text: str) -> set[str]:
    return set(_WORD.findall(text.lower()))


def _is_own(address: str, own: frozenset[str]) -> bool:
    host = address.rpartition("@")[2] if "@" in address else ""
    return any(host == domain or host.endswith("." + domain) for domain in own)
