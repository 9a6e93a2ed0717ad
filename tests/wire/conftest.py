"""A prefix of its own for every test that uses the shared broker."""

import secrets
from pathlib import Path

import pytest

from streams.settings import Settings


@pytest.fixture
def place(kafka: str, tmp_path: Path) -> Settings:
    """Return settings for the real broker: an unused prefix, two partitions, an empty home."""
    prefix = f"t{secrets.token_hex(4)}."
    return Settings(home=tmp_path, bootstrap=kafka, prefix=prefix, partitions=2)
