"""Facts as a gate would read them, for tests of what comes after."""

from typing import Any

from streams.facts import Facts
from streams.facts.fact import NOTHING, RecipientFacts, SqlFacts

_ONE: dict[str, Any] = {
    "read": "yes",
    "statements": "one",
    "kinds": ("select",),
    "tables": ("patients",),
    "filter": "column",
    "beside": 0,
}


def sql(**changes: Any) -> Facts:
    """Return the facts of one plain read of rows, each part changed by name."""
    return NOTHING.model_copy(
        update={"sql": SqlFacts(**{**_ONE, "aggregate": "no", **changes}), "recipients": to(1)}
    )


def to(count: int) -> RecipientFacts:
    """Return the facts of so many recipients."""
    return RecipientFacts(count=count, external=0, shape="known")


UNTOLD = Facts()
FIGURES = sql(aggregate="yes")
ROWS = sql()
ONE_PERSON = sql(filter="key")
NO_STATEMENT = NOTHING
UNREAD = sql(read="unknown", statements="unknown", aggregate="unknown")
MANY = sql(read="unknown", statements="many", aggregate="unknown")
WRITES = sql(read="no", kinds=("delete", "select"), effects=("write",), aggregate="unknown")
ONE_CHANGE = sql(read="no", kinds=("update",), effects=("write",), aggregate="unknown")
BESIDE = sql(aggregate="yes", beside=1)
