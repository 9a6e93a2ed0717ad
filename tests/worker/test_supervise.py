"""The supervisor starts again what has left, and knows when that would not help."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from streams.worker.supervise import Child, Supervisor

WAIT_S = 240.0


@pytest.fixture
def run(
    tmp_path: Path, request: pytest.FixtureRequest
) -> Callable[[str], tuple[Supervisor, Child]]:
    """Return what supervises one child that runs a line of Python; it is stopped at the end."""

    def start(code: str) -> tuple[Supervisor, Child]:
        ready = tmp_path / "ready"
        code = (
            f"import os, pathlib, signal, sys, time; ready = pathlib.Path({str(ready)!r}); {code}"
        )
        child = Child("one", (sys.executable, "-c", code), tmp_path / "log", ready)
        supervisor = Supervisor(tmp_path, {}, {}, said.append)
        supervisor.add(child)
        supervisor.start()
        request.addfinalizer(supervisor.stop)
        return supervisor, child

    said: list[str] = []
    return start


def tend_until(supervisor: Supervisor, done: Callable[[], object]) -> None:
    """Tend until something holds."""
    end = time.monotonic() + WAIT_S
    while not done():
        assert time.monotonic() < end
        supervisor.tend()
        time.sleep(0.02)


Run = Callable[[str], tuple[Supervisor, Child]]


@pytest.mark.parametrize("code", [0, 1, 3, 70])
def test_what_left_is_started_again(run: Run, code: int) -> None:
    """A worker that left, with any code that says so, runs again."""
    supervisor, child = run(f"os._exit({code})")
    tend_until(supervisor, lambda: child.failures >= 2)
    assert [] == supervisor.stuck


@pytest.mark.parametrize("code", [2, 78])
def test_what_needs_a_person_is_not(run: Run, code: int) -> None:
    """A worker that cannot run as things are configured is not started in a loop."""
    supervisor, child = run(f"os._exit({code})")
    tend_until(supervisor, lambda: supervisor.stuck)
    supervisor.tend()
    assert [child] == supervisor.stuck
    assert (1, None) == (child.failures, child.process)
    assert not supervisor.wait_ready(WAIT_S)


def test_ready_once_the_child_says_so(run: Run) -> None:
    """Waiting ends when the child has made its file; that of the run before does not count."""
    once = "first = ready.with_name('first'); first.exists() or (first.touch(), ready.touch())"
    supervisor, child = run(f"{once}; time.sleep(600)")
    assert supervisor.wait_ready(WAIT_S)
    assert child.process is not None
    child.process.kill()
    tend_until(supervisor, lambda: child.failures == 1)
    tend_until(supervisor, lambda: child.process)
    assert not supervisor.wait_ready(0.2)


def test_not_ready_in_time(run: Run) -> None:
    """Waiting is bounded."""
    supervisor, _ = run("time.sleep(600)")
    assert not supervisor.wait_ready(0.2)


def test_stop_lets_a_child_finish(run: Run, tmp_path: Path) -> None:
    """SIGTERM comes first, and a child that ends by itself is not killed."""
    end = "(ready.with_name('ended').touch(), sys.exit())"
    supervisor, _ = run(
        f"signal.signal(signal.SIGTERM, lambda *_: {end}); ready.touch(); time.sleep(600)"
    )
    assert supervisor.wait_ready(WAIT_S)
    supervisor.stop()
    assert (tmp_path / "ended").exists()


def test_stop_ends_the_stubborn(run: Run) -> None:
    """A child that does not end in time is killed."""
    supervisor, child = run(
        "signal.signal(signal.SIGTERM, signal.SIG_IGN); ready.touch(); time.sleep(600)"
    )
    assert supervisor.wait_ready(WAIT_S)
    process = child.process
    assert process is not None
    supervisor.stop(timeout_s=0.3)
    assert -9 == process.returncode


def test_what_it_printed_is_kept(run: Run) -> None:
    """The last lines of a child's log tell why it left."""
    supervisor, child = run("print('why'); sys.exit(2)")
    tend_until(supervisor, lambda: supervisor.stuck)
    assert "why" == supervisor.last_lines(child)


def test_what_a_child_left_behind_is_ended(run: Run, tmp_path: Path) -> None:
    """A process that a dead worker had started does not outlive it, though it stands still."""
    left = tmp_path / "left"
    sleeper = "[sys.executable, '-c', 'import time; time.sleep(600)']"
    code = (
        f"import subprocess; one = subprocess.Popen({sleeper}); os.kill(one.pid, signal.SIGSTOP); "
        f"pathlib.Path({str(left)!r}).write_text(str(one.pid)); os._exit(70)"
    )
    supervisor, child = run(code)
    tend_until(supervisor, lambda: child.failures == 1)
    pid = int(left.read_text())
    tend_until(supervisor, lambda: not alive(pid))


def alive(pid: int) -> bool:
    """Tell whether a process runs; one that has ended and that nobody waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except OSError:
        return False
