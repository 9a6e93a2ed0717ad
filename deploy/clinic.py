"""The demonstration's executor: a clinic's database, and the five things that may be done to it.

    phigate executor run clinic:app

The database is the executor's alone: no agent can reach it. `PHIGATE_CLINIC` names its folder.
"""

import csv
import json
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from streams.executor import ActionRequest, Done, Executor
from streams.settings import load_settings

FOLDER = Path(os.environ.get("PHIGATE_CLINIC", "."))
DATABASE = FOLDER / "clinic.sqlite3"
SOURCE = Path(__file__).parent / "demo_data" / "clinic.ndjson"

SCHEMA = """
CREATE TABLE patients (mrn TEXT PRIMARY KEY, name TEXT, birth_date TEXT, gender TEXT, ssn TEXT,
                       phone TEXT, city TEXT);
CREATE TABLE conditions (mrn TEXT, name TEXT, since TEXT);
CREATE TABLE staff (name TEXT, email TEXT PRIMARY KEY);
CREATE TABLE messages (grant_id TEXT, recipient TEXT, text TEXT, UNIQUE (grant_id, recipient));
CREATE TABLE roles (grant_id TEXT UNIQUE, account TEXT, role TEXT);
"""


def load(database: Path = DATABASE) -> dict[str, int]:
    """Make the database from the FHIR resources and return how many rows each table got."""
    database.unlink(missing_ok=True)
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.executescript(SCHEMA)
        for line in SOURCE.read_text().splitlines():
            for table, row in _rows(json.loads(line)):
                marks = ",".join("?" * len(row))
                connection.execute(f"INSERT INTO {table} VALUES ({marks})", row)  # noqa: S608 - our own names
        tables = ("patients", "conditions", "staff")
        count = "SELECT count(*) FROM "
        return {name: connection.execute(count + name).fetchone()[0] for name in tables}


def _rows(resource: dict[str, Any]) -> Iterator[tuple[str, tuple[Any, ...]]]:
    kind = resource["resourceType"]
    if kind == "Patient":
        numbers = {i.get("type", {}).get("text"): i["value"] for i in resource["identifier"]}
        yield (
            "patients",
            (
                numbers["Medical Record Number"][:8],
                _name(resource),
                resource["birthDate"],
                resource["gender"],
                numbers["Social Security Number"],
                resource["telecom"][0]["value"],
                resource["address"][0]["city"],
            ),
        )
    elif kind == "Practitioner":
        yield "staff", (_name(resource), resource["telecom"][0]["value"])
    elif kind == "Condition":
        mrn = resource["subject"]["reference"].removeprefix("urn:uuid:")[:8]
        yield "conditions", (mrn, resource["code"]["text"], resource["onsetDateTime"][:10])


def _name(resource: dict[str, Any]) -> str:
    """Return a name as people have it: Synthea marks its own with numbers."""
    name = resource["name"][0]
    return re.sub(r"\d", "", f"{name['given'][0]} {name['family']}")


def read(sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Run a query on a connection that cannot write, whatever the query says."""
    with closing(sqlite3.connect(f"file:{DATABASE}?mode=ro", uri=True)) as connection:
        found = connection.execute(sql)
        return [column[0] for column in found.description], found.fetchall()


def app() -> Executor:
    """Return the executor; its keys are where `phigate key new clinic --executor` put them."""
    keys = load_settings().keys / "executors"
    executor = Executor("clinic", key=keys / "clinic.key", seal_key=keys / "clinic.seal")

    @executor.handler("db.query", idempotent=True)
    def query(request: ActionRequest) -> Done:
        columns, rows = read(request.params["sql"])
        return Done(message=f"{len(rows)} rows", result=[columns, *rows])

    @executor.handler("data.export", idempotent=True)
    def export(request: ActionRequest) -> Done:
        columns, rows = read(request.params["sql"])
        file = FOLDER / "exports" / f"{request.grant_id}.csv"
        file.parent.mkdir(exist_ok=True)
        with file.open("w", newline="") as out:
            csv.writer(out).writerows([columns, *rows])
        return Done(message=f"{len(rows)} rows written")

    @executor.handler("message.send", idempotent=True)
    def send(request: ActionRequest) -> Done:
        params = request.params
        rows = [(request.grant_id, to, params["text"]) for to in params["recipients"]]
        _write("INSERT OR IGNORE INTO messages VALUES (?, ?, ?)", rows)
        return Done(message=f"{len(rows)} messages")

    @executor.handler("iam.grant", idempotent=True)
    def grant(request: ActionRequest) -> Done:
        row = (request.grant_id, request.params["account"], request.params["role"])
        _write("INSERT OR IGNORE INTO roles VALUES (?, ?, ?)", [row])
        return Done(message="role given")

    return executor


def _write(sql: str, rows: list[tuple[Any, ...]]) -> None:
    with closing(sqlite3.connect(DATABASE)) as connection, connection:
        connection.executemany(sql, rows)
