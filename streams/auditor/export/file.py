"""The audit for other tools: OCSF as JSON lines, CSV, Parquet. One row an entry, without text.

CSV and Parquet have the columns of `facts.Fact`, and `at` beside them for people. What a
spreadsheet would take for a formula, in a cell of CSV or behind a separator in it, gets an
apostrophe before it. Parquet needs the extra `phigate[parquet]` (DuckDB); it is written from the
same rows with their types, under zstd.
"""

import csv
import json
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any, Final, TextIO

from streams.auditor.ask.facts import Fact
from streams.auditor.export.ocsf import event_of
from streams.extras import need
from streams.files import beside, may_write
from streams.times import iso

FORMATS: Final = ("raw", "ocsf", "csv", "parquet")
_NUMBERS: Final = frozenset(each.name for each in fields(Fact) if each.type in {int, int | None})
COLUMNS: Final = ("at", *(each.name for each in fields(Fact)))
# What a spreadsheet takes for the beginning of a formula, full-width and small forms with it: at
# the beginning of a cell, or behind what some country's spreadsheet takes for the end of one.
_SIGNS: Final = (
    "=+\\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b"
    "\u207c\u207a\u207b\u208c\u208a\u208b\u2212"
)
_UNSEEN: Final = "\x00\xad\u200b-\u200f\u2060-\u2064\ufeff"  # a reader may drop them
_FORMULA: Final = re.compile(rf"(^|[;|\t\r\n])(?=(?:[^\S\t\r\n]|[{_UNSEEN}])*[{_SIGNS}]|\t|\r)")


def to_file(path: Path, facts: Iterable[Fact], form: str, *, force: bool = False) -> int:
    """Write facts to a file, whole or not at all, and return how many.

    Raises OperatorError where the file is there already (unless `force`), cannot be written, or
    Parquet's extra is not installed.
    """
    may_write(path, force=force)
    writers: dict[str, Callable[[Path, Iterable[Fact]], int]] = {
        "ocsf": _ocsf,
        "csv": _csv,
        "parquet": _parquet,
    }
    with beside(path) as part:
        return writers[form](part, facts)


@contextmanager
def _written(path: Path) -> Iterator[TextIO]:
    with path.open("w", encoding="utf-8", newline="") as file:
        yield file


def _ocsf(path: Path, facts: Iterable[Fact]) -> int:
    count = 0
    with _written(path) as file:
        for count, fact in enumerate(facts, 1):  # noqa: B007 - the last one is the count
            file.write(line_of(fact) + "\n")
    return count


def line_of(fact: Fact, topic: str = "audit") -> str:
    """Return one entry as an OCSF event in one line of JSON, always spelt the same."""
    return json.dumps(event_of(fact, topic), ensure_ascii=False, separators=(",", ":"))


def _csv(path: Path, facts: Iterable[Fact]) -> int:
    return _rows(path, facts, _shown)


def _rows(path: Path, facts: Iterable[Fact], cell: Callable[[Any], Any]) -> int:
    count = 0
    with _written(path) as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(COLUMNS)
        for count, fact in enumerate(facts, 1):  # noqa: B007 - the last one is the count
            values = (getattr(fact, name) for name in COLUMNS[1:])
            writer.writerow([iso(fact.when_ms), *map(cell, values)])
    return count


def _shown(value: Any) -> Any:
    """Return a cell that no spreadsheet runs."""
    return _FORMULA.sub(r"\1'", value) if isinstance(value, str) else value


def _parquet(path: Path, facts: Iterable[Fact]) -> int:
    need("parquet")
    import duckdb  # noqa: PLC0415 - an extra: most never need it

    types = {name: "BIGINT" if name in _NUMBERS else "VARCHAR" for name in COLUMNS}
    types["at"] = "TIMESTAMP"
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".phigate-") as folder:
        rows = Path(folder) / "rows.csv"
        count = _rows(rows, facts, lambda value: value)
        offline = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
        with duckdb.connect(config=offline) as db:
            found = db.read_csv(str(rows), header=True, dtype=types, na_values="", quotechar='"')
            found.write_parquet(str(path), compression="zstd")
    return count
