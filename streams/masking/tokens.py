"""Tokens such as `<PERSON_1>`: numbered per document, the same value the same token.

A value is compared by its key: names without regard to case, order, titles and punctuation, dates
and numbers by their digits. A ZIP code's token is numbered with the three digits that may stay
(`<ZIP_606>`; see `zips`). Tokens that a document already holds keep their numbers and are not
masked again, so that masking a masked document changes nothing.
"""

import re
from dataclasses import dataclass, field

from streams.masking.places.zips import general
from streams.masking.vocabulary.lists import each

# Plain, or as XML must write it.
TOKEN = re.compile(r"(?:<|&lt;)([A-Z][A-Z_]{1,19})_(\d{1,6})(?:>|&gt;)")

TITLES = each("""mr mrs ms miss dr prof sir madam mx md phd rn do np pa jr sr ii iii""")
_NUMBER_DIGITS = 10  # with or without a country's code, a number is one
_WORD = re.compile(r"[^\W_]+")


def key_of(kind: str, value: str) -> str:
    """Return what two spellings of one value have in common."""
    words = [word.casefold() for word in _WORD.findall(value)]
    if kind == "PERSON":
        return " ".join(sorted(word for word in words if word not in TITLES)) or value
    if kind in {"PHONE", "FAX"}:
        digits = "".join(char for char in value if char.isdigit())
        return digits[-_NUMBER_DIGITS:] or value
    return "".join(words) or value


@dataclass
class Numbering:
    """The tokens of one document; lives as long as one call."""

    taken: set[str] = field(default_factory=set)
    given: dict[tuple[str, str], str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def keep(self, text: str) -> None:
        """Reserve the tokens that a text already holds."""
        if "<" in text or "&lt;" in text:
            self.taken.update(f"<{kind}_{number}>" for kind, number in TOKEN.findall(text))

    def token(self, kind: str, value: str) -> str:
        """Return the token for a value, the same as before where it was met before."""
        if kind == "ZIP":
            prefix = general(value)
            if prefix is not None:
                return f"<ZIP_{prefix}>"
            kind = "POSTCODE"  # its numbers are not prefixes
        key = (kind, key_of(kind, value))
        token = self.given.get(key)
        if token is None:
            token = self.given[key] = self._next(kind)
        return token

    def withheld(self) -> str:
        """Return a fresh token for a field that could not be masked."""
        return self._next("WITHHELD")

    def _next(self, kind: str) -> str:
        while True:
            self.counts[kind] = self.counts.get(kind, 0) + 1
            token = f"<{kind}_{self.counts[kind]}>"
            if token not in self.taken:
                return token
