"""The demonstration, from beginning to end, as a newcomer runs it."""

import csv
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.scenarios import sweep

ROOT = Path(__file__).parents[1]
HOME = ROOT / ".demo"
EXPORTS = HOME / "clinic" / "exports"
EXPECTED = {
    "permitted": 1,
    "approved": 2,
    "forbidden": 1,
    "denied": 1,
    "expired": 1,
    "self_approvals_refused": 1,
    "executed": 3,
    "attacks_failed": 10,
    "audit_verified": True,
}


def denied() -> list[str]:
    """Return what Kafka's authorizer refused while it ran: each role has what it needs."""
    log = ROOT / ".demo" / "kafka" / "node-1" / "logs" / "server.log"
    assert "SASL_PLAINTEXT" in (log.parents[1] / "server.properties").read_text()
    return [line for line in log.read_text().splitlines() if " is Denied " in line]


@pytest.mark.kafka
@pytest.mark.timeout(900)
def test_the_demonstration_ends_with_its_figures() -> None:
    """It exits with 0, its last line is the summary, and the export has the patients' rows.

    No other file of it has them: each file and each segment of Kafka's logs is searched.
    """
    before = set(EXPORTS.glob("*.csv"))
    ended = subprocess.run(
        (sys.executable, "deploy/demo.py"), cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert 0 == ended.returncode, ended.stdout + ended.stderr
    assert [] == denied(), "a role asked for more than it has"
    summary = json.loads(ended.stdout.splitlines()[-1])
    assert summary.pop("audit_entries") >= sum(EXPECTED.values())
    assert EXPECTED == summary
    assert "Traceback" not in ended.stdout + ended.stderr
    (file,) = set(EXPORTS.glob("*.csv")) - before
    with file.open(newline="") as lines:
        head, *rows = csv.reader(lines)
    assert ["name", "birth_date", "ssn", "phone"] == head
    assert 3 == len(rows)
    told = " ".join(ended.stdout.split())  # its lines are wrapped
    for name, birth_date, ssn, phone in rows:
        assert name in told  # it was asked for, and the executor got it
        assert birth_date
        assert {False} == {value in told for value in (ssn, phone)}  # the file alone has it
    swept = list(sweep.files(HOME, but=[HOME / "clinic"]))
    assert any(where.endswith(".log") and "phigate.cases-" in where for where, _ in swept)
    values = [value for row in patients() for value in row]
    assert [] == [line for where, data in swept for line in sweep.found(where, data, values)]
    assert sweep.found(file.name, file.read_bytes(), [value for row in rows for value in row])


def patients() -> list[tuple[str, str, str]]:
    """Return name, number and telephone of each patient in the demonstration's database."""
    with closing(sqlite3.connect(HOME / "clinic" / "clinic.sqlite3")) as database:
        return database.execute("SELECT name, ssn, phone FROM patients").fetchall()
