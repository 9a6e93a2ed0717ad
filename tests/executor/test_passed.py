"""What stands before the group's position is read back from a real topic: genuine grants alone."""

from contextlib import AbstractContextManager

import pytest

from streams.events import Status, derived_id
from streams.executor import ActionRequest, Executor
from streams.executor.passed import Passed
from streams.signing import SigningKey
from tests.executor.site import APPROVED, FAR_MS, Site

pytestmark = pytest.mark.kafka

NOW_MS = FAR_MS - 1_000


def passed(site: Site, now_ms: int = NOW_MS) -> Passed:
    """Return what reads the site's topic back, at a time where all of it is young enough."""
    found = Passed(
        site.rig.settings, site.rig.topic(APPROVED), [site.rig.keys.grants.public], lambda: now_ms
    )
    found._span_ms = NOW_MS
    return found


def test_only_what_stands_before_the_position_was_passed(site: Site) -> None:
    """The first two of three on a partition, then the third, each read once."""
    for name in ("i", "j", "k"):
        site.rig.put(APPROVED, "i", site.gate.grant("i", grant_id=name, expires_at_ms=FAR_MS))
    (partition,) = {record.partition for record in site.rig.records(APPROVED)}
    read = passed(site)
    read.read_back({partition: 2})
    assert [True, True, False] == [name in read for name in ("i", "j", "k")]
    read.read_back({partition: 3})
    assert "k" in read


def test_what_the_gate_did_not_sign_blocks_nothing(site: Site) -> None:
    """Rubbish, a stranger's grant, and one under another key say nothing of the genuine grant."""
    genuine = site.gate.grant("j", expires_at_ms=FAR_MS)
    site.rig.put(APPROVED, "i", b"rubbish")
    site.grant("i", key=SigningKey.new("gate-grants"))
    site.rig.put(APPROVED, "i", genuine)
    (partition,) = {record.partition for record in site.rig.records(APPROVED)}
    read = passed(site)
    read.read_back({partition: 3})
    assert [False, False] == [derived_id("grant", name) in read for name in ("i", "j")]


def test_no_position_passes_nothing(site: Site) -> None:
    """A group that never committed has passed over nothing; nor has one on an empty partition."""
    site.grant("i")
    read = passed(site)
    read.read_back(dict.fromkeys(range(site.rig.settings.partitions), -1001))
    read.read_back(dict.fromkeys(range(site.rig.settings.partitions), 0))
    assert derived_id("grant", "i") not in read


def test_what_has_expired_by_any_clock_is_forgotten(site: Site) -> None:
    """The set does not grow for ever: an expired grant is refused without it."""
    site.grant("i")
    clock = [NOW_MS]
    read = passed(site)
    read._now_ms = lambda: clock[0]
    (partition,) = {record.partition for record in site.rig.records(APPROVED)}
    read.read_back({partition: 1})
    clock[0] = FAR_MS + site.rig.settings.clock_skew_ms_max + 1
    read.read_back({partition: 1})
    assert derived_id("grant", "i") not in read


def test_a_repeated_grant_is_not_run_by_a_second_machine(site: Site) -> None:
    """One class, two ledgers: the first runs it, the fold says it again, the second passes it."""
    ran: list[tuple[str, str]] = []

    def machine(name: str) -> AbstractContextManager[Executor]:
        def run(request: ActionRequest) -> None:
            ran.append((name, request.intent_id))

        return site.serving(run, ledger=site.home / name)

    grant = site.gate.grant("i", expires_at_ms=FAR_MS)
    site.rig.put(APPROVED, "i", grant)
    with machine("one"):
        site.outcomes(1)
    site.rig.put(APPROVED, "i", grant)
    site.rig.put(APPROVED, "i", site.gate.grant("i", grant_id="next", expires_at_ms=FAR_MS))
    with machine("two"):
        said = [site.said(record)[0] for record in site.outcomes(2)]
    assert [("one", "i"), ("two", "i")] == ran
    assert [(derived_id("grant", "i"), Status.OK), ("next", Status.OK)] == [
        (each.grant_id, each.status) for each in said
    ]
