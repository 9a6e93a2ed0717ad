"""Keeps the worker processes of one machine running: starts, restarts, stops.

A worker leaves rather than go on wrongly, so somebody must start it again. One that says that an
operator is needed (exit code 78) is not started again: that would be a crash loop.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from streams.worker.leave import OPERATOR

BACKOFF_S = (0.2, 0.5, 1.0, 2.0, 5.0)
STEADY_S = 60.0  # a worker that lived this long starts again at once
STOP_S = 30.0
POLL_S = 0.1

Say = Callable[[str], None]


@dataclass
class Child:
    """One worker process and its history."""

    name: str
    command: Sequence[str]
    log: Path
    ready: Path | None = None
    cwd: Path | None = None
    process: subprocess.Popen[bytes] | None = None
    started_s: float = 0.0
    failures: int = 0
    again_s: float = 0.0
    needs_operator: bool = False


@dataclass
class Supervisor:
    """Runs `roles` (role name to how many) with `home`'s settings; logs under `home`/workers."""

    home: Path
    roles: dict[str, int]
    environment: dict[str, str]
    say: Say
    children: list[Child] = field(default_factory=list)

    def add(self, child: Child) -> None:
        """Run something else beside the workers, an executor say."""
        self.children.append(child)

    def start(self) -> None:
        """Start every worker."""
        for role, count in self.roles.items():
            for number in range(count):
                self.children.append(self._child(role, number))
        for child in self.children:
            self._spawn(child)

    def wait_ready(self, timeout_s: float, stopping: Sequence[int] = ()) -> bool:
        """Wait until every worker consumes.

        False when time is over, one needs an operator, or `stopping` is not empty any more.
        """
        end = time.monotonic() + timeout_s
        while time.monotonic() < end and not self.stuck and not stopping:
            if all(child.ready is None or child.ready.exists() for child in self.children):
                return True
            self.tend()
            time.sleep(POLL_S)
        return False

    @property
    def stuck(self) -> list[Child]:
        """Return the workers that need an operator."""
        return [child for child in self.children if child.needs_operator]

    def tend(self) -> None:
        """Start again what has left, with patience; call this often."""
        for child in self.children:
            process = child.process
            if process is not None and process.poll() is not None:
                self._left(child, process.returncode)
            elif process is None and not child.needs_operator and time.monotonic() > child.again_s:
                self._spawn(child)

    def stop(self, timeout_s: float = STOP_S) -> None:
        """Tell every worker to finish, and end those that do not within the time."""
        running = [child.process for child in self.children if child.process]
        for process in running:
            process.send_signal(signal.SIGTERM)
        end = time.monotonic() + timeout_s
        for process in running:
            try:
                process.wait(max(0.1, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            _end_all_of(process)
        for child in self.children:
            child.process = None

    def last_lines(self, child: Child, lines: int = 12) -> str:
        """Return the end of a worker's log."""
        if not child.log.exists():
            return ""
        return "\n".join(child.log.read_text(errors="replace").splitlines()[-lines:])

    def _child(self, role: str, number: int) -> Child:
        name = f"{role}-{number}"
        folder = self.home / "workers" / name
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        ready = folder / "ready"
        command = (sys.executable, "-m", "streams", "worker", "run", role)
        options = ("--home", str(self.home), "--data", str(folder / "data"), "--ready", str(ready))
        return Child(name, (*command, *options), folder / "log", ready)

    def _spawn(self, child: Child) -> None:
        if child.ready is not None:
            child.ready.unlink(missing_ok=True)
        with child.log.open("ab") as log:
            child.process = subprocess.Popen(
                child.command,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                cwd=child.cwd,
                env={**os.environ, **self.environment},
                start_new_session=True,
            )
        child.started_s = time.monotonic()

    def _left(self, child: Child, code: int) -> None:
        lived_s = time.monotonic() - child.started_s
        if child.process is not None:
            _end_all_of(child.process)
        child.process = None
        child.failures = 0 if lived_s > STEADY_S else child.failures + 1
        child.needs_operator = code in {OPERATOR, 2}
        wait_s = BACKOFF_S[min(child.failures, len(BACKOFF_S) - 1)]
        child.again_s = time.monotonic() + wait_s
        what = "needs you" if child.needs_operator else f"starts again in {wait_s:g} s"
        self.say(f"worker {child.name} left with {code}: {what}")


def _end_all_of(process: "subprocess.Popen[bytes]") -> None:
    """End what a process that has left may have left behind, a hung masking process say."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)  # its own session: see `_spawn`
