"""The word lists: loaded once, checked by digest, asked by bit flags.

A word's flags say which lists hold it. Look-ups take folded words (lower case, no accents) and keep
nothing, because a cache of words would be a store of names.
"""

import gzip
import hashlib
import re
import unicodedata
from bisect import bisect_left
from pathlib import Path

from streams.errors import SettingsError
from streams.masking.vocabulary.spelling import Spelling

DATA = Path(__file__).parent / "data"

(
    WORD,
    CLINICAL,
    GIVEN,
    SURNAME,
    POPULAR,
    PLACE,
    NEVER,
    REGION,
    MONTH,
    VERBISH,
    EPONYM,
    USUAL,
    PROPER,
) = (1 << i for i in range(13))
NAMED = GIVEN | SURNAME
ORDINARY = WORD | CLINICAL

_SETS = {
    "words": WORD,
    "clinical": CLINICAL,
    "given": GIVEN,
    "surnames": SURNAME,
    "popular": POPULAR,
    "usual": USUAL,
    "places": PLACE,
    "capitals": PROPER,
}
_SECTIONS = {
    "not_names": NEVER,
    "regions": REGION,
    "months": MONTH,
    "verbish": VERBISH,
    "eponyms": EPONYM,
    "clinical_more": CLINICAL,
    "given_words": GIVEN,
    "given_more": GIVEN,
}
_KEY_PART = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_NAME_PART = re.compile(r"[^\W\d_]+")
_NAME_PARTS_MAX = 5
_SPECIAL = str.maketrans(
    {
        "ß": "ss",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "\u0131": "i",
        "æ": "ae",
        "œ": "oe",
        "ð": "d",
        "þ": "th",
    }
)


def fold(word: str) -> str:
    """Return a word in lower case without accents."""
    low = word.lower()
    if low.isascii():
        return low
    plain = unicodedata.normalize("NFKD", low.translate(_SPECIAL))
    return "".join(char for char in plain if not unicodedata.combining(char))


class Lexicon:
    """All lists in memory; `digest` names their exact content."""

    def __init__(self, folder: Path = DATA) -> None:
        self._digest = hashlib.sha256()
        self.sections = self._lists(folder)
        flags: dict[str, int] = {}
        for name, bit in _SETS.items():
            for word in self._words(folder, name):
                flags[word] = flags.get(word, 0) | bit
        for section, bit in _SECTIONS.items():
            for word in self.sections[section]:
                flags[word] = flags.get(word, 0) | bit
        self._flags = flags
        self._ordered = sorted(word for word, bits in flags.items() if bits & ORDINARY)
        self.titles = self.sections["titles"]
        self.posts = self.sections["postnominals"]
        self.particles = self.sections["particles"]
        self.cues = self.sections["cues"]
        self.kin = self.sections["kin"]
        self.makers = self.sections["makers"]
        self.machines = self.sections["machines"]
        self.ruled = self.sections["ruled"]
        self.heads = self.sections["eponym_heads"]
        self.states = self.sections["states"]
        self.tails = self.sections["org_tails"]
        self.generic = self.sections["facility_generic"] | self.sections["facility_medical"]
        self.suffixes = tuple(self.sections["medical_suffixes"])
        self.spelling = Spelling(gzip.decompress(self._bytes(folder / "spelling.gz")))
        self.digest = self._digest.hexdigest()

    def flags(self, low: str) -> int:
        """Return the flags of a folded word or phrase; 0 for one that no list holds."""
        found = self._flags.get(low, 0)
        return found | self._flags.get(low.replace("'", ""), 0) if "'" in low else found

    def begins(self, low: str) -> bool:
        """Tell whether some English or clinical word begins so: `serosang`."""
        at = bisect_left(self._ordered, low)
        return at < len(self._ordered) and self._ordered[at].startswith(low)

    def names_somebody(self, key: str) -> bool:
        """Tell whether a key such as `notes_john_smith` may hold a name."""
        return any(
            self.flags(part.lower()) & POPULAR and not self.flags(part.lower()) & (WORD | NEVER)
            for part in _KEY_PART.findall(key)
        )

    def reads_as_name(self, value: str) -> bool:
        """Tell whether the value of a field that is called `name` is a person's."""
        parts = _NAME_PART.findall(value)
        if not 0 < len(parts) <= _NAME_PARTS_MAX or any(
            char.isdigit() or char in "/_=<>(){}" for char in value
        ):
            return False
        said = [self.flags(fold(part)) for part in parts]
        if any(flags & NEVER and not flags & POPULAR for flags in said):
            return False
        plain = all(flags & ORDINARY or not flags & NAMED for flags in said)
        return not plain or (
            len(said) > 1 and all(flags & NAMED for flags in said) and bool(said[0] & POPULAR)
        )

    def words_of(self, name: str, folder: Path = DATA) -> list[str]:
        """Return one more list by its file's name, such as `conditions`."""
        return self._words(folder, name)

    def _words(self, folder: Path, name: str) -> list[str]:
        return gzip.decompress(self._bytes(folder / f"{name}.txt.gz")).decode().split("\n")[:-1]

    def _lists(self, folder: Path) -> dict[str, frozenset[str]]:
        sections: dict[str, set[str]] = {}
        current: set[str] = set()
        phrases = False
        for line in self._bytes(folder / "lists.txt").decode().splitlines():
            if line.startswith("["):
                name = line.strip("[] ")
                phrases = name.endswith("_phrases")
                current = sections.setdefault(name, set())
            elif line.strip() and not line.startswith("#"):
                current.update(
                    fold(word) for word in (line.strip().split("|") if phrases else line.split())
                )
        return {name: frozenset(words) for name, words in sections.items()}

    def _bytes(self, file: Path) -> bytes:
        try:
            data = file.read_bytes()
        except OSError:
            raise SettingsError(f"the masking list {file.name} is missing; reinstall") from None
        self._digest.update(hashlib.sha256(data).digest())
        return data
