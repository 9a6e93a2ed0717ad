"""The demonstration, from beginning to end, as a newcomer runs it."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
EXPORTS = ROOT / ".demo" / "clinic" / "exports"
EXPECTED = {
    "permitted": 1,
    "approved": 2,
    "forbidden": 1,
    "denied": 1,
    "expired": 1,
    "self_approvals_refused": 1,
    "executed": 3,
    "audit_verified": True,
}


@pytest.mark.kafka
@pytest.mark.timeout(300)
def test_the_demonstration_ends_with_its_figures() -> None:
    """It exits with 0, its last line is the summary, and the export has the patients' rows."""
    before = set(EXPORTS.glob("*.csv"))
    ended = subprocess.run(
        (sys.executable, "deploy/demo.py"), cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert 0 == ended.returncode, ended.stdout + ended.stderr
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
