"""The worker processes: started by the product's own supervisor, and treated badly."""

import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Event, RLock, Thread
from types import MappingProxyType

from streams.settings import Settings
from streams.worker.supervise import Child, Supervisor

TEND_S = 0.1
WEIGH_S = 2.0
CLOCK = Path(__file__).parent / "clock"
ROOT = Path(__file__).parents[3]


class Crew:
    """`count` workers of each role and as many executors, behind the proxy at `bootstrap`."""

    def __init__(
        self,
        settings: Settings,
        bootstrap: str,
        count: int,
        say: Callable[[str], None],
        environment: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._settings = settings
        self._lock = RLock()
        self._over = Event()
        self.rss_mb: dict[str, float] = {}
        environment = {
            **environment,
            "PHIGATE_HOME": str(settings.home),
            "PHIGATE_BOOTSTRAP": bootstrap,
            "PYTHONPATH": os.pathsep.join(
                [str(CLOCK), str(ROOT), os.environ.get("PYTHONPATH", "")]
            ),
        }
        roles = dict.fromkeys(("admit", "fold", "audit"), count)
        self.supervisor = Supervisor(settings.home, roles, environment, say)
        for number in range(2):
            self.supervisor.add(_executor(settings, number))
        self._thread = Thread(target=self._tend, name="crew", daemon=True)

    def start(self, timeout_s: float = 240.0) -> None:
        """Start everybody and wait until they consume. Raises RuntimeError where they do not."""
        self.supervisor.start()
        if not self.supervisor.wait_ready(timeout_s):
            tails = [f"{c.name}: {self.supervisor.last_lines(c)}" for c in self.children("")]
            self.supervisor.stop()
            raise RuntimeError("the workers did not start\n" + "\n".join(tails))
        self._thread.start()

    def children(self, role: str) -> list[Child]:
        """Return the processes of a role that run; of all for no role."""
        with self._lock:
            return [each for each in self.everyone(role) if each.process]

    def everyone(self, role: str) -> list[Child]:
        """Return all of a role, those too that are about to be started again."""
        return [each for each in self.supervisor.children if each.name.startswith(role)]

    def signal(self, child: Child, number: int) -> int:
        """Signal one process; return its id."""
        with self._lock:
            if child.process is None:
                return 0
            if child.process.poll() is None:
                child.process.send_signal(number)
            return child.process.pid

    def term(self, child: Child, timeout_s: float) -> float:
        """Tell one process to finish and return the seconds it took; it is started again."""
        process, began_s = child.process, time.monotonic()
        if process is None:
            return 0.0
        self.signal(child, signal.SIGTERM)
        self.signal(child, signal.SIGCONT)  # as systemd does: a paused one could not finish
        while process.poll() is None and time.monotonic() - began_s < timeout_s:
            time.sleep(0.05)
        if process.poll() is None:
            self.signal(child, signal.SIGKILL)
        return time.monotonic() - began_s

    def wipe(self, child: Child) -> None:
        """Kill one process and delete all that it kept on the disk, before it starts again."""
        with self._lock:
            self.signal(child, signal.SIGKILL)
            if child.process is not None:
                child.process.wait()
            shutil.rmtree(self.folder(child) / "data", ignore_errors=True)

    @contextmanager
    def down(self, children: Iterable[Child], timeout_s: float) -> Iterator[None]:
        """Tell some to finish, and keep all from being started while this lasts."""
        with self._lock:
            for child in children:
                self.term(child, timeout_s)
                if child.process is not None:
                    child.process.wait()
            yield

    def folder(self, child: Child) -> Path:
        """Return a worker's folder."""
        return self._settings.home / "workers" / child.name

    def wait_up(self, child: Child, timeout_s: float = 60.0) -> bool:
        """Wait until one worker consumes again."""
        end_s = time.monotonic() + timeout_s
        while time.monotonic() < end_s:
            with self._lock:
                if child.process and (child.ready is None or child.ready.exists()):
                    return True
            time.sleep(0.1)
        return False

    def stop(self) -> None:
        """Stop everybody in order."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()
        self.supervisor.stop()

    def _tend(self) -> None:
        weigh_s = 0.0
        while not self._over.wait(TEND_S):
            with self._lock:
                self.supervisor.tend()
            if time.monotonic() > weigh_s:
                weigh_s = time.monotonic() + WEIGH_S
                self._weigh()

    def _weigh(self) -> None:
        """Note the most memory that a worker of each role has had."""
        for child in self.children(""):
            role = child.name.partition("-")[0]
            if child.process is not None:
                found = rss_mb(child.process.pid)
                self.rss_mb[role] = max(self.rss_mb.get(role, 0.0), found)


def _executor(settings: Settings, number: int) -> Child:
    folder = settings.home / "workers" / f"executor-{number}"
    folder.mkdir(parents=True)
    program = f"from tests.chaos.rig.house import app; app({number}).run()"
    return Child(
        folder.name, (sys.executable, "-c", program), folder / "log", cwd=Path(__file__).parent
    )


def rss_mb(pid: int) -> float:
    """Return a process's own resident memory in MiB; 0 where it is gone."""
    try:
        fields = Path(f"/proc/{pid}/statm").read_text().split()
    except OSError:
        return 0.0
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def cpu_s(pid: int) -> float:
    """Return the CPU time of a process and of all below it, in seconds; 0 where it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")  # utime, stime
    return own + sum(cpu_s(child) for child in children_of(pid))


def children_of(pid: int) -> list[int]:
    """Return the processes that a process has started and that still run."""
    try:
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
