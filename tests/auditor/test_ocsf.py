"""Every entry becomes a valid OCSF event, by our reduced schema and by somebody else's models."""

import copy
import json
from typing import Any

import pytest
from ocsf.v1_6_0.events import ApiActivity

from streams.audit.entry import erased
from streams.auditor.ask.facts import Fact, fact_of
from streams.auditor.export.ocsf import event_of, uid_of
from streams.auditor.export.ocsf_schema import faults, schema
from streams.errors import InvariantError
from streams.events import AuditEntry
from streams.wire import codec
from tests.auditor.busy import SECRETS, clinic, entries_of
from tests.auditor.logs import story

BUSY = [(each, codec.decode(each.value or b"", AuditEntry)) for each in entries_of(clinic(days=7))]
PLAIN = [(each, codec.decode(each.value or b"", AuditEntry)) for each in story().records]
FACTS = [fact_of(record, entry) for record, entry in (*BUSY, *PLAIN)]


def gone(fact: Fact) -> Fact:
    """Return the fact of the same entry without its event."""
    record, entry = next(each for each in PLAIN if each[1].index == fact.idx)
    return fact_of(record, erased(entry))


def test_every_kind_of_entry_is_there() -> None:
    """What follows is shown for each kind and each consequence."""
    kinds = {"intent", "refusal", "decision", "deadline", "outcome", "unreadable"}
    assert kinds == {fact.kind for fact in FACTS}
    assert {
        *("opened", "counted", "granted", "denied", "expired", "reported", "refused", "repeated")
    } == {fact.effected for fact in FACTS}


def test_each_is_valid_by_the_reduced_schema_and_by_pydantic_ocsf() -> None:
    """The second is made from OCSF's released files by people who know nothing of phigate."""
    for fact in [*FACTS, gone(FACTS[-1])]:
        event = event_of(fact)
        assert [] == faults(event)
        model = ApiActivity.model_validate(event)
        assert (6003, 600399) == (model.class_uid, model.type_uid)


def test_reduced_schema_is_of_the_released_one() -> None:
    """Every attribute of the class in the package's schema is in ours, as required as there."""
    ours = schema()["event"]["attributes"]
    theirs = ApiActivity.model_fields
    assert set(theirs) <= set(ours) | {"activity"}
    needed = {name for name, each in theirs.items() if each.is_required()}
    assert needed <= {name for name, each in ours.items() if each["requirement"] == "required"}
    assert ("1.6.0", "Apache-2.0") == (schema()["version"], schema()["licence"])


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("time", None),
        ("time", "2026"),
        ("time", True),
        ("class_uid", 6005),
        ("type_uid", 600301),
        ("severity_id", 7),
        ("severity", "High"),
        ("disposition_id", 28),
        ("disposition", "Blocked!"),
        ("action_id", 99),
        ("nonsense", 1),
        ("metadata.version", "1.5.0"),
        ("metadata.product", None),
        ("metadata.nonsense", 1),
        ("actor", {}),
        ("actor.user", {"type_id": 1}),
        ("actor.user.groups", "privacy"),
        ("api.operation", None),
        ("src_endpoint", {}),
        ("resources", [{"type": "Table"}]),
        ("attacks", []),
        ("malware", [{}]),
    ],
)
def test_what_is_wrong_is_found(path: str, value: Any) -> None:
    """The check is seen to fail: None is taken away, anything else is put there."""
    event = copy.deepcopy(event_of(next(f for f in FACTS if f.kind == "decision")))
    event["resources"] = [{"uid": "clinic"}]
    assert [] == faults(event)
    *above, last = path.split(".")
    part = event
    for name in above:
        part = part[name]
    if value is None:
        del part[last]
    else:
        part[last] = value
    if value == []:
        assert [] == faults(event)  # an empty array of what is not carried says nothing
    else:
        assert faults(event)


def by(kind: str, effected: str, reason: str | None = None) -> dict[str, Any]:
    """Return the event of the first such entry."""
    return next(
        event_of(fact)
        for fact in FACTS
        if (fact.kind, fact.effected) == (kind, effected) and reason in {None, fact.reason}
    )


@pytest.mark.parametrize(
    ("kind", "effected", "reason", "action", "disposition"),
    [
        ("intent", "opened", None, 0, "Delayed"),
        ("intent", "granted", None, 1, "Allowed"),
        ("intent", "denied", None, 2, "Blocked"),
        ("decision", "counted", None, 0, "Logged"),
        ("decision", "granted", None, 1, "Approved"),
        ("decision", "denied", None, 2, "Rejected"),
        ("decision", "refused", "requester_may_not_review", 2, "Unauthorized"),
        ("decision", "refused", "case_closed", 2, "Rejected"),
        ("deadline", "expired", None, 2, "Dropped"),
        ("refusal", "denied", None, 2, "Blocked"),
        ("outcome", "reported", None, 1, "Logged"),
        ("intent", "repeated", None, 0, "No Action"),
    ],
)
def test_dispositions_are_those_of_the_table(
    kind: str, effected: str, reason: str | None, action: int, disposition: str
) -> None:
    """What came of an entry is what a SIEM reads."""
    event = by(kind, effected, reason)
    assert (action, disposition) == (event["action_id"], event["disposition"])


def test_alerts_are_what_was_not_theirs_and_what_nobody_knows() -> None:
    """An attempt at self-approval, an unknown outcome, an unreadable record."""
    assert by("decision", "refused", "requester_may_not_review")["is_alert"]
    assert by("outcome", "reported", "unknown")["is_alert"]
    assert by("unreadable", "refused")["is_alert"]
    assert not by("decision", "granted")["is_alert"]


def test_uid_is_the_entrys_own() -> None:
    """The same entry always has the same id, and no two entries share one."""
    assert len(BUSY) == len({uid_of(fact) for fact in FACTS[: len(BUSY)]})
    again = [fact_of(record, entry) for record, entry in BUSY]
    assert [uid_of(fact) for fact in FACTS[: len(BUSY)]] == [uid_of(fact) for fact in again]


def test_no_text_of_anybody_is_in_an_event() -> None:
    """Displays, rationales, messages and details stay behind; ids of resources are ids."""
    text = json.dumps([event_of(fact) for fact in FACTS])
    for secret in (SECRETS[0], SECRETS[1], SECRETS[3]):
        assert secret not in text


def test_event_that_would_be_invalid_is_never_written() -> None:
    """An effect that the table does not know, or a name that is none, ends it."""
    fact = FACTS[0]
    object.__setattr__(fact, "agent", 5)
    try:
        with pytest.raises(InvariantError):
            event_of(fact)
    finally:
        object.__setattr__(fact, "agent", "planner")
