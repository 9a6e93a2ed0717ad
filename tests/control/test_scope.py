"""Scopes: one spelling, and what they cover."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.control.scope import Scope
from streams.errors import RefusedError
from streams.events import Resource
from tests.agent.rig import Keys
from tests.control.orders import directory

CLINIC = Resource(type="Database", id="clinic/a")


@pytest.mark.parametrize(
    ("text", "covered"),
    [
        ("all", True),
        ("agent:bot", True),
        ("agent:Bot", False),
        ("agent:bo", False),
        ("action:db.query", True),
        ("action:db", False),
        ("resource:Database/clinic/a", True),
        ("resource:Database/clinic/*", True),
        ("resource:Database/clinic/", False),
        ("resource:database/clinic/a", False),
        ("resource:Database/*", True),
    ],
)
def test_a_scope_covers_what_it_names(text: str, *, covered: bool) -> None:
    """Exactly: no prefix but where a star stands, no other case."""
    assert covered is Scope.parse(text).covers("bot", "db.query", CLINIC)


@pytest.mark.parametrize(
    "text",
    ["", "ALL", "all:", "all:x", "agent", "agent:", "resource:Database", "resource:/x",
     "resource:Database/", "person:ada", "agent:a\u200bb", "agent:a\nb", "agent:" + "x" * 2000],
)  # fmt: skip
def test_what_is_no_scope_is_refused(text: str) -> None:
    """There is one spelling, and nothing that cannot be seen in it."""
    with pytest.raises(RefusedError) as caught:
        Scope.parse(text)
    assert "bad_scope" == caught.value.code


@given(st.text(max_size=40))
def test_it_reads_back_what_it_writes(text: str) -> None:
    """What parses has that very spelling, and two spellings have two ids."""
    try:
        scope = Scope.parse(text)
    except RefusedError:
        return
    assert (text, scope) == (scope.text, Scope.parse(scope.text))


def test_ids_are_apart() -> None:
    """Every scope has an id of its own."""
    texts = ("all", "agent:all", "action:all", "agent:bot", "action:bot", "resource:a/b")
    assert len(texts) == len({Scope.parse(text).id for text in texts})


@pytest.mark.parametrize(
    ("text", "known"),
    [("all", True), ("agent:bot", True), ("agent:who", False), ("action:db.query", True),
     ("action:John Smith", False), ("resource:Dataset/*", True), ("resource:Dataset/x", False)],
)  # fmt: skip
def test_only_names_of_the_directory_are_known(text: str, *, known: bool) -> None:
    """What goes into the log as it is must be nobody's own text."""
    assert known is Scope.parse(text).known(directory(Keys()))
