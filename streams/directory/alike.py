"""Names that a person cannot tell apart (after Unicode TR39, section 4: skeletons).

A reviewer reads names. Where `petra` may stand in a directory twice, once with a Cyrillic letter,
one is taken for the other, and a rule about people counts two where people see one.
"""

import unicodedata
from typing import Final

# Letters that read as Latin ones: the common part of TR39's confusables, and digits like letters.
_READS_AS: Final = str.maketrans(
    "авекмнорстухѕіјԛԝһԁɡɑıαβεηικμνοπρτυχϲ01|",
    "abekmhopctyxsijqwhdgaiabenikmvonptuxcoll",
)


def skeleton(name: str) -> str:
    """Return what a name looks like: two names with the same skeleton can be taken for each other.

    Compatibility forms, marks, case and what shows as nothing do not count.
    """
    plain = unicodedata.normalize("NFKD", name).casefold()
    shown = (c for c in plain if unicodedata.category(c) not in {"Mn", "Me", "Cf"})
    return "".join(shown).translate(_READS_AS).replace("rn", "m")
