"""Fixtures of this room."""

from pathlib import Path

import pytest

from tests.agent.rig import Rig


@pytest.fixture
def rig(kafka: str, tmp_path: Path) -> Rig:
    """Return topics, keys and settings of one test."""
    return Rig.up(kafka, tmp_path)
