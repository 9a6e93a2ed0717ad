"""What a token of each kind may hide: the length, the words and the characters of such a value.

A medical record number with quotes, comment marks or sixty letters is no such number. Whoever
approves sees the token alone, so nothing may ride behind it that its kind does not hold.
"""

# ruff: noqa: RUF001 - quotation marks and dashes as people write them

import re
import unicodedata
from typing import NamedTuple

from streams.masking import normalise
from streams.masking.closed import coded
from streams.masking.vocabulary.lists import each

# Signs of code; an apostrophe counts unless letters stand on both sides, or it ends a possessive.
_CODE = re.compile(
    r"[;\\`{}<>=|$\"\x00-\x1f\x7f]|--|/\*|\*/|(?<![^\W\d_])(?<!')'|'(?![^\W\d_]|\Z|\s|')"
)
_SEPARATED = re.compile(r"\\(?:[EFHNRST]|\.br|X[0-9A-F]{2,20})\\|\"\"")  # HL7's escapes and null
_LETTERS = re.compile(r"[^\W\d_]{1,400}")
_HEX = re.compile(r"[0-9a-fA-F:\-{}]+")
_LABEL_MAX = 6
# A way through folders, an option of a command, bytes as a program writes them: nobody's value.
_MACHINERY = re.compile(r"\.\./|(?:\A|\s)[~/]/?\w|(?:\A|\s)--?[A-Za-z][\w/]|\A0[xX][0-9A-Fa-f]{4}")
# A text that begins so, and goes on, is an order. Verbs that are names too are not here.
_ORDERS = each("""
    delete drop truncate remove erase wipe disable enable shutdown stop restart reboot send export
    transfer ignore approve copy move rename overwrite execute run kill purge destroy forward
    supprimer supprime supprimez effacer efface effacez exporter exporte exportez envoyer envoie
    envoyez ignorer ignorez détruire détruis détruisez approuver approuvez
    lösche löschen löscht entferne entfernen exportiere exportieren sende senden schicke überweise
    überschreibe ignoriere genehmige vernichte
    borrar borra borre eliminar elimina elimine exportar exporta enviar envía envia ignorar ignora
    aprobar aprueba destruir destruye transferir
    cancella cancellare eliminare esporta esportare invia inviare ignorare approva distruggi
    apagar apague excluir exclua exporte aprovar aprove
    verwijder verwijderen exporteer verstuur negeer vernietig
    usuń skasuj wyślij eksportuj zignoruj radera skicka exportera slet
    удалить удали удалите стереть сотри отправить отправь игнорируй
""")
# A condition that a database reads: whatever it stands behind, it makes it hold or not.
_LOGIC = re.compile(
    r"\b(?:or|and|xor|where|having)[\s(]+(?:not[\s(]+)?(?:true|false|exists|select)\b"
    r"|\bx?or[\s(]+not\b|\bis\s+(?:not\s+)?null\b|\bi?like\s+[%_]",
    re.IGNORECASE,
)
_LOGIC_OF_NUMBERS = re.compile(r"\b(?:or|and|xor)[\s(+-]+\d{1,3}\s*\Z", re.IGNORECASE)
_SPOKEN = each("""
    zero oh o one two three four five six seven eight nine ten double triple dash hyphen dot point
    ext extension x and or at no nr number
""")


# Two of these make a sentence, not a name; particles of names are none of them.
_JOINING = each("""
    the to and for from with then this that these all every please into onto by at on in is are was
    be not or if when who which their his her its as it so but
""")


class Grammar(NamedTuple):
    """One kind's bounds; a `pattern` says all where it is given."""

    chars: int
    words: int = 1
    letters: int = 24  # in one run
    signs: str = ""
    pattern: re.Pattern[str] | None = None
    total: int = 24  # letters in all, of a number that is one group
    joining: int = 99  # words that join a sentence


_NUMBER = Grammar(48, 24, 12, "-./#:()+_*^,&'’–·@")
_OPAQUE = _NUMBER._replace(chars=140, letters=40, total=100)
_PLACE = Grammar(160, 16, 24, "-./#:()+_*^,&'’–·@°%!?", joining=3)
_NAME = Grammar(120, 10, 24, "-.,'’()_/&^*‐–+@!?:·", joining=1)
_CODES = ("MRN", "SSN", "ACCOUNT", "MEMBER_ID", "LICENSE", "VEHICLE", "CARD", "ZIP", "POSTCODE")
GRAMMARS = {
    **dict.fromkeys(_CODES, _NUMBER),
    **dict.fromkeys(("BIOMETRIC", "DEVICE", "ID"), _OPAQUE),
    **dict.fromkeys(("PHONE", "FAX"), _NUMBER._replace(words=16)),
    **dict.fromkeys(("ADDRESS", "LOCATION", "FACILITY"), _PLACE),
    "CONDITION": _PLACE._replace(chars=240, words=36, joining=99),
    "PERSON": _NAME,
    "USER": Grammar(128, 4, 40, "-._+@'#"),
    "DATE": Grammar(80, 14, 16, "-./:,'’()+–^"),
    "AGE": Grammar(60, 10, 16, "-./,+'’()"),
    "EMAIL": Grammar(254, 12, 40, "-._+%@()[]&'’!#*/?^~:"),
    "URL": Grammar(400, 1, 80, pattern=re.compile(r"[\w\-.~:/?#\[\]@!&()*+,%=]{1,400}")),
    "IP": Grammar(64, 1, pattern=re.compile(r"[0-9A-Fa-fx.:/%]{1,64}")),
    "SECRET": Grammar(4096, 2, pattern=re.compile(r"(?:\w{1,20} )?[\w\-.=+/~!@#%^&*:?]{1,4096}")),
    "PHOTO": Grammar(255, 12, 80, "-._/~:%()+@,"),
    "TERM": Grammar(80, 1, 60, "-.,'’/_&"),
    "ENCODED": Grammar(100_000, 1, pattern=re.compile(r"[\w+/=\-\\]*")),
}  # fmt: skip
_PADDED = frozenset({"ID", "ACCOUNT", "DEVICE", "BIOMETRIC"})  # opaque ids may be base64
_WRITTEN = frozenset({"URL", "ENCODED", "SECRET"})  # signs are a part of how these are written
_OTHER = Grammar(200, 30, 40, "-._/~:%()+@,#&'’!?*^–°")


def fits(kind: str, value: str) -> bool:
    """Tell whether a value is one that a token of this kind may hide."""
    said = value if kind in _WRITTEN else _read(_SEPARATED.sub("", value))
    grammar = GRAMMARS.get(kind, _OTHER)
    if len(value) > 4 * grammar.chars or len(said) > grammar.chars:
        return False
    if grammar.pattern is not None:
        return grammar.pattern.fullmatch(said) is not None
    if kind in _PADDED:
        said = said.rstrip("=")
    if _acts(said):
        return False
    if grammar is GRAMMARS.get(kind) and grammar in _NUMBERS and not _numbered(said, grammar.total):
        return False
    if sum(word in _JOINING for word in said.lower().split()) > grammar.joining:
        return False
    runs = [len(run) for run in _LETTERS.findall(said)]
    return (
        len(said.split()) <= grammar.words
        and all(run <= grammar.letters for run in runs)
        and all(char.isalnum() or char.isspace() or char in grammar.signs for char in said)
    )


def _acts(said: str) -> bool:
    """Tell whether a text does something where it is put: code, a path, an order, a condition."""
    signs = _CODE.search(said) or _MACHINERY.search(said) or _LOGIC.search(said)
    return signs is not None or _orders(said) or coded(said)


def _orders(said: str) -> bool:
    """Tell whether a text begins as an order does, and goes on."""
    first, _, rest = said.strip().partition(" ")
    return bool(rest) and first.lower() in _ORDERS


_NUMBERS = {GRAMMARS["MRN"], GRAMMARS["ID"], GRAMMARS["PHONE"]}


def _numbered(said: str, letters_max: int) -> bool:
    """Tell whether the groups of a number are such: figures, a short prefix, spoken figures."""
    groups = said.split()
    if _LOGIC_OF_NUMBERS.search(said):
        return False
    if len(groups) == 1:
        return sum(map(str.isalpha, said)) <= letters_max or bool(_HEX.fullmatch(said))
    return all(
        len(group) <= _LABEL_MAX or any(map(str.isdigit, group))
        or set(re.split(r"\W+", group.lower().strip(",.-#:"))) <= _SPOKEN
        for group in groups
    )  # fmt: skip


def _read(value: str) -> str:
    """Return a value as it reads: encodings undone, what has no width left out."""
    if value.isascii() and "%" not in value and "&" not in value and "\\" not in value:
        return value
    text = normalise.view(value).text
    return "".join(
        char for char in text if unicodedata.category(char) not in {"Cf", "Mn", "Mc", "Me"}
    )
