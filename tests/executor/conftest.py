"""Fixtures of this room."""

from pathlib import Path

import pytest

from tests.agent.rig import Rig
from tests.executor.site import Site


@pytest.fixture
def site(kafka: str, tmp_path: Path) -> Site:
    """Return topics, keys and a place where an executor runs, for one test."""
    return Site.up(Rig.up(kafka, tmp_path))
