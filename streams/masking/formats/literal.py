"""One literal, read token by token from its first bracket to the one that closes it.

Keys and values are pieces, each with the names around it; a value without quotes, a call with numbers
(`datetime.date(1960, 3, 14)`) and a string of any quotes are values. What is written down is built as
a `Tree` at the same time.
"""

# ruff: noqa: E501 - one pattern a line reads better than a folded one

import re
from dataclasses import dataclass, field

from streams.masking.formats import dicom
from streams.masking.formats.piece import TEXT, Piece
from streams.masking.formats.tree import LiteralTree

_TOKEN = re.compile(
    r"(?P<long>\"\"\".*?(?:\"\"\"|\Z)|'''.*?(?:'''|\Z))"
    r"|\"(?P<string>(?:[^\"\\]|\\.)*)(?P<closed>\"?)|(?<![A-Za-z0-9])'(?P<single>(?:[^'\\]|\\.)*)'?|`(?P<tick>[^`]*)`?"
    r"|(?P<number>(?<![\w.])-?\d[\d.eE+\-_]*(?![\w./:]))|(?P<mark>=>|[{}\[\],:()])"
    r"|(?P<bare>[^\s{}\[\],:\"'`()=][^\s{}\[\],:\"'`()]*|=)",
    re.DOTALL,
)
_RESOURCE = re.compile(r"[\"']resourceType[\"']\s*:\s*[\"']([A-Za-z]{1,40})[\"']")
_URL = re.compile(r"\"url\"\s*:\s*\"([^\"]{1,200})\"")
_VR = re.compile(r"\{\s*\"vr\"\s*:\s*\"([A-Z]{2})\"")
_TAGGED = re.compile(
    r"\{\s{0,20}[\"'](?:\([0-9]{4},\s?[0-9A-Fa-f]{4}\)|x?00[0-9A-Fa-f]{6})[\"']\s?:"
)
_NAME = re.compile(r"[\"'][A-Za-z_]\w{1,60}[\"']\Z")
_DEPTH_MAX = 200
_CLOSES = {"}": "{", "]": "[", ")": "("}
_CONSTANTS = frozenset(["true", "false", "null", "none", "nil", "undefined", "new"])


@dataclass(slots=True)
class _Level:
    """One bracket that is open: its mark, the key it stands under, and what is known of it."""

    mark: str
    name: str
    resource: str = ""
    extension: str = ""
    start: int = 0


@dataclass(slots=True)
class Scan:
    """One literal, read from its first bracket to the one that closes it."""

    text: str
    start: int
    found: list[Piece] = field(default_factory=list)
    levels: list[_Level] = field(default_factory=list)
    key: str = ""
    bare: tuple[int, int] | None = None  # a value without quotes, while it goes on
    tree: LiteralTree = field(default_factory=LiteralTree)

    def run(self) -> int:
        """Read up to the closing bracket; return where that is."""
        for token in _TOKEN.finditer(self.text, self.start):
            mark = token.group("mark")
            if token.group("bare") and self.levels:
                self._bare(token)
                continue
            if mark and mark in "{[(":
                self._open(mark, token)
            elif mark and mark in _CLOSES:
                self._value()
                if self._close(mark) or not self.levels:
                    return token.end()
            elif mark in {":", "=>"}:
                self._name(token)
            elif mark == ",":
                self._value()
                if self.levels and self.levels[-1].mark == "{":
                    self.key = ""
            else:
                self._scalar(token)
        self._value()
        while self.levels:
            self.levels.pop()
            self.tree.close()
        return len(self.text)

    def _open(self, mark: str, token: re.Match[str]) -> None:
        if len(self.levels) >= _DEPTH_MAX:
            return
        above = self.levels[-1] if self.levels else _Level("", "")
        level = _Level(mark, self.key, above.resource, above.extension, token.start())
        if mark == "(" and self.bare is not None and self.bare[1] == token.start():
            level.start = self.bare[0]
            self.bare = None  # a call
        self._value()
        if mark == "{":
            level.resource = _resource(self.text, token.start()) or level.resource
            level.extension = _extension(self.text, token.start()) or level.extension
            if _TAGGED.match(self.text, token.start()):
                level.resource, level.extension = dicom.RESOURCE, ""
            shown = _VR.match(self.text, token.start())
            if shown and dicom.tag_of(self.key):
                level.resource, level.extension = dicom.RESOURCE, shown.group(1)
        self.levels.append(level)
        self.tree.open(level.name, keyed=mark == "{")
        self.key = "" if mark == "{" else self.key

    def _close(self, mark: str) -> bool:
        """Close a bracket, and those within that nobody closed; tell whether it was the last."""
        opener = _CLOSES[mark]
        if not any(level.mark == opener for level in self.levels):
            return False
        while self.levels:
            level = self.levels.pop()
            self.tree.close()
            self.key = level.name
            if level.mark == opener:
                break
        if not (self.levels and self.levels[-1].mark in "[("):
            self.key = ""
        return not self.levels

    def _names(self) -> tuple[str, ...]:
        return tuple(
            level.name
            for i, level in enumerate(self.levels)
            if level.name
            and not (
                i
                and level.mark != "{"
                and level.name == self.levels[i - 1].name
                and self.levels[i - 1].mark != "{"
            )
        )

    def _bare(self, token: re.Match[str]) -> None:
        """Go on with a value without quotes, or begin one."""
        if token.group() == "=":
            return
        if self.bare is None and token.group().lower() in _CONSTANTS:
            if self.key and token.group().lower() != "new":
                self.tree.put(self.key, None)
            return
        begin = self.bare[0] if self.bare is not None else token.start()
        self.bare = (begin, token.end())

    def _name(self, token: re.Match[str]) -> None:
        """Take what stands before a colon for a key, if it is one; in a bare value it is a sign."""
        if self.bare is None or not self.levels:
            return
        start, end = self.bare
        said = self.text[start:end]
        if (
            not self.key
            and " " not in said
            and self.levels[-1].mark in "{["
            and self.text[end : token.start()].strip() == ""
        ):
            self._piece(start, end, "KEY")
            self.key = said
            self.bare = None
        elif self.key:
            self.bare = (start, token.end())

    def _value(self) -> None:
        """End a value without quotes."""
        if self.bare is not None:
            start, end = self.bare
            self.bare = None
            self._piece(start, end, TEXT, bare=True)

    def _scalar(self, token: re.Match[str]) -> None:
        """Take a string or a number: a key where a colon follows, else a value."""
        group = next(
            (
                name
                for name in ("long", "string", "single", "tick", "number")
                if token.group(name) is not None
            ),
            "",
        )
        if not group or not self.levels:
            return
        start, end = token.span(group)
        if group == "long":
            start, end = (
                start + 3,
                max(start + 3, end - 3 if token.group().endswith(('"""', "'''")) else end),
            )
        if self.bare is not None and group == "number":
            self.bare = (self.bare[0], token.end())
            return
        if self.bare is not None and self.bare == (token.start() - 1, token.start()):
            self.bare = None  # a prefix: `b'...'`
        self._value()
        if self._is_key(token):
            self._piece(start, end, "KEY")
            self.key = self.text[start:end]
        elif end > start and self.levels[-1].mark == "(" and group == "number":
            self._call(start, end)
        elif end > start:
            self._piece(
                start,
                end,
                TEXT,
                bare=group == "number",
                coding=group != "number" and "\\" in self.text[start:end],
            )

    def _is_key(self, token: re.Match[str]) -> bool:
        after = self.text[token.end() : token.end() + 20].lstrip()
        level = self.levels[-1].mark
        if level == "(" and after.startswith(",") and _NAME.match(token.group()):
            return self.text[self.levels[-1].start : token.start()].strip() == "("  # a pair
        if after.startswith("=>"):
            return True
        return after.startswith(":") and level == "{" and not self.key

    def _call(self, start: int, end: int) -> None:
        """Join the numbers of a call into one value: `datetime.date(1960, 3, 14)`."""
        level, last = self.levels[-1], self.found[-1] if self.found else None
        name = self.text[level.start : level.start + 40].split("(")[0]
        dated = "date" in name.lower()
        if last is not None and last.bare and last.start > level.start:
            self.found[-1] = last._replace(end=end)
        else:
            kind = "DATE" if dated and end - start == 4 else TEXT  # noqa: PLR2004 - a year
            self._piece(start, end, kind, bare=True)

    def _piece(
        self, start: int, end: int, kind: str, *, bare: bool = False, coding: bool = False
    ) -> None:
        level = self.levels[-1]
        if kind == "KEY":
            self.tree.key()
        else:
            self.tree.put(self.key, self.text[start:end])
        names = self._names()
        if (
            kind != "KEY"
            and self.key
            and not (names and names[-1] == self.key and level.mark != "{")
        ):
            names = (*names, self.key)
        self.found.append(
            Piece(
                start,
                end,
                kind,
                names=names,
                bare=bare,
                resource=level.resource,
                extension=level.extension,
                coding="string" if coding else "",
            )
        )


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
