"""JSON inside a string: read token by token, so that a damaged or cut document is masked too."""

import re

from streams.masking.formats.piece import TEXT, Piece

_TOKEN = re.compile(
    r"\"(?P<string>(?:[^\"\\]|\\.)*)(?P<closed>\"?)|(?P<number>-?\d[\d.eE+\-]*)|(?P<mark>[{}\[\],:])",
    re.DOTALL,
)
_OPEN = re.compile(r"\A\s*+(?:\{\s*(?:\"|\}|\Z)|\[\s*(?:[{\[\"\]]|-?\d))")
_RESOURCE = re.compile(r"\"resourceType\"\s*:\s*\"([A-Za-z]{1,40})\"")
_URL = re.compile(r"\"url\"\s*:\s*\"([^\"]{1,200})\"")
_DEPTH_MAX = 200


def split(text: str) -> list[Piece] | None:
    """Cut JSON into its keys, strings and numbers, each with the names around it."""
    if not _OPEN.match(text) or ('"' not in text and "<" in text):
        return None
    found: list[Piece] = []
    names: list[str] = []
    kinds: list[str] = []
    resources: list[str] = [""]
    extensions: list[str] = [""]
    key = ""
    for token in _TOKEN.finditer(text):
        mark = token.group("mark")
        if mark in {"{", "["} and len(kinds) < _DEPTH_MAX:
            kinds.append(mark)
            names.append(key if mark == "{" or key else "")
            resources.append(
                _resource(text, token.start()) or resources[-1] if mark == "{" else resources[-1]
            )
            extensions.append(
                _extension(text, token.start()) or extensions[-1] if mark == "{" else extensions[-1]
            )
            key = key if mark == "[" else ""
        elif mark in {"}", "]"} and kinds:
            kinds.pop()
            key = names.pop()
            resources.pop()
            extensions.pop()
            if not (kinds and kinds[-1] == "["):
                key = ""
        elif mark is None:
            key = _scalar(text, token, key, names, kinds, (resources[-1], extensions[-1]), found)
        elif mark == "," and kinds and kinds[-1] == "{":
            key = ""
    return found


def _scalar(  # noqa: PLR0913, PLR0917 - the state of one step
    text: str,
    token: re.Match[str],
    key: str,
    names: list[str],
    kinds: list[str],
    around_it: tuple[str, str],
    found: list[Piece],
) -> str:
    resource, extension = around_it
    group = "string" if token.group("string") is not None else "number"
    start, end = token.span(group)
    after = text[token.end() : token.end() + 20].lstrip()
    around = tuple(name for name in names if name)
    if group == "string" and after.startswith(":") and kinds and kinds[-1] == "{" and not key:
        found.append(Piece(start, end, "KEY", names=around, resource=resource))
        return token.group("string")
    own = (
        (*around, key)
        if key and not (around and around[-1] == key and kinds and kinds[-1] == "[")
        else around
    )
    if end > start:
        bare = group == "number"
        found.append(
            Piece(start, end, TEXT, names=own, bare=bare, resource=resource, extension=extension)
        )
    return key


def _extension(text: str, start: int) -> str:
    """Return the URL of a FHIR extension that opens here, wherever in the object it stands."""
    said = _URL.search(text, start, start + 400)
    between = text[start + 1 : said.start()] if said else "{"
    return said.group(1) if said and between.count("{") == between.count("}") else ""


def _resource(text: str, start: int) -> str:
    """Return the type of a FHIR resource that opens here."""
    said = _RESOURCE.search(text, start, start + 200)
    if not said:
        return ""
    inner = text[start + 1 : said.start()]
    return said.group(1) if "{" not in inner else ""
