"""Statements that try to be taken for a plain read: made of real ones, by a seed.

A plain read is broken open at a blank, and pieces go in: openers and closers of literals and
comments of all dialects, second statements, writes in odd places, functions with effects, words
that some parsers drop. Most of it is no SQL at all; what an engine runs of it is the point.
"""

from collections.abc import Iterator
from random import Random  # noqa: TID251 - a seed that reproduces

READS = (
    "SELECT 1",
    "SELECT name FROM patients",
    "SELECT count(*) FROM patients WHERE age > 5",
    "SELECT p.name , p.age FROM patients p WHERE p.ward = 'A' ORDER BY p.age LIMIT 3",
    "SELECT ward , avg(age) FROM patients GROUP BY ward HAVING count(*) > 0",
    "WITH w AS ( SELECT * FROM patients ) SELECT * FROM w",
    "SELECT name FROM patients UNION ALL SELECT ward FROM patients",
    "SELECT CASE WHEN age > 5 THEN 'old' ELSE 'young' END FROM patients",
    "SELECT ( SELECT max(age) FROM patients ) AS oldest",
    "SELECT * FROM patients WHERE name IN ( 'a' , 'b' ) AND age IS NOT NULL",
)
OPENERS = (
    *(
        "'",
        '"',
        "`",
        "[",
        "]",
        "$$",
        "$a$",
        "E'",
        "U&'",
        "N'",
        "B'",
        "X'",
        "q'[",
        "]'",
        "q'!",
        "!'",
    ),
    *(
        "\\",
        "\\'",
        "''",
        '""',
        "``",
        "--",
        "-- ",
        "--\n",
        "#",
        "# ",
        "#\n",
        "//",
        "/*",
        "*/",
        "/**/",
    ),
    *(
        "/*!",
        "/*!50000",
        "/*M!",
        "/*+",
        "*/ /*",
        ";",
        ";;",
        "; --",
        "\n",
        "\r",
        "\t",
        "\x0b",
        "(",
        ")",
    ),
    *(
        "{",
        "}",
        ",",
        ".",
        "@",
        "@@",
        ":",
        "::",
        ":=",
        "?",
        "%",
        "\xa0",
        "\u2028",
        "|",
        "||",
        "->",
        "%s",
    ),
)
WRITES = (
    *("DELETE FROM patients", "DELETE FROM patients WHERE 1=1", "DROP TABLE spare"),
    *("UPDATE patients SET age = 0", "INSERT INTO patients (name) VALUES ('x')"),
    *("TRUNCATE TABLE spare", "CREATE TABLE made (a int)", "INTO made", "INTO @x", "FOR UPDATE"),
    *("FOR SHARE", "LOCK IN SHARE MODE", "INTO OUTFILE '/tmp/phigate-fuzz'", "COMMIT", "BEGIN"),
    *("SELECT * INTO made2 FROM patients", "WITH d AS ( DELETE FROM patients RETURNING 1 )"),
    *("( WITH d AS ( DELETE FROM patients RETURNING 1 ) SELECT 1 )", "RETURNING 1", "SET x = 1"),
    *(
        "CALL wipe()",
        "EXECUTE q",
        "PRAGMA user_version = 7",
        "PRAGMA writable_schema = 1",
        "VACUUM",
    ),
    *(
        "ATTACH ':memory:' AS y",
        "SAVEPOINT a",
        "REINDEX",
        "ANALYZE",
        "REPLACE INTO patients VALUES (1)",
    ),
    *("DO 1", "LISTEN c", "NOTIFY c", "GRANT ALL ON patients TO PUBLIC", "SHUTDOWN IMMEDIATELY"),
)
FUNCTIONS = (
    *(
        "wipe()",
        "public.wipe()",
        "nextval('s')",
        "setval('s', 9)",
        "pg_notify('c', 'x')",
        "lo_creat(1)",
    ),
    *(
        "pg_advisory_lock(7)",
        "set_config('x.y', 'z', false)",
        "query_to_xml('DELETE FROM patients', true, true, '')",
    ),
    *(
        "txid_current()",
        "lastval()",
        "SLEEP(0.01)",
        "GET_LOCK('a', 0)",
        "NEXTVAL(s)",
        "LAST_INSERT_ID(9)",
    ),
    *(
        "@a := 5",
        "@a",
        "BENCHMARK(2, 1)",
        "load_extension('x')",
        "changes()",
        "random()",
        "lower('A')",
    ),
    *(
        "count(*)",
        "(patients).wipe2",
        "p.wipe2",
        "patients",
        "RELEASE_ALL_LOCKS()",
        "pg_sleep(0.001)",
    ),
)
WORDS = (
    "OR 1=1",
    "AND",
    "UNION",
    "SELECT",
    "FROM",
    "AS",
    "x",
    "END",
    "ALL",
    "NULL",
    "LATERAL",
    "ONLY",
    "*",
)
_PIECES = (OPENERS, OPENERS, WRITES, WRITES, FUNCTIONS, WORDS, READS)


def statements(seed: int, count: int) -> Iterator[str]:
    """Yield so many statements; the same seed gives the same."""
    dice = Random(seed)  # noqa: S311 - a seed that reproduces, not a secret
    for _ in range(count):
        yield _one(dice)


def _one(dice: Random) -> str:
    words = dice.choice(READS).split(" ")
    for _ in range(dice.randint(1, 4)):
        piece = dice.choice(dice.choice(_PIECES))
        place = dice.randint(0, len(words))
        if dice.random() < 0.25 and place < len(words):
            words[place] = piece
        elif dice.random() < 0.2 and place < len(words):
            words[place] += piece
        else:
            words.insert(place, piece)
    return " ".join(words)
