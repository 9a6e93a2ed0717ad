"""What the operating system is asked: start a process in its own session, tell whether it lives.

A process is known by its id *and* by a token on its command line. Ids are reused; a foreign process
that was given the id of a dead broker is never taken for it, and never signalled.
"""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

POLL_S = 0.05
PROBE_TIMEOUT_S = 1.0
# Set for somebody else's Java, they would change ours (and print a line about it).
FOREIGN_JAVA = ("CLASSPATH", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS")

# Children of this process: a dead child stays in the process table until its parent asks for it.
_children: dict[int, subprocess.Popen[bytes]] = {}


def java_environment(class_path: Iterable[Path]) -> dict[str, str]:
    """Return our environment with the class path, less what was meant for other Javas."""
    kept = {key: value for key, value in os.environ.items() if key not in FOREIGN_JAVA}
    return {**kept, "CLASSPATH": os.pathsep.join(str(path) for path in class_path)}


def spawn(argv: Sequence[str], environment: Mapping[str, str], cwd: Path, output: Path) -> int:
    """Start a process that outlives this one, its output in a file of its own; return its id."""
    with output.open("ab") as log:
        child = subprocess.Popen(
            argv,
            env=environment,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            umask=0o077,
        )
    _children[child.pid] = child
    return child.pid


def is_alive(pid: int | None, token: str) -> bool:
    """Tell whether the process runs and is the one that was started with this token."""
    if pid is None:
        return False
    child = _children.get(pid)
    if child is not None and child.poll() is None:
        # Not by its command line: that is empty for an instant while the program is loaded.
        return True
    _children.pop(pid, None)
    return token in _command_line(pid)


def send(pid: int | None, token: str, signum: int) -> None:
    """Signal the process if it is alive and ours; otherwise do nothing."""
    if pid is not None and is_alive(pid, token):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signum)


def stop(processes: Sequence[tuple[int | None, str]], grace_s: float) -> None:
    """End processes together: ask, wait up to `grace_s` seconds, then kill what is left."""
    for pid, token in processes:
        send(pid, token, signal.SIGTERM)
        send(pid, token, signal.SIGCONT)  # a stopped process only hears it once it goes on
    if not _wait_gone(processes, grace_s):
        for pid, token in processes:
            send(pid, token, signal.SIGKILL)
        _wait_gone(processes, grace_s)


def accepts(port: int) -> bool:
    """Tell whether something on this machine accepts connections on the port."""
    try:
        socket.create_connection(("127.0.0.1", port), PROBE_TIMEOUT_S).close()
    except OSError:
        return False
    return True


def is_free(port: int) -> bool:
    """Tell whether a server may take the port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_ports(count: int) -> list[int]:
    """Return distinct ports that are free now; another process may still take one first."""
    with contextlib.ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


def _wait_gone(processes: Sequence[tuple[int | None, str]], timeout_s: float) -> bool:
    deadline = time.monotonic() + timeout_s
    while any(is_alive(pid, token) for pid, token in processes):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_S)
    return True


def _command_line(pid: int) -> str:
    """Return the command line of a process, or nothing if it is gone or only waits to be reaped."""
    if Path("/proc/self/cmdline").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
        except OSError:
            return ""
    shown = subprocess.run(
        ["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, check=False, text=True
    )
    return shown.stdout
