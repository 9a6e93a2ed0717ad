"""Statements with their truth: nothing that writes, has an effect or is two is called a plain read.

`statements.jsonl` holds a dialect (empty: the catalogue names none), a statement, and whether it is
a `read` or `not`: a write, an effect, a second statement, or what cannot be known by reading it.
"""

import json
import logging
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from sqlglot import exp

from streams.facts import codes, read
from streams.facts.fact import CODE_CHARS_MAX, CODES_MAX, SqlFacts
from streams.facts.sql import lexical, words

CASES: list[dict[str, str]] = [
    json.loads(line)
    for line in Path(__file__).with_name("statements.jsonl").read_text().splitlines()
]
NOT = [case for case in CASES if case["truth"] == "not"]
READ = [case for case in CASES if case["truth"] == "read"]
ENGINES = ("postgres", "sqlite", "mysql", "tsql", "oracle", "snowflake", "bigquery")


def told(text: str, dialect: str = "", **attributes: str) -> SqlFacts:
    """Return the facts of one statement."""
    named = {"dialect": dialect} if dialect else {}
    return read({"sql": text}, {**named, **attributes}).sql


def name(case: dict[str, str]) -> str:
    """Return a case's name for the report."""
    return f"{case['dialect'] or 'unnamed'}: {case['sql'][:40]!r}"


@pytest.mark.parametrize("case", NOT, ids=name)
def test_what_does_something_is_never_called_a_plain_read(case: dict[str, str]) -> None:
    """Not in its own dialect, and not where the catalogue names none."""
    assert "yes" != told(case["sql"], case["dialect"]).read
    if case["dialect"] in ENGINES:
        assert "yes" != told(f"{case['sql']}\n", case["dialect"]).read


@pytest.mark.parametrize("case", READ, ids=name)
def test_a_plain_read_is_called_one(case: dict[str, str]) -> None:
    """What people write every day goes through: one read, no effect, nothing unknown."""
    facts = told(case["sql"], case["dialect"])
    assert ("yes", "one", (), 0) == (
        facts.read,
        facts.statements,
        facts.effects,
        facts.functions_unknown,
    )


@pytest.mark.parametrize("dialect", ["", *ENGINES])
@pytest.mark.parametrize("text", [case["sql"] for case in READ[:40]])
@pytest.mark.parametrize("tail", ["; DELETE FROM patients", ";DROP TABLE x;--", "; SELECT 1"])
def test_a_second_statement_is_always_seen(dialect: str, text: str, tail: str) -> None:
    """Behind any read, in any dialect."""
    assert "yes" != told(f"{text}\n{tail}", dialect).read


@pytest.mark.parametrize("dialect", ["", *ENGINES])
@pytest.mark.parametrize(
    "write", ["DELETE FROM patients", "DROP TABLE patients", "UPDATE patients SET ssn = '1'"]
)
def test_a_write_is_a_no(dialect: str, write: str) -> None:
    """It is told as what it is, so that a rule can forbid it and not only ask."""
    facts = told(write, dialect)
    assert ("no", ("write",)) == (facts.read, facts.effects)
    assert "no" == told(f"SELECT 1; {write}; --", dialect).read


@pytest.mark.parametrize("dialect", ["", "sqlite", "postgres", "mysql", "tsql"])
def test_a_change_is_told_whole(dialect: str) -> None:
    """Its filter and the functions that nobody knows: a rule may let an understood one through."""
    plain = told("UPDATE visits SET ward = 'A' WHERE number = 2", dialect)
    assert ("one", ("update",), "column", 0) == (
        plain.statements,
        plain.kinds,
        plain.filter,
        plain.functions_unknown,
    )
    assert "none" == told("DELETE FROM visits", dialect).filter
    assert "constant" == told("DELETE FROM visits WHERE number = 2 OR 1 = 1", dialect).filter
    assert 1 == told("UPDATE v SET a = evil() WHERE b = 2", dialect).functions_unknown
    for tail in ("DROP TABLE x", "SHUTDOWN", "EXEC sp_who", "SELECT 1"):
        two = f"DELETE FROM v WHERE b = 2 {tail}"  # noqa: S608 - never run
        assert "one" != told(two, dialect).statements


@pytest.mark.parametrize("dialect", ["", *ENGINES])
def test_what_no_parser_may_see_is_unknown(dialect: str) -> None:
    """Control characters, strange blanks, running comments, templates, length, depth."""
    for text in (
        "SELECT 1\x00; DELETE FROM patients",
        "SELECT\xa01",
        "\ufeffSELECT 1",
        "SELECT\u20281",
        "SELECT 1 /*! DELETE FROM patients */",
        "SELECT 1 /*M! DELETE FROM patients */",
        "SELECT /*+ x */ 1",
        "SELECT 1 /* a /* b */ DELETE FROM patients -- */",
        "SELECT {{ anything }}",
        "SELECT " + "(" * 200 + "1" + ")" * 200,
        "SELECT " + "NOT " * 500 + "1",
        "SELECT 1" + " + 1" * 20_000,
        "SELECT 1" + "/**/" * 200,
    ):
        assert "unknown" == told(text, dialect).read, text[:40]


def test_a_backslash_is_known_in_sqlite_alone() -> None:
    """Elsewhere a setting of the server says whether it ends a literal."""
    text = r"SELECT 'a\' FROM patients"
    assert "yes" == told(text, "sqlite").read
    for dialect in ("", "postgres", "mysql", "tsql"):
        facts = told(text, dialect)
        assert ("unknown", True) == (facts.read, facts.settings_dependent)


# ---------------------------------------------------------------- where statements stand


@pytest.mark.parametrize(
    "params",
    [
        {"sql": ["SELECT 1", "SELECT 2"]},
        {"sql": "SELECT 1", "then": "DELETE FROM patients"},
        {"sql": "SELECT 1", "note": {"deep": ["DROP TABLE x"]}},
        {"sql": "SELECT 1", "params": ["1; x", "DELETE FROM patients"]},
        {"sql": "SELECT 1", "DELETE FROM patients": 1},
        {"query": "SELECT 1", "statement": "SELECT 1"},
        {"sql": "SELECT 1", "params": {"sql": "/*! DELETE FROM patients */"}},
        {"sql": "SELECT 1", "params": ["/*!50000 DELETE FROM patients */"]},
        {"sql": "SELECT 1", "b": "/* x */ -- y\n ; (DELETE FROM patients"},
    ],
)
def test_two_statements_are_many_wherever_they_stand(params: Any) -> None:
    """Under any name, as a key, in a list, behind comments."""
    facts = read(params, {"dialect": "sqlite"}).sql
    assert "many" == facts.statements
    assert "yes" != facts.read


@pytest.mark.parametrize(
    ("params", "beside"),
    [
        ({"sql": "SELECT 1", "limit": 10, "format": "csv", "database": "clinic"}, 0),
        ({"sql": "SELECT 1", "params": ["O'Brien; x", "%'"], "bind": {"a": "x' OR 1=1"}}, 0),
        ({"sql": "SELECT 1", "where": "1=1 UNION x"}, 1),
        ({"sql": "SELECT 1", "suffix": "; x", "tail": ["a b", "c'"]}, 3),
    ],
)
def test_a_text_beside_a_statement_is_counted(params: Any, beside: int) -> None:
    """An executor could put it into the statement; a plain word or a bound value it cannot."""
    assert beside == read(params, {"dialect": "sqlite"}).sql.beside


@pytest.mark.parametrize("params", [{}, [], None, 1, {"table": "patients"}, {"sql": 1}])
def test_no_statement_is_no_read(params: Any) -> None:
    """What names none cannot be known to read."""
    facts = read(params, {}).sql
    assert ("none", "unknown", "unknown") == (facts.statements, facts.read, facts.aggregate)


# ---------------------------------------------------------------- figures and rows


@pytest.mark.parametrize("dialect", ["", "sqlite", "postgres", "mysql"])
@pytest.mark.parametrize(
    ("text", "aggregate"),
    [
        ("SELECT count(*) FROM patients", "yes"),
        ("SELECT gender, count(*) FROM patients GROUP BY gender", "yes"),
        ("SELECT ward, avg(age), sum(cost) FROM visits WHERE year = 2024 GROUP BY ward", "yes"),
        ("SELECT count(DISTINCT ssn) FROM patients", "yes"),
        ("SELECT count(*) FROM visits v JOIN patients p ON p.mrn = v.mrn", "yes"),
        ("SELECT round(avg(age), 1) AS a FROM patients", "yes"),
        ("SELECT count(*) FROM a UNION ALL SELECT count(*) FROM b", "yes"),
        ("SELECT 1", "yes"),
        ("SELECT * FROM patients", "no"),
        ("SELECT name FROM patients", "no"),
        ("SELECT ssn, count(*) FROM patients GROUP BY ssn", "no"),
        ("SELECT count(*) FROM patients GROUP BY ssn", "no"),
        ("SELECT nickname AS gender, count(*) FROM patients GROUP BY nickname", "no"),
        (
            "SELECT gender, count(*) FROM (SELECT ssn AS gender FROM patients) t GROUP BY gender",
            "no",
        ),
        ("WITH t AS (SELECT nick AS ward FROM p) SELECT ward, count(*) FROM t GROUP BY ward", "no"),
        ("SELECT min(ssn) FROM patients", "no"),
        ("SELECT avg(patient_ssn_num) FROM patients", "no"),
        ("SELECT count(*) FROM patients WHERE note_text LIKE 'a%'", "no"),
        ("SELECT count(*) FROM patients WHERE PATIENTNAME > 'M'", "no"),
        ("SELECT max(name), count(*) FROM patients", "no"),
        ("SELECT sum(ssn) FROM patients", "no"),
        ("SELECT count(*) FROM patients WHERE ssn LIKE '1%'", "no"),
        ("SELECT sum(CASE WHEN mrn = '1' THEN 1 ELSE 0 END) FROM patients", "no"),
        ("SELECT count(*) OVER (), name FROM patients", "no"),
        ("SELECT count(*) FROM patients UNION ALL SELECT ssn FROM patients", "no"),
        ("SELECT (SELECT ssn FROM patients LIMIT 1), count(*) FROM patients", "no"),
        ("SELECT gender FROM patients", "no"),
        ("SELECT count(*), age FROM patients", "no"),
    ],
)
def test_rows_of_a_person_are_no_figures(dialect: str, text: str, aggregate: str) -> None:
    """Counts, sums and averages by coarse groups are; what shows or picks out somebody is not."""
    found = told(text, dialect).aggregate
    assert found == aggregate if aggregate == "yes" else found != "yes"


@pytest.mark.parametrize(
    ("dialect", "text", "aggregate"),
    [
        ("sqlite", "SELECT strftime('%Y', a) AS y, count(*) FROM v GROUP BY y", "yes"),
        ("sqlite", "SELECT strftime('%Y-%m', a), count(*) FROM v GROUP BY 1", "yes"),
        ("sqlite", "SELECT strftime('%Y-%m-%d %s', a) AS y, count(*) FROM v GROUP BY y", "no"),
        ("postgres", "SELECT date_trunc('month', a) AS m, count(*) FROM v GROUP BY m", "yes"),
        ("postgres", "SELECT date_trunc('second', a) AS m, count(*) FROM v GROUP BY m", "no"),
        ("postgres", "SELECT extract(year FROM a), count(*) FROM v GROUP BY 1", "yes"),
        ("postgres", "SELECT extract(epoch FROM a), count(*) FROM v GROUP BY 1", "no"),
        ("postgres", "SELECT ward, count(*) FROM v GROUP BY ROLLUP (nick)", "no"),
        ("mysql", "SELECT YEAR(a), MONTH(a), COUNT(*) FROM v GROUP BY YEAR(a), MONTH(a)", "yes"),
        ("mysql", "SELECT YEAR(birth_date), COUNT(*) FROM v GROUP BY YEAR(birth_date)", "no"),
        ("tsql", "SELECT YEAR(a), COUNT(*) FROM v GROUP BY YEAR(a)", "yes"),
        ("bigquery", "SELECT DATE_TRUNC(a, MONTH) AS m, COUNT(*) FROM v GROUP BY m", "yes"),
        ("snowflake", "SELECT DATE_TRUNC('month', a), COUNT(*) FROM v GROUP BY 1", "yes"),
    ],
)
def test_months_and_years_are_coarse(dialect: str, text: str, aggregate: str) -> None:
    """A period of time is a group; a moment picks out one."""
    found = told(text, dialect).aggregate
    assert found == aggregate if aggregate == "yes" else found != "yes"


def test_the_catalogue_may_name_coarse_columns() -> None:
    """A hospital's own groups are groups as well."""
    text = "SELECT pathway, count(*) FROM visits GROUP BY pathway"
    assert "no" == told(text, "sqlite").aggregate
    assert "yes" == told(text, "sqlite", coarse="pathway").aggregate


@pytest.mark.parametrize(
    ("text", "filters", "limit", "rows"),
    [
        ("SELECT a FROM t", "none", "none", 1_000_000_000),
        ("SELECT a FROM t WHERE 1 = 1 LIMIT 5", "constant", "number", 5),
        ("SELECT a FROM t WHERE a = a", "constant", "none", 1_000_000_000),
        ("SELECT a FROM t WHERE ward = 'A' LIMIT 7", "column", "number", 7),
        ("SELECT a FROM t WHERE mrn = '1'", "key", "none", 1_000_000_000),
        ("SELECT a FROM t WHERE mrn = ? AND ward = 'A'", "key", "none", 1_000_000_000),
        ("SELECT a FROM t WHERE mrn IN ('1', '2') LIMIT 2", "key", "number", 2),
        ("SELECT a FROM t WHERE mrn = '1' OR 1 = 1", "constant", "none", 1_000_000_000),
        *(
            (f"SELECT a FROM {rest}", "column", "none", 1_000_000_000)  # noqa: S608 - never run
            for rest in (
                "t WHERE mrn = '1' OR ward = 'A'",
                "t WHERE NOT (mrn = '1')",
                "t WHERE mrn <> '1'",
                "t WHERE mrn > ''",
                "t WHERE mrn LIKE '%'",
                "t WHERE mrn IS NOT NULL",
                "t WHERE zip = '02139'",
                "t WHERE mrn IN (SELECT mrn FROM t)",
                "t WHERE mrn IN ('1', '2', '3', '4', '5', '6')",
                "t, t AS u WHERE t.mrn = '1'",
                "t JOIN t AS u ON u.ward = t.ward WHERE t.mrn = '1'",
                "(SELECT * FROM t) x WHERE mrn = '1'",
            )
        ),
        ("SELECT a FROM t WHERE mrn = '1' UNION SELECT a FROM t", "none", "none", 1_000_000_000),
    ],
)
def test_filter_and_limit(text: str, filters: str, limit: str, rows: int) -> None:
    """The weakest filter of all arms, and the number that LIMIT says."""
    facts = told(text, "sqlite")
    assert (filters, limit, rows) == (facts.filter, facts.limit, facts.rows)


# ---------------------------------------------------------------- what leaves the room


def test_no_word_of_the_agent_s_leaves() -> None:
    """Tables and columns are told by known names alone, and nothing else is told in words."""
    text = "SELECT carolee_sanford, ssn FROM sanford_4711 WHERE note = 'Carolee Sanford'"
    facts = read(
        {"sql": text, "Carolee": "x@sanford.example", "url": "https://sanford.example"}, {}
    )
    said = facts.model_dump_json() + ",".join(codes(facts))
    assert "sanford" not in said.lower()
    assert "carolee" not in said.lower()
    assert {"other", "ssn", "note"} >= set(told(text, "sqlite").columns)
    assert ("sanford_4711",) == told(text, "sqlite", tables="sanford_4711").tables


def test_parsers_say_nothing(caplog: pytest.LogCaptureFixture, capfd: Any) -> None:
    """A parser's log and messages quote the statement; none gets out."""
    with caplog.at_level(logging.DEBUG):
        for text in (
            "EXPLAIN ANALYZE secret",
            "DO secret",
            "SELECT 'secret",
            "LOCK secret",
            "x secret",
        ):
            for dialect in ("", *ENGINES):
                told(text, dialect)
    out = capfd.readouterr()
    assert "secret" not in caplog.text + out.out + out.err


def test_facts_are_bounded() -> None:
    """However much an intent holds, its codes stay few and short."""
    columns = ", ".join(f"c{n}" for n in range(500))
    many = [f"a{n}@b.example" for n in range(900)]
    params = {"sql": f"SELECT {columns} FROM t", "to": many}  # noqa: S608 - never run
    found = codes(read(params, {"columns": " ".join(f"c{n}" for n in range(500))}))
    assert len(found) <= CODES_MAX
    assert max(map(len, found)) <= CODE_CHARS_MAX
    assert all(code.isascii() and "\n" not in code for code in found)


def test_the_lists_name_classes_of_the_pinned_parser() -> None:
    """A class that sqlglot renamed would silently be unknown: look at each new version."""
    assert "30.30.0" == version("sqlglot")
    for each in (*words.NODES, *words.FUNCTIONS):
        assert hasattr(exp, each) or each == "_TimeUnit", each


def test_marks_of_a_large_text_are_cheap() -> None:
    """What is over the limit is not looked at."""
    assert lexical.marks("x" * 10_000_000).too_large
