"""Values bound to a statement that stands beside them: `{"sql": "… mrn = $1", "params": ["A17"]}`.

Bound values beyond the last placeholder get no name: nothing is wrapped round to the first column.
"""

# ruff: noqa: E501 - tables of names and patterns, one row a line

import re
from collections.abc import Mapping
from typing import Any

from streams.masking.fields import TEXT
from streams.masking.labels.climb import label
from streams.masking.labels.siblings import decisive
from streams.masking.labels.statements import is_statement, placeholders

_STATEMENTS = frozenset(["sql", "statement", "query", "text", "stmt", "command", "querytext", "sqltext", "sqlquery", "preparedstatement", "cypher", "cql", "hql", "jpql", "dql", "q", "operation", "script", "sqlstatement", "rawsql", "raw", "select", "procedure", "code", "expression", "template", "body", "cmd", "kql", "soql", "n1ql", "partiql", "prepared", "queryString".lower(), "source", "filter", "where", "sentence", "keyconditionexpression", "filterexpression", "conditionexpression", "updateexpression"])  # fmt: skip
_HOLDS = re.compile(r"\?|\$\d|:\w|@\w|%s|%\(|\{\w")
# A placeholder that something is compared with: a question ends in a mark of its own.
_COMPARED = re.compile(
    r"(?:[=<>~(,]|\b(?:like|ilike|in|and|between|values|contains|regexp))\s*(?:\?|\$\d|[:@]\w|%s|%\(|[#$]?\{)",
    re.IGNORECASE,
)
_NAME = re.compile(r"\w+")
_PLAIN = re.compile(r"[^a-z]")
_MIN = 6


def columns_of(value: Mapping[str, Any]) -> "Bound | None":
    """Return what an object's statement says of the values bound beside it, if it has one."""
    for key, said in value.items():
        if not isinstance(said, str) or len(said) < _MIN or not _HOLDS.search(said):
            continue
        stated = _PLAIN.sub("", key.lower()) in _STATEMENTS and _COMPARED.search(said)
        if stated or is_statement(said):
            bound = Bound(said, _aliases(value))
            if bound.any:
                return bound
    return None


def _aliases(value: Mapping[str, Any]) -> dict[str, str]:
    """Return what DynamoDB's names stand for: `{"#ln": "last_name"}`."""
    return {
        key[1:]: name
        for inner in value.values()
        if isinstance(inner, Mapping)
        for key, name in inner.items()
        if isinstance(key, str) and key.startswith("#") and isinstance(name, str)
    }


class Bound:
    """The columns of a statement's placeholders, by place and by name."""

    def __init__(self, statement: str, aliases: Mapping[str, str]) -> None:
        self.places: list[str] = []
        self.numbered: dict[int, str] = {}
        self.named: dict[str, str] = {}
        for holder, said_column in placeholders(statement):
            column = aliases.get(said_column, said_column)
            name = _NAME.search(holder)
            said = name.group() if name and holder != "%s" else ""
            if said.isdigit():
                self.numbered.setdefault(int(said), column)
            elif said and holder != "%s":
                self.named.setdefault(said.lower(), column)
                self.places.append(column)
            else:
                self.places.append(column)

    @property
    def count(self) -> int:
        """Count the values that one row binds."""
        return max(len(self.places), *self.numbered, 0)

    @property
    def any(self) -> bool:
        """Tell whether the statement has a placeholder at all."""
        return bool(self.places or self.numbered)

    def at(self, place: int) -> str:
        """Return the column of the value at a place of the list."""
        if self.numbered:
            return self.numbered.get(place + 1, "")
        return self.places[place] if place < len(self.places) else ""

    def of(self, name: str) -> str:
        """Return the column of a value by its name; a name of its own that decides wins."""
        plain = name.strip(":@$%#{}() ").lower()
        column = self.named.get(plain, "")
        if plain.isdigit():
            column = (
                self.numbered.get(int(plain), "") or self.at(int(plain) - 1) or self.at(int(plain))
            )
        if column and label((column,))[0] != TEXT:
            return column
        return decisive(plain) or column
