"""What a person asks to see is picked out exactly, and nothing beside it."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.custody.reveal.fields import FIELDS_MAX, checked, pick
from streams.errors import RefusedError
from streams.events import IntentBody

BODY = IntentBody(
    params=b'{"name": "Maria", "rows": [{"ssn": "1"}, {"ssn": "2"}], "a.b": 1}',
    justification="Recall of Maria",
)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("justification", "Recall of Maria"),
        ("params.name", "Maria"),
        ("params.rows.1.ssn", "2"),
        ("params.rows.0", {"ssn": "1"}),
    ],
)
def test_a_field_is_picked(field: str, value: Any) -> None:
    """By its path, through objects and lists; the others are not there."""
    assert {field: value} == pick(BODY, checked([field]))


@pytest.mark.parametrize(
    "field", ["params.none", "params.rows.2", "params.rows.x", "params.name.x"]
)
def test_what_is_not_there_is_refused_without_a_word_of_it(field: str) -> None:
    """The error names neither the field nor a value."""
    with pytest.raises(RefusedError) as caught:
        pick(BODY, [field])
    assert "no_such_field" == caught.value.code
    assert "Maria" not in str(caught.value)


@pytest.mark.parametrize(
    "fields", [None, [], "params", ["sealed"], ["params name"], [7], ["params"] * (FIELDS_MAX + 1)]
)
def test_fields_that_are_none_are_refused(fields: Any) -> None:
    """No list, an empty one, another part of the intent, too many."""
    with pytest.raises(RefusedError) as caught:
        checked(fields)
    assert "bad_fields" == caught.value.code


@given(st.recursive(st.none() | st.text(max_size=8), lambda c: st.lists(c, max_size=3)))
def test_whatever_a_grant_holds_is_fields_or_a_refusal(said: Any) -> None:
    """Nothing else ever leaves."""
    with suppress(RefusedError):
        assert set(checked(said)) <= set(said)
