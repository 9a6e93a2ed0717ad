"""Small inputs made after bug reports of other projects: what must go goes, what must stay stays.

Each row of `texts/field_cases.jsonl` has an input, strings that must not survive (`gone`), and
strings that must stay (`kept`). The share that is right is held, and each row that is not is named.
"""

import json
from typing import Any

import pytest

from streams.masking import Masker
from tests.masking.quality import TEXTS

ROWS: list[dict[str, Any]] = [
    json.loads(line) for line in (TEXTS / "field_cases.jsonl").read_text("utf-8").splitlines()
]
# Right by structure alone: keys, siblings, columns, statements, pairs and paths.
BY_STRUCTURE = str.split(
    """f001 f010 f014 f017 f023 f027 f028 f029 f032 f036 f038 f040 f041 f044 f051 f061 f064 f065
    f066 f067 f069 f070 f072 f073 f075 f076 f077 f078 f083 f085 f086 f087 f089 f093 f096 f098"""
)


def wrong(masker: Masker, row: dict[str, Any]) -> list[str]:
    """Return what survives of a row, and what is lost."""
    document = masker.mask(row["input"]).document
    said = document if isinstance(document, str) else json.dumps(document, ensure_ascii=False)
    lost = [value for value in row["kept"] if value not in said]
    return [*(value for value in row["gone"] if value in said), *lost]


@pytest.fixture(scope="module")
def maskers() -> dict[str, Masker]:
    """Return a masker for each profile that a row names."""
    return {profile: Masker(profile) for profile in sorted({row["profile"] for row in ROWS})}


@pytest.mark.parametrize("number", BY_STRUCTURE)
def test_what_structure_says_is_heard(maskers: dict[str, Masker], number: str) -> None:
    """A value that a key, a sibling, a column or a statement names goes, whatever it looks like."""
    row = next(row for row in ROWS if row["id"].startswith(number))
    assert [] == wrong(maskers[row["profile"]], row), row["id"]


def test_the_share_that_is_right(maskers: dict[str, Masker]) -> None:
    """Of all rows, this many are right; the others are told by their names."""
    bad = [row["id"] for row in ROWS if wrong(maskers[row["profile"]], row)]
    assert 0.97 * len(ROWS) <= len(ROWS) - len(bad), bad
