"""One running gate for all the stories: three workers and an executor.

It is started once, and again only where a story has ended one of its processes: what one story
breaks is that story's failure alone.
"""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.scenarios.house import House

_open: list[House] = []


@pytest.fixture(scope="package")
def _houses() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack
    _open.clear()


@pytest.fixture
def house(_houses: ExitStack, kafka: str, tmp_path_factory: pytest.TempPathFactory) -> House:
    """Return a gate that runs, with topics of its own."""
    if not _open or not _open[-1].whole:
        _houses.close()
        _open.append(_houses.enter_context(House.open(kafka, tmp_path_factory.mktemp("house"))))
    return _open[-1]
