"""What every test may use: one embedded broker for the whole session, shared by xdist's workers."""

import os
import re
import shutil
import tempfile
from pathlib import Path

import pytest

from streams.cluster.embedded.cluster import Cluster

BOOTSTRAP = "PHIGATE_TEST_BOOTSTRAP"  # set it to test against a cluster of your own
HOME = "PHIGATE_TEST_KAFKA_HOME"  # set by the first process of the session, for its workers


def pytest_configure(config: pytest.Config) -> None:
    """Choose the directory of the session's broker, before there are workers to inherit it."""
    if not hasattr(config, "workerinput"):
        os.environ[HOME] = tempfile.mkdtemp(prefix="phigate-test-")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the session's broker and delete its directory, after the last worker has ended."""
    if not hasattr(config, "workerinput"):
        home = Path(os.environ.pop(HOME))
        Cluster(home).down()
        shutil.rmtree(home)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that need a broker first: they are the long ones.

    `deploy/test` hands whole files to two processes. Where a long one comes last, the other process
    has nothing left to do.
    """
    waits = {item.path for item in items if item.get_closest_marker("kafka")}
    items.sort(key=lambda item: item.path not in waits)


DRAWN = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-|\+[0-9a-f]{8}\+")  # an id or a key, drawn anew


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Name a test's case by its argument where its value is drawn: xdist compares the names."""
    return argname if isinstance(val, str) and DRAWN.search(val) else None


@pytest.fixture(scope="session")
def kafka() -> str:
    """Return the address of a real broker; whoever asks first starts it, the others wait."""
    return os.environ.get(BOOTSTRAP) or Cluster(Path(os.environ[HOME]), plain=True).up()
