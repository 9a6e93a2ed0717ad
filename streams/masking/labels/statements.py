"""What column each literal and each placeholder of a statement stands for.

A literal has the column that it is compared with, assigned to or inserted into; a placeholder the
same. This is read off the tokens in one pass, in every dialect alike, because a parser would have
to know the dialect, would fail on a cut statement, and would cost more than all the rest.
"""

# ruff: noqa: E501 - tables of names and patterns, one row a line

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from streams.masking.fields import KEEP, TEXT, kind_of
from streams.masking.labels.lexing import HOLDER, MARK, NUMBER, QUOTED, STRING, WORD, Token, tokens
from streams.masking.vocabulary.lists import each

_VERB = re.compile(
    r"\A\s*+(?:--[^\n]*+\n\s*+|/\*(?:[^*]|\*(?!/))*+\*/\s*+|\(\s*+)*+(?:select|with|insert|update|delete|merge|replace|upsert|call|exec(?:ute)?|copy|explain|declare|begin|from|create|alter|truncate|values|set|grant|prepare|do|match)\b(?!\s*:)",
    re.IGNORECASE,
)
_OPERATORS = each(
    """= <> != < > <= >= <=> == @> <@ ~ ~* !~ !~* ~~ ~~* !~~ !~~* => := like ilike rlike regexp glob in
    between is against similar contains has startswith endswith matches soundslike"""
)
_BOUNDS = each(
    """where set from join on having group order limit offset returning union except intersect when
    then else end select values using window fetch qualify top into conflict do update insert delete
    and or xor case over partition by ;"""
)
_NOISE = each(
    """not null true false distinct all any some as to asc desc nulls first last inner outer left
    right full cross natural lateral exists escape collate binary ignore unknown table only
    materialized recursive cast text varchar nvarchar char integer int bigint date timestamp
    numeric decimal current_date current_timestamp now default output inserted deleted"""
)
_MATCHING = each(
    """starts_with startswith ends_with endswith contains position instr locate strpos charindex
    patindex regexp_like regexp_matches regexp_match regexp_count regexp_contains similarity
    word_similarity levenshtein difference match_phrase match_query json_contains array_contains
    has_token like glob find_in_set matchphrase contains_substr search containstable freetext
    dlevenshtein jaro_winkler_similarity edit_distance"""
)
_ARROWS = frozenset(["->", "->>", "#>", "#>>"])
_JSON = re.compile(r"\$(?:\.|\[).*|\{[\w,]+\}")
_SET = re.compile(r"\s{0,20}(?:[A-Za-z]{1,40}(?:\(\d+\))?\s{0,20})?:?=")
_LENGTH_MAX = 32_000
_DEPTH_MAX = 200


class ColumnSlot(NamedTuple):
    """A literal or placeholder, its place, what it says, and the column it stands for."""

    kind: str
    said: str
    start: int
    end: int
    column: str


@dataclass(slots=True)
class _Frame:
    """One level of brackets: what is compared, what is listed, what waits for a column."""

    function: str = ""
    names: list[str] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    place: int | None = None
    column: str = ""
    bound: str = ""
    inherited: str = ""
    between: bool = False


def is_statement(text: str) -> bool:
    """Tell whether a text begins as a statement does; what follows is not looked at."""
    return len(text) <= _LENGTH_MAX and bool(_VERB.match(text))


def slots(text: str) -> list[ColumnSlot]:
    """Return the literals and placeholders of a statement in order, each with its column."""
    if len(text) > _LENGTH_MAX:
        return []
    walk = _Walk(text)
    for token in tokens(text):
        walk.take(token)
    walk.close_all()
    return _with_inner(walk.found)


def _with_inner(found: list[ColumnSlot]) -> list[ColumnSlot]:
    """Give the arguments of a statement within a string the columns that it says."""
    columns: dict[str, str] = {}
    for slot in found:
        if slot.kind == STRING and "@" in slot.said and is_statement(slot.said):
            columns |= {holder.lstrip("@"): column for holder, column in placeholders(slot.said)}
    if not columns:
        return found
    return [slot._replace(column=columns.get(slot.column, slot.column)) for slot in found]


class _Walk:
    """One pass over the tokens of a statement."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.found: list[ColumnSlot] = []
        self.frames = [_Frame()]
        self.insert: list[str] = []  # the columns of the INSERT at hand
        self.tuples: list[str] = []  # the columns of a row on the left of an operator
        self.unnamed: list[tuple[int, int]] = []  # slots of VALUES whose columns come later
        self.last = Token(MARK, "", 0, 0)
        self.verb = ""
        self.lost = 0

    def take(self, token: Token) -> None:
        """Take one token."""
        low = token.said.lower() if token.kind in {WORD, MARK} else ""
        if token.kind == MARK:
            self._mark(low)
        elif token.kind == WORD:
            self._word(token, low)
        elif token.kind == QUOTED and not self._is_literal():
            self._name(token.said)
        elif token.kind == HOLDER and token.said[0] == "@" and self._is_set(token):
            self._name(token.said[1:])
        elif token.kind == STRING and (self.last.said in _ARROWS or _JSON.fullmatch(token.said)):
            self._name(token.said.strip("${}").replace(",", "."))
        elif not (token.kind == NUMBER and self.last.said in _ARROWS):  # a place in a JSON list
            self._slot(token)
        self.last = token

    def close_all(self) -> None:
        """End the statement: what still waits takes the one column of its level."""
        for frame in self.frames:
            self._settle(frame)

    @property
    def frame(self) -> _Frame:
        return self.frames[-1]

    def _mark(self, mark: str) -> None:
        frame = self.frame
        if mark == "(":
            self._open()
        elif mark == ")":
            self._close()
        elif mark == ",":
            frame.bound = frame.inherited
            frame.column = ""
            if frame.function not in _MATCHING:
                frame.waiting = []
            if frame.place is not None:
                frame.place += 1
        elif mark == ";":
            self.frames, self.insert, self.tuples, self.verb = [_Frame()], [], [], ""
        elif mark in _OPERATORS:
            self._operator()

    def _open(self) -> None:
        if self.lost or len(self.frames) >= _DEPTH_MAX:
            self.lost += 1
            return
        above = self.frame
        before = self.last.said.lower() if self.last.kind == WORD else ""
        function = "" if before in _BOUNDS or before in _NOISE or before in _OPERATORS else before
        frame = _Frame(function=function, bound=above.bound, inherited=above.bound)
        if self.verb == "values" or before == "values":
            frame.columns, frame.place = self.insert, 0
        elif self.tuples and not function and (above.bound or above.columns):
            frame.columns, frame.place = self.tuples, 0
        self.frames.append(frame)

    def _close(self) -> None:
        if self.lost:
            self.lost -= 1
            return
        if len(self.frames) == 1:
            return
        frame = self.frames.pop()
        self._settle(frame)
        above = self.frame
        best = _best(frame.names)
        if self.verb == "insert" and len(self.frames) == 1 and not self.insert:
            self.insert = frame.names
        elif self.verb == "values" and self.unnamed and frame.names and not frame.waiting:
            self._name_later(frame.names)
        if best and not above.bound:
            above.column = best
            above.names.append(best)
        self.tuples = frame.names if len(frame.names) > 1 and not frame.function else self.tuples

    def _operator(self) -> None:
        frame = self.frame
        frame.between = False
        if frame.waiting and not frame.column:  # `'Young' = last_name`: the column comes yet
            return
        frame.bound = frame.column or frame.bound

    def _word(self, token: Token, low: str) -> None:
        frame = self.frame
        if low == "and" and frame.between:
            frame.between = False
        elif low in _OPERATORS and not (self.last.said == "." or (low in {"contains", "has"} and not frame.column)):  # fmt: skip
            if low == "in" and frame.function in _MATCHING:
                return
            self._operator()
            frame.between = low == "between"
        elif low in _BOUNDS and self.last.said != ".":
            self._clause(low)
        elif low == "interval":
            frame.bound = ""
        elif low == "as":
            frame.column = ""
        elif low not in _NOISE or self.last.said == ".":
            if self.last.said.lower() == "as" and frame.function in {"cast", "try_cast", "convert"}:
                return
            self._name(token.said)

    def _clause(self, low: str) -> None:
        frame = self.frame
        if frame.waiting and low in {"and", "or"}:
            self._settle(frame)
        frame.bound, frame.waiting = "", []
        if low in {"insert", "update", "delete"} and len(self.frames) == 1:
            self.verb, self.insert = low, []
        elif low == "into" and len(self.frames) == 1:
            self.verb, self.insert = "insert", []
        elif low == "values":
            self.verb, self.unnamed = "values", []
        elif low in {"select", "where", "from", "set", "on"}:
            if low == "select" and self.insert and len(self.frames) == 1:
                frame.columns, frame.place = self.insert, 0
            elif low in {"from", "where", "set"}:
                frame.place = None
            self.verb = low if self.verb in {"values", "select"} else self.verb
        frame.column = ""
        self.tuples = []

    def _name(self, said: str) -> None:
        frame = self.frame
        alias = self.last.said.lower() == "as" and frame.waiting
        if self.last.said == "." and frame.names:
            frame.names[-1] = said
        else:
            frame.names.append(said)
        frame.column = said
        if alias or (frame.waiting and frame.function not in _MATCHING and not frame.bound):
            for index in frame.waiting:
                self._give(index, said)
            frame.waiting = []

    def _slot(self, token: Token) -> None:
        frame = self.frame
        column = frame.bound
        if frame.place is not None and frame.place < len(frame.columns):
            column = frame.columns[frame.place]
        self.found.append(ColumnSlot(token.kind, token.said, token.start, token.end, column))
        if not column:
            frame.waiting.append(len(self.found) - 1)
            if frame.place is not None:
                self.unnamed.append((len(self.found) - 1, frame.place))
            if frame.function in _MATCHING and (best := _best(frame.names)):
                self._give(len(self.found) - 1, best)

    def _settle(self, frame: _Frame) -> None:
        """Give what waits in a matching function the column that stands beside it."""
        best = _best(frame.names) if frame.function in _MATCHING else ""
        for index in frame.waiting if best else ():
            self._give(index, best)

    def _name_later(self, names: list[str]) -> None:
        """Name the slots of VALUES by the list behind them: `VALUES (?, ?) AS s (mrn, name)`."""
        for index, place in self.unnamed:
            if place < len(names):
                self._give(index, names[place])
        self.unnamed = []

    def _give(self, index: int, column: str) -> None:
        if not self.found[index].column:
            self.found[index] = self.found[index]._replace(column=column)

    def _is_set(self, token: Token) -> bool:
        """Tell a variable or an argument that is given a value from one that is a value."""
        return not self.frame.bound and bool(_SET.match(self.text, token.end))

    def _is_literal(self) -> bool:
        """Tell whether a thing in double quotes is a string, as MySQL has it."""
        frame = self.frame
        return (bool(frame.bound) and self.last.said != ".") or (
            frame.place is not None and bool(frame.columns)
        )


def _best(names: list[str]) -> str:
    """Return the name that decides among those of one bracket; else the last."""
    sure = (name for name in names if kind_of(name) not in {TEXT, KEEP})
    return next(sure, names[-1] if names else "")


def placeholders(text: str) -> Iterator[tuple[str, str]]:
    """Yield each placeholder of a statement with its column, in order."""
    for slot in slots(text):
        if slot.kind == HOLDER:
            yield slot.said, slot.column


__all__ = ["HOLDER", "NUMBER", "ColumnSlot", "is_statement", "placeholders", "slots"]
