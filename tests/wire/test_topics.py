"""The table of topics, and the plan that brings a cluster to it: pure."""

import dataclasses
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.cluster.plan import Change, ClusterState, TopicState, Wanted, plan, violations
from streams.wire import codec, schemas, topic, topics

WANTED = Wanted(topics.table(["sql", "mail"]), "phigate.", 6, 3)
CASES = "phigate.cases"
FOLD = "phigate-fold-cases-changelog"
COPIES = 3


def as_wanted(*, empty: bool = False) -> dict[str, TopicState]:
    """Return topics exactly as the table has them."""
    return {
        WANTED.full_name(each): TopicState(6, COPIES, each.config(COPIES), empty)
        for each in WANTED.topics
    }


def with_one(name: str, *, config: Mapping[str, str] | None = None, **over: object) -> ClusterState:
    """Return a cluster that is as wanted but for one topic."""
    found = as_wanted()
    state = found[name]
    merged = {**state.config, **(config or {})}
    found[name] = dataclasses.replace(state, config=merged, **over)  # type: ignore[arg-type]
    return ClusterState(3, found)


def short(change: Change) -> tuple[str, str, str, str, str]:
    """Return a change without its reason."""
    return (change.kind, change.topic, change.setting, change.before, change.after)


# ---------------------------------------------------------------- the table


def test_names_in_the_cluster() -> None:
    """Every topic's full name, as other programs and people know it."""
    expected = [
        "phigate.intents",
        "phigate.decisions",
        "phigate.outcomes",
        "phigate.controls",
        "phigate.cancels",
        "phigate.cases",
        "phigate.requests",
        "phigate.verdicts",
        "phigate.audit",
        "phigate.checkpoints",
        "phigate-fold-cases-changelog",
        "phigate-audit-cases-changelog",
        "phigate.approved.mail",
        "phigate.approved.sql",
        "phigate.begun.mail",
        "phigate.begun.sql",
    ]
    assert expected == [WANTED.full_name(each) for each in WANTED.topics]


@pytest.mark.parametrize("prefix", ["phigate.", "ward-7.", "x", ""])
def test_a_name_leads_back_to_its_topic(prefix: str) -> None:
    """Whatever the prefix, `find` is the inverse of `full_name`, and knows no others."""
    ours = topics.table(["sql"])
    assert list(ours) == [topics.find(each.full_name(prefix), prefix) for each in ours]
    assert None is topics.find("somebody.elses", prefix)


def test_app_ids() -> None:
    """A Faust app's id, with which its changelog's name begins."""
    assert "phigate-fold" == topics.app_id("phigate.", "fold")
    assert "fold" == topics.app_id("", "fold")


def test_every_topic_carries_a_record_that_exists() -> None:
    """What a topic says it carries can be encoded, and fits into it."""
    for each in WANTED.topics:
        assert each.record in schemas.ROOTS
        assert codec.bytes_max(each.record) < each.bytes_max <= topic.RECORD_BYTES_MAX


def test_the_log_and_the_evidence() -> None:
    """The settings without which an invariant falls: nobody changes them in passing."""
    settings = {WANTED.full_name(each): each.config(COPIES) for each in WANTED.topics}
    assert "delete" == settings[CASES]["cleanup.policy"]
    assert "compact" == settings["phigate.audit"]["cleanup.policy"]
    assert "-1" == settings["phigate.audit"]["retention.ms"]
    assert "compact" == settings[FOLD]["cleanup.policy"]
    assert "3600000" == settings[FOLD]["min.compaction.lag.ms"]
    assert {"2"} == {each["min.insync.replicas"] for each in settings.values()}
    assert {"LogAppendTime"} == {each["message.timestamp.type"] for each in settings.values()}


def test_plain_phi_is_kept_for_hours() -> None:
    """Retention and segment together keep an intent for 25 hours, not for a week."""
    config = topics.TABLE[0].config(1)
    assert 25 * 3_600_000 == int(config["retention.ms"]) + int(config["segment.ms"])


@pytest.mark.parametrize(
    ("asked", "brokers", "expected"), [(0, 1, 1), (0, 2, 2), (0, 3, 3), (0, 9, 3), (1, 3, 1)]
)
def test_copies(asked: int, brokers: int, expected: int) -> None:
    """Three where there are three brokers, unless the setting says otherwise."""
    assert expected == topic.replication(asked, brokers)


@pytest.mark.parametrize(("copies", "expected"), [(1, 1), (2, 1), (3, 2), (5, 2)])
def test_in_sync(copies: int, expected: int) -> None:
    """Two of three; never all of them, or one broker away would stop everything."""
    assert expected == topic.in_sync(copies)


# ---------------------------------------------------------------- plan


def test_nothing_to_do() -> None:
    """A cluster as wanted needs nothing, and breaks nothing."""
    assert [] == plan(ClusterState(3, as_wanted()), WANTED)
    assert [] == violations(ClusterState(3, as_wanted()), WANTED)


def test_an_empty_cluster_gets_every_topic() -> None:
    """Each missing topic is created, once, in the table's order; until then nothing may run."""
    found = ClusterState(3, {})
    expected = [("create", WANTED.full_name(each)) for each in WANTED.topics]
    assert expected == [(each.kind, each.topic) for each in plan(found, WANTED)]
    assert len(expected) == len(violations(found, WANTED))


def test_what_is_planned_is_all_that_is_needed() -> None:
    """After `create`, there is nothing more to do: plan is settled by what it planned."""
    assert [] == plan(ClusterState(3, as_wanted(empty=True)), WANTED)


@pytest.mark.parametrize(
    ("name", "setting", "found", "wanted"),
    [
        (CASES, "retention.ms", "1000", "2419200000"),
        (CASES, "retention.bytes", "1000", "-1"),
        (CASES, "max.message.bytes", "1048588", "2162688"),
        (CASES, "message.timestamp.type", "CreateTime", "LogAppendTime"),
        (CASES, "min.insync.replicas", "1", "2"),
        (CASES, "unclean.leader.election.enable", "true", "false"),
        (FOLD, "min.compaction.lag.ms", "0", "3600000"),
        ("phigate.audit", "retention.ms", "86400000", "-1"),
        ("phigate.intents", "retention.ms", "1000", "86400000"),
    ],
)
def test_a_setting_that_is_too_weak(name: str, setting: str, found: str, wanted: str) -> None:
    """It is set, also on a topic with records; and until then workers may not run."""
    state = with_one(name, config={setting: found})
    assert [("set", name, setting, found, wanted)] == [short(x) for x in plan(state, WANTED)]
    [line] = violations(state, WANTED)
    assert line.startswith(f"{name}: {setting} is {found}, must be {wanted}: ")


@pytest.mark.parametrize(
    ("name", "setting", "found"),
    [
        (CASES, "retention.ms", "-1"),
        (CASES, "retention.ms", "9999999999"),
        (CASES, "max.message.bytes", "99999999"),
        (CASES, "min.insync.replicas", "3"),
        (FOLD, "min.compaction.lag.ms", "99999999"),
        ("phigate.intents", "segment.ms", "60000"),
        ("phigate.requests", "cleanup.policy", "delete,compact"),
    ],
)
def test_a_setting_that_is_stronger_stays(name: str, setting: str, found: str) -> None:
    """Who keeps more than the table asks is left in peace."""
    state = with_one(name, config={setting: found})
    assert [] == plan(state, WANTED)
    assert [] == violations(state, WANTED)


@pytest.mark.parametrize(
    ("name", "found", "wanted"),
    [
        (CASES, "compact", "delete"),
        (CASES, "compact,delete", "delete"),
        ("phigate.audit", "delete", "compact"),
        ("phigate.requests", "compact", "compact,delete"),
    ],
)
def test_another_cleanup(name: str, found: str, wanted: str) -> None:
    """It is refused where records would go, set where there are none, and breaks an invariant."""
    config = {"cleanup.policy": found}
    full = with_one(name, config=config)
    [change] = plan(full, WANTED)
    assert ("refuse", name, "cleanup.policy", found, wanted) == short(change)
    [change] = plan(with_one(name, config=config, empty=True), WANTED)
    assert ("set", name, "cleanup.policy", found, wanted) == short(change)
    [line] = violations(full, WANTED)
    assert f"{name}: cleanup.policy is {found}, must be {wanted}" in line


@pytest.mark.parametrize("name", ["phigate.audit", FOLD])
def test_evidence_that_could_expire(name: str) -> None:
    """Deletion is taken off a compacted topic: that removes nothing; until then, none run."""
    state = with_one(name, config={"cleanup.policy": "compact,delete"})
    [change] = plan(state, WANTED)
    assert ("set", name, "cleanup.policy", "compact,delete", "compact") == short(change)
    assert 1 == len(violations(state, WANTED))


def test_plain_phi_that_is_kept_too_long() -> None:
    """Longer retention of intents is not left in peace, but nothing is deleted in passing."""
    longer = {"retention.ms": "-1"}
    [change] = plan(with_one("phigate.intents", config=longer), WANTED)
    assert ("refuse", "phigate.intents", "retention.ms", "-1", "86400000") == short(change)
    [change] = plan(with_one("phigate.intents", config=longer, empty=True), WANTED)
    assert "set" == change.kind


def test_partitions_are_added_only_where_no_key_can_move() -> None:
    """More partitions: on an empty topic; refused where keys would move. Either way, none run."""
    [change] = plan(with_one(CASES, partitions=3, empty=True), WANTED)
    assert ("add_partitions", CASES, "partitions", "3", "6") == short(change)
    full = with_one(CASES, partitions=3)
    [change] = plan(full, WANTED)
    assert ("refuse", CASES, "partitions", "3", "6") == short(change)
    assert [f"{CASES}: partitions is 3, must be 6"] == [
        line.rpartition(":")[0] for line in violations(full, WANTED)
    ]


@pytest.mark.parametrize("empty", [True, False])
def test_partitions_are_never_taken_away(empty: bool) -> None:
    """Kafka cannot, and it would lose records: refused, with the setting that fits."""
    [change] = plan(with_one(CASES, partitions=12, empty=empty), WANTED)
    assert ("refuse", CASES, "partitions", "12", "6") == short(change)
    assert "PHIGATE_PARTITIONS=12" in change.why


def test_too_few_copies() -> None:
    """Copies cannot be added from here; workers stop only where nothing could be written."""
    state = with_one(CASES, replication=1, config={"min.insync.replicas": "1"})
    assert ["refuse"] == [each.kind for each in plan(state, WANTED)]
    assert [] == violations(state, WANTED)
    stuck = with_one(CASES, replication=1)
    assert [
        f"{CASES}: min.insync.replicas is more than its 1 copies: nothing could be written"
    ] == (violations(stuck, WANTED))


@given(st.sets(st.sampled_from(sorted(as_wanted()))))
def test_a_plan_names_only_what_differs(gone: set[str]) -> None:
    """Any set of missing topics is planned, and nothing but it."""
    found = {name: state for name, state in as_wanted().items() if name not in gone}
    assert gone == {change.topic for change in plan(ClusterState(3, found), WANTED)}
