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
from streams.facts.leaves import Leaf

_EMAIL = re.compile(r"[^\s<>()\[\]{},;:\"'|\\@&=?]{1,64}@[^\s<>()\[\]{},;:\"'|\\@&=?/]{1,255}")
_PHONE = re.compile(r"(?<![\w@.+])\+?\d[\d\s().\-/]{5,20}\d(?![\w@])")
_SPLIT = re.compile(r"[,;|\n\r\t]+|\s{2,}")
_DIGITS_MIN: Final = 7
_WELL_SHAPED = re.compile(r"\A\S+@[A-Za-z0-9](?:[A-Za-z0-9.\-]*[A-Za-z0-9])?")
_BESIDE: Final = frozenset(
    {"name", "displayname", "label", "type", "kind", "role", "use", "system"}
)
_NAMED = re.compile(r"\A(?:\"[^\"]*\"|[^<>@,;|\d]{0,60})\s*<[^<>]*>")


def recipient_facts(every: Iterable[Leaf], attributes: Mapping[str, str]) -> RecipientFacts:
    """Return how many distinct addresses there are, and how many outside the `domains` we own."""
    found: set[str] = set()
    unknown = False
    seen = False
    for leaf in every:
        under = any(name in names.TO for name in leaf.names)
        last = leaf.names[-1] if leaf.names else ""
        seen |= under
        if isinstance(leaf.value, str):
            found |= _addresses(leaf.value)
            told = leaf.is_key or last in _BESIDE or (last not in names.TO and "@" in last)
            unknown |= under and not told and not _all_known(leaf.value)
        elif last in names.TO and isinstance(leaf.value, int | float):
            digits = str(leaf.value)
            unknown |= len(digits) < _DIGITS_MIN or not digits.isdigit()
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
    if len(emails) == 1:
        return bool(_WELL_SHAPED.fullmatch(piece) or _NAMED.fullmatch(piece))
    phones = _PHONE.findall(piece)
    return not emails and len(phones) == 1 and _PHONE.fullmatch(piece) is not None


def _is_own(address: str, own: frozenset[str]) -> bool:
    host = address.rpartition("@")[2] if "@" in address else ""
    return any(host == domain or host.endswith("." + domain) for domain in own)
