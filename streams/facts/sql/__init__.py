"""What a statement states: one plain read, or not, or cannot tell.

    find.py       the statements among parameters         lexical.py    refusals before any parser
    judge.py      which reading, by dialect                judgement.py  what a reading says
    postgres.py   PostgreSQL's own parser                  sqlite.py     SQLite's own compiler
    allowed.py    an allow-list over sqlglot               words.py      its lists
    functions.py  the engines' functions without effect
    shape.py      tables, columns, filter, limit           aggregate.py  figures, or rows

A parser that is not the engine's is never asked whether a statement is harmless, only whether all
of it is known to be. What no list knows is `unknown`.
"""
