"""The statements of an intent, judged in the dialect of its resource.

A dialect that the catalogue does not name is not guessed: the readings of all engines must agree
that a text is one plain read. What is `no` in one reading and unknown in the others is a no.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from sqlglot import exp

from streams.facts import names
from streams.facts.fact import MANY, NO, NONE, UNKNOWN, YES, SqlFacts, bounded
from streams.facts.sql import allowed, lexical, postgres, sqlite
from streams.facts.sql.find import FoundStatement
from streams.facts.sql.judgement import EFFECT_OF, Judgement, settled
from streams.facts.sql.shape import Shape, aliases, shape

STATEMENTS_MAX: Final = 20
UNNAMED_CHARS_MAX: Final = 4_000  # of a statement that has to be read in every dialect

_NAMES: Final[Mapping[str, str]] = {
    "postgres": "postgres",
    "postgresql": "postgres",
    "sqlite": "sqlite",
    "sqlite3": "sqlite",
    "mysql": "mysql",
    "mariadb": "mysql",
    "tsql": "tsql",
    "mssql": "tsql",
    "sqlserver": "tsql",
    "oracle": "oracle",
    "snowflake": "snowflake",
    "bigquery": "bigquery",
}
_EVERY: Final = ("postgres", "sqlite", "mysql", "tsql", "oracle", "snowflake", "bigquery")


def sql_facts(found: FoundStatement, attributes: Mapping[str, str]) -> SqlFacts:
    """Return the facts of the statements found; `attributes` are the resource's."""
    if not found.texts:
        return SqlFacts(statements=NONE, beside=found.beside)
    dialect = attributes.get("dialect", "").strip().lower()
    readings = _EVERY if not dialect else (_NAMES.get(dialect, ""),)
    coarse = names.listed(attributes, "coarse")
    single = [_facts(text, readings, coarse, attributes) for text in _first(found.texts)]
    made = single[0] if len(found.texts) == 1 else _together(single)
    return made.model_copy(update={"beside": found.beside})


def _first(texts: list[str]) -> list[str]:
    """Return the statements to look into: of several, those that are read in bounded time."""
    room, kept = lexical.STATEMENT_BYTES_MAX, texts[:1]
    for text in texts[1:STATEMENTS_MAX]:
        room -= len(text)
        if room > 0:
            kept.append(text)
    return kept


def _facts(
    text: str,
    readings: tuple[str, ...],
    coarse: frozenset[str],
    attributes: Mapping[str, str],
) -> SqlFacts:
    marks = lexical.marks(text)
    flags = {
        "active_comment": marks.active_comment,
        "odd_characters": marks.odd_characters,
        "settings_dependent": marks.settings_dependent(readings),
    }
    too_long = len(readings) > 1 and len(text) > UNNAMED_CHARS_MAX
    if readings == ("",) or too_long or marks.refused(readings):
        return SqlFacts(**flags)
    every = [_Reading(text, dialect, allowed.trees(text, dialect)) for dialect in readings]
    judged = [each.judged() for each in every]
    shapes = [each.shape(coarse) for each in every]
    one = _agreed(judged)
    first = shapes[0]
    effects = {EFFECT_OF[kind] for kind in one.kinds if kind in EFFECT_OF}
    aggregate = _common([each.aggregate for each in shapes])
    return SqlFacts(
        read=one.read,
        statements=one.statements,
        aggregate=aggregate if one.read == YES else UNKNOWN,
        kinds=bounded(one.kinds),
        effects=bounded(effects),
        tables=bounded(names.told_tables(first.tables, attributes)),
        columns=_columns(first, attributes),
        functions_unknown=one.functions_unknown,
        filter=_common([each.filter for each in shapes]),
        limit=_common([each.limit for each in shapes]),
        rows=max(each.rows for each in shapes),
        **flags,
    )


def _columns(first: Shape, attributes: Mapping[str, str]) -> tuple[str, ...]:
    whole = first.columns & {"all", UNKNOWN}
    return tuple(whole) or bounded(names.told_columns(first.columns, attributes))


@dataclass(frozen=True, slots=True)
class _Reading:
    """One text in one dialect, and sqlglot's trees of it."""

    text: str
    dialect: str
    trees: list[exp.Expr] | None

    def judged(self) -> Judgement:
        """Ask the engine's own parser where there is one, else the allow-list."""
        if self.dialect == "postgres":
            return postgres.judge(self.text)
        return self._in_sqlite() if self.dialect == "sqlite" else self._listed()

    def shape(self, coarse: frozenset[str]) -> Shape:
        """Return the shape; an aggregate counts where the allow-list knows all of the text."""
        made = shape(self.trees, coarse)
        if made.aggregate == YES and self._listed().read != YES:
            return replace(made, aggregate=UNKNOWN)
        return made

    def _listed(self) -> Judgement:
        return allowed.judge(self.text, self.dialect, self.trees)

    def _in_sqlite(self) -> Judgement:
        """Ask SQLite; of what is no read, it stops at the first denial: the rest is the tree's."""
        judged = sqlite.judge(self.text, aliases(self.trees))
        if judged.read == YES:
            return judged
        listed = self._listed()
        return settled(
            judged.statements if judged.statements != UNKNOWN else listed.statements,
            judged.kinds | listed.kinds,
            known=False,
            functions_unknown=max(judged.functions_unknown, listed.functions_unknown),
        )


def _agreed(judged: list[Judgement]) -> Judgement:
    """Return what all readings agree on."""
    reads = {each.read for each in judged}
    told = reads - {UNKNOWN}
    read = YES if reads == {YES} else NO if told == {NO} else UNKNOWN
    return Judgement(
        read=read,
        statements=_common([each.statements for each in judged]),
        kinds=frozenset().union(*(each.kinds for each in judged)),
        functions_unknown=max(each.functions_unknown for each in judged),
    )


def _common(values: list[str]) -> str:
    if MANY in values:
        return MANY
    return values[0] if len(set(values)) == 1 else UNKNOWN


def _together(single: list[SqlFacts]) -> SqlFacts:
    """Return the facts of several statements: many, and no read."""

    def union(name: str) -> tuple[str, ...]:
        return bounded({word for each in single for word in getattr(each, name)})

    return SqlFacts(
        read=NO if any(each.read == NO for each in single) else UNKNOWN,
        statements=MANY,
        kinds=union("kinds"),
        effects=union("effects"),
        tables=union("tables"),
        columns=union("columns"),
        functions_unknown=sum(each.functions_unknown for each in single),
        active_comment=any(each.active_comment for each in single),
        odd_characters=any(each.odd_characters for each in single),
        settings_dependent=any(each.settings_dependent for each in single),
    )
