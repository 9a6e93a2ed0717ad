"""Names that a person, or another program, cannot tell apart.

A reviewer reads names: where `petra` may stand in a directory twice, once with a Cyrillic letter,
one is taken for the other (after Unicode TR39, section 4: skeletons). A program normalises: what a
gate takes for another thing, a file system or database may take for the same (`PROD`, `a/../prod`,
`%70rod`). So an id that an agent chose has one spelling, and whatever could be read as an entry of
the catalogue is that entry or nothing.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

# Letters that read as Latin ones: the common part of TR39's confusables, and digits like letters.
_READS_AS: Final = str.maketrans(
    "авекмнорстухѕіјԛԝһԁɡɑıαβεηικμνοπρτυχϲ01|",
    "abekmhopctyxsijqwhdgaiabenikmvonptuxcoll",
)
_UNSEEN: Final = frozenset({"Mn", "Me", "Cf"})
_PLAIN: Final = re.compile(r"[A-Za-z0-9._/-]*")
_SEPARATORS: Final = re.compile(r"[/\\]+")
_ESCAPED_MAX: Final = 4  # %252570 and so on: deeper than anybody unescapes


def folded(name: str) -> str:
    """Return a name, letter by letter, without what does not show: case, forms, marks."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(c for c in plain if unicodedata.category(c) not in _UNSEEN).translate(_READS_AS)


def skeleton(name: str) -> str:
    """Return what a name looks like: two names with the same skeleton can be taken for each other.

    Compatibility forms, marks, case and what shows as nothing do not count.
    """
    return folded(name).replace("rn", "m")


def is_plain(text: str, before: str = "") -> bool:
    """Return whether what an agent wrote behind `before` has one spelling only.

    ASCII letters, digits, `.`, `_` and `-` in segments between slashes; no segment that is empty or
    begins or ends with a dot.
    """
    if not _PLAIN.fullmatch(text):
        return False
    begun = before.rpartition("/")[2]
    first, *others = text.split("/")
    return all(_is_segment(each) for each in (begun + first, *others))


def _is_segment(text: str) -> bool:
    return bool(text) and not text.startswith(".") and not text.endswith(".")


@lru_cache(maxsize=4096)
def normal(name: str) -> str:
    """Return to what the most forgiving reader takes a name: unescaped, folded, its path walked."""
    for _ in range(_ESCAPED_MAX):
        name = unquote(name)
    walked: list[str] = []
    for segment in _SEPARATORS.split(unicodedata.normalize("NFKC", name)):
        part = "".join(folded(segment).split())
        if part == "..":
            del walked[-1:]
        elif part.strip("."):
            walked.append(part.strip("."))
    return "/".join(walked)
