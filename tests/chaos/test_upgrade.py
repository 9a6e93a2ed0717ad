"""The next version reads what this one wrote, and folds it to the same."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from streams.wire.schemas import ROOTS, fingerprint_of
from tests.chaos import whole
from tests.chaos.rig import upgrade

FOLD = """
import json, sys
from tests.chaos.rig.refold import refold
from streams.gate.case import Case
from streams.wire import codec, schemas
from streams.wire.client import KafkaRecord

records = [
    KafkaRecord("cases", 0, at, 0, bytes.fromhex(key), bytes.fromhex(value), ())
    for at, (key, value) in enumerate(json.load(sys.stdin))
]
folded = refold(records)
print(json.dumps({
    "states": {name: case.state for name, case in folded.cases.items()},
    "consequences": [each.model_dump(mode="json") for each in folded.consequences.values()],
    "rows": [codec.decode(codec.encode(case), Case) == case for case in folded.cases.values()],
    "fingerprint": schemas.fingerprint_of("CaseEvent").hex(),
}))
"""


@pytest.fixture(scope="module")
def next_version(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of phigate with one more field in two schemas."""
    return upgrade.make(tmp_path_factory.mktemp("next") / "phigate")


def folded(where: Path, history: list[tuple[str, str]]) -> dict[str, Any]:
    """Fold a log with the code in a folder."""
    path = os.pathsep.join([str(where), str(upgrade.ROOT)])
    done = subprocess.run(
        [sys.executable, "-c", FOLD],
        input=json.dumps(history),
        cwd=where,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_log_of_the_version_before_folds_the_same(next_version: Path) -> None:
    """Every event has the same consequence and every case the same state; the schema has moved."""
    records = whole.whole().of("cases")
    log = [((each.key or b"").hex(), (each.value or b"").hex()) for each in records]
    before, after = folded(upgrade.ROOT, log), folded(next_version, log)
    assert before["fingerprint"] != after["fingerprint"]
    assert before["states"] == after["states"]
    assert before["consequences"] == after["consequences"]
    assert all(after["rows"])


def test_the_next_version_keeps_every_schema_that_ever_wrote(next_version: Path) -> None:
    """Its archive holds each of today's fingerprints, so that today's records stay readable."""
    archived = {path.name for path in (next_version / "schemas" / "history").glob("*.avsc")}
    today = {f"{name}.{fingerprint_of(name).hex()}.avsc" for name in ROOTS}
    assert today <= archived


def test_an_upgrade_that_cannot_be_made_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the models have changed too much, the fault fails instead of testing nothing."""
    monkeypatch.setitem(upgrade.MODELS, "Case", ("streams/gate/case.py", "no such line"))
    with pytest.raises(RuntimeError):
        upgrade.make(tmp_path / "next")
