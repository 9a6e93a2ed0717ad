"""A short seeded chaos: three brokers, two workers a role, two executors, one of each fault."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.chaos.rig.checker import ZEROES

SEED = 21
FAULTS = (
    "kill_admit",
    "kill_fold",
    "kill_audit",
    "kill_executor",
    "ledger_restored",
    "offsets_lost",
    "pause_fold",
    "wipe",
    "hang",
    "clock",
    "kill_controller",
    "kill_leader",
    "upgrade",  # rolling, to other schemas and another policy
    "cut",
    "cut_worker",
    "slow",
    "duplicate",
    "poison",
)
SMALL = f"--seed {SEED} --each --hasty --ttl 45 --rate 2 --workers 2".split()


@pytest.mark.kafka
@pytest.mark.timeout(1_200)
def test_one_of_each_fault_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """After all faults everything has ended, and the checker finds nothing in the history."""
    command = [
        sys.executable,
        str(Path(__file__).with_name("run.py")),
        "--home",
        str(tmp_path / "home"),
        *SMALL,
    ]
    done = subprocess.run(
        [*command, "--faults", ",".join(FAULTS)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-8_000:] + done.stderr[-4_000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert dict.fromkeys(FAULTS, 1) == found["faults"]
    assert dict.fromkeys(ZEROES, 0) == {name: found[name] for name in ZEROES}
    assert all(found[name] for name in ("intents", "executed", "decisions"))
