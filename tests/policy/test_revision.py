"""The revision names exactly these texts."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from streams.policy import PolicySet
from streams.policy.files import example

FILES, SCHEMA = example()
REVISION = PolicySet.load(FILES, SCHEMA).revision


def test_revision_is_a_digest() -> None:
    """A revision is a full SHA-256, the same for the same texts in whatever order."""
    assert re.fullmatch("sha256:[0-9a-f]{64}", REVISION)
    assert REVISION == PolicySet.load(dict(reversed(FILES.items())), SCHEMA).revision


def test_every_ruling_carries_it() -> None:
    """A set of other texts is another revision, even with the same rules."""
    assert REVISION != PolicySet.load(FILES | {"empty.cedar": ""}, SCHEMA).revision


@settings(max_examples=25, deadline=None)
@given(st.sampled_from([*sorted(FILES), "schema"]), st.integers(0, 10_000), st.sampled_from(" \n"))
def test_any_byte_changes_it(name: str, place: int, extra: str) -> None:
    """One blank more between two lines, in any file or in the schema, is another revision."""
    text = FILES.get(name, SCHEMA)
    ends = [index for index, character in enumerate(text) if character == "\n"]
    cut = ends[place % len(ends)]
    changed = text[:cut] + extra + text[cut:]
    files = FILES if name == "schema" else FILES | {name: changed}
    schema = changed if name == "schema" else SCHEMA

    assert REVISION != PolicySet.load(files, schema).revision


def test_names_are_framed() -> None:
    """Moving a text from one file to another is another revision."""
    renamed = {f"x{name}": text for name, text in FILES.items()}

    assert REVISION != PolicySet.load(renamed, SCHEMA).revision
