"""Random histories: none breaks an invariant, each broken host is caught, a seed says all.

`PHIGATE_SIM_SEEDS` makes the search longer (CI: 60 histories, about 75,000 records handled).
"""

import gc
import os
from collections import Counter
from dataclasses import replace

import pytest

from streams.testing import FAULTS, Explored, Hosts, Plan, explore
from streams.testing.explore import Explorer
from tests.testing import broken

SEEDS = int(os.environ.get("PHIGATE_SIM_SEEDS", "60"))


def test_no_seed_breaks_the_gate() -> None:
    """I1, I3, I4, I5, I7 and once hold, whatever dies, wakes, repeats or is lost."""
    faults: Counter[str] = Counter()
    for seed in range(SEEDS):
        report = explore(Plan(seed=seed))
        assert [] == report.findings, f"seed {seed}"
        faults += report.faults
    assert set(FAULTS) == set(faults)


def test_the_products_own_bytes_hold_too() -> None:
    """The same with the real codec, real signatures, and the auditor's own verifier."""
    for seed in range(3):
        assert [] == explore(Plan(seed=seed, intents=20, exact=True)).findings, f"seed {seed}"


def test_a_seed_gives_the_same_history() -> None:
    """Every record of every topic, in the same order: a finding can be looked at again."""
    first, second = Explorer(Plan(seed=11)), Explorer(Plan(seed=11))
    assert first.run() == second.run()
    assert first.gate.broker.logs == second.gate.broker.logs


def test_another_seed_gives_another_history() -> None:
    """Or the one before would prove nothing."""
    first, second = Explorer(Plan(seed=11)), Explorer(Plan(seed=12))
    first.run(), second.run()
    assert first.gate.broker.logs != second.gate.broker.logs


def test_a_history_that_is_over_is_gone() -> None:
    """It leaves no circles for the collector to find, whoever died or was paused in it."""
    explore(Plan(seed=0))  # what is kept for all histories is made
    gc.collect()
    gc.disable()
    try:
        for seed in range(5):
            explore(Plan(seed=seed))
        assert 0 == gc.collect()
    finally:
        gc.enable()


DEATHS = ("crash", "restart")
LOST = ("lose_offsets", "lose_ledger", "restore_ledger")
WAKES = ("freeze", "wake", "crash", "restart", "lose_disk")

# the broken host, the invariant that shows it, and the faults that matter: fewer kinds, fewer seeds
BROKEN = {
    "output after row": (Hosts(log=broken.OutputAfterRow), "I3", DEATHS),
    "replays are dropped": (Hosts(log=broken.RowBeforeOutputsAndNoReplay), "I5", DEATHS),
    "a part of a batch is taken for all": (Hosts(log=broken.OneOutputForAll), "I3", DEATHS),
    "newest rows of a batch first": (
        Hosts(log=broken.NewestRowsFirst),
        "I7",
        (*DEATHS, "lose_disk"),
    ),
    "last rows of a batch only": (Hosts(log=broken.LastRowsOnly), "I7", DEATHS),
    "position before row": (Hosts(log=broken.PositionBeforeRow), "I7", DEATHS),
    "forgets the overlay": (Hosts(log=broken.ForgetsTheOverlay), "I7", DEATHS),
    "goes forward over a gap": (Hosts(log=broken.OverAGap), "I7", ("skip",)),
    "folds a replay again": (Hosts(log=broken.FoldsReplays), "I7", ("rewind",)),
    "keeps the last row": (Hosts(log=broken.KeepsTheLastRow), "I7", WAKES),
    "row on disk before changelog": (
        Hosts(log=broken.RowOnDiskFirst),
        "I7",
        (*DEATHS, "lose_disk"),
    ),
    "notes the changelog over a gap": (Hosts(log=broken.NotesOverAGap), "I7", WAKES),
    "recovers with a full queue": (Hosts(log=broken.RecoversWithAFullQueue), "I7", ("rebalance",)),
    "acknowledges before durable": (Hosts(admit=broken.AcknowledgesBeforeDurable), "I5", DEATHS),
    "forgets what it counted": (
        Hosts(admit=broken.ForgetsWhatItCounted),
        "I5",
        (*DEATHS, "garbage"),
    ),
    "starts at the end": (Hosts(admit=broken.StartsAtTheEnd), "I5", ("rebalance",)),
    "no ledger": (Hosts(executor=broken.NoLedger), "once", ("rewind",)),
    "runs what was begun": (Hosts(executor=broken.RunsWhatWasBegun), "once", DEATHS),
    "never looks at the clock": (Hosts(executor=broken.NoClock), "once", ("crash", "jump")),
    "commits before it reports": (Hosts(executor=broken.CommitsBeforeItReports), "I5", DEATHS),
    "never reads notes": (
        Hosts(executor=broken.NeverReadsNotes),
        "once",
        ("lose_offsets", "lose_ledger"),
    ),
    "trusts its own name": (
        Hosts(executor=broken.TrustsItsOwnName),
        "once",
        (*DEATHS, "restore_ledger"),
    ),
    "one generation": (Hosts(executor=broken.OneGeneration), "once", (*DEATHS, "restore_ledger")),
    "passes unknown keys": (Hosts(executor=broken.PassesUnknownKeys), "I5", ("rotate",)),
    "commits past what waits": (
        Hosts(executor=broken.CommitsPastWhatWaits),
        "I5",
        ("rotate", "rebalance"),
    ),
    "never looks for orders": (Hosts(executor=broken.NeverLooks), "order", DEATHS),
    "passes over cancels": (Hosts(executor=broken.ReadsOfficersAlone), "order", DEATHS),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_host_is_caught(name: str) -> None:
    """Some seed shows each broken rule, as the invariant it breaks."""
    hosts, invariant, faults = BROKEN[name]
    plan = Plan(seed=0, hosts=hosts, faults=faults, fault_rate=0.4)
    assert invariant in {finding.invariant for finding in first_broken(plan, invariant).findings}


def test_machines_of_a_class_run_no_repeated_grant_twice() -> None:
    """Each with a ledger of its own: what the group has passed over is nobody's to run any more."""
    for seed in range(SEEDS // 2):
        report = explore(Plan(seed=seed, machines=2 + seed % 2))
        assert [] == report.findings, f"seed {seed}"


def test_a_machine_that_never_reads_back_runs_a_repeated_grant_twice() -> None:
    """The fence knows the last grant only, and a ledger one machine: reading back is needed.

    The notes or what the group has passed over: this one reads neither.
    """
    hosts = Hosts(executor=broken.NeverReadsBack)
    faults = tuple(name for name in FAULTS if name not in LOST)
    report = first_broken(Plan(seed=0, machines=2, hosts=hosts, faults=faults), "once")
    assert {"once"} == {finding.invariant for finding in report.findings}


def first_broken(plan: Plan, invariant: str) -> Explored:
    """Return the first report that breaks an invariant; few seeds must do."""
    for seed in range(100):
        report = explore(replace(plan, seed=seed))
        if invariant in {finding.invariant for finding in report.findings}:
            return report
    pytest.fail("no seed shows it")
