"""`phigate up`: broker, topics and workers together, and what it says when the broker dies."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from streams.__main__ import phigate
from streams.cluster.embedded.cluster import Cluster

READY_S = 240


@contextmanager
def up(home: Path) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """Run `phigate up` in a fresh home until it is ready; yield the process and what it said."""
    assert CliRunner().invoke(phigate, ["init", "--home", str(home)]).exit_code == 0
    process = subprocess.Popen(
        [sys.executable, "-m", "streams", "up", "--home", str(home)],
        env={**os.environ, "PHIGATE_BOOTSTRAP": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said = []
    try:
        assert process.stdout
        for line in process.stdout:
            said.append(line)
            if line.startswith("ready:"):
                break
        yield process, said
    finally:
        process.kill()
        Cluster(home / "kafka").down()


@pytest.mark.kafka
def test_up_starts_everything_and_an_interrupt_ends_it_in_order(tmp_path: Path) -> None:
    """It says when it is ready; Ctrl-C stops workers and broker, and it exits with 0."""
    with up(tmp_path / "home") as (process, said):
        assert said[-1].startswith("ready:"), said
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=READY_S)
        assert process.returncode == 0
        assert not any(node.alive for node in Cluster(tmp_path / "home" / "kafka").status())


@pytest.mark.kafka
def test_a_broker_that_dies_is_reported_with_its_last_lines(tmp_path: Path) -> None:
    """Exit code 5, as wherever the broker is away, and what to do: start it again."""
    with up(tmp_path / "home") as (process, said):
        assert said[-1].startswith("ready:"), said
        Cluster(tmp_path / "home" / "kafka").kill(1, signal.SIGKILL)
        rest, _ = process.communicate(timeout=READY_S)
        assert 5 == process.returncode
        assert "died" in rest
        assert "`phigate up` starts it again" in rest
