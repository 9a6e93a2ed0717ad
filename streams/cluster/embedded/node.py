"""One broker: its directory, its logs, its process.

node-1/  server.properties  log4j2.properties  data/  tmp/  extra.properties (if somebody adds it)
         logs/ server.log (rolled by size)  console.log  and those of the run before
"""

import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from streams.cluster.embedded import config, process
from streams.cluster.embedded.config import Address
from streams.cluster.embedded.guard import Guard, format_arguments, private, write_tls
from streams.errors import BrokerError

STARTED = "Kafka Server started"  # 4.3.1 logs it once the broker is registered and unfenced
PORT_TAKEN = "Address already in use"
FORMAT_TIMEOUT_S = 60
TAIL_LINES = 12
TAIL_BYTES = 65_536
UNTOLD = "without a word: it was killed from outside, for want of memory perhaps"
_QUIET = re.compile(r"^\S+ \S+ (?:INFO|DEBUG|TRACE) ")  # as the layout in `config` writes them
LOG_BYTES_MAX = 16_777_216  # rolled at this size: one whole log


@dataclass(frozen=True)
class Node:
    """One node of a cluster under `home`; `token` marks its process."""

    home: Path
    address: Address
    token: str

    @property
    def directory(self) -> Path:
        """Return the directory that holds all of this node."""
        return self.home / f"node-{self.address.id}"

    @property
    def log(self) -> Path:
        """Return the broker's own log."""
        return self.directory / "logs" / "server.log"

    @property
    def console(self) -> Path:
        """Return what the virtual machine itself had to say."""
        return self.directory / "logs" / "console.log"

    @property
    def formatted(self) -> bool:
        """Tell whether the data directory belongs to a cluster already."""
        return (self.directory / "data" / "meta.properties").exists()

    def prepare(self, nodes: tuple[Address, ...], guard: Guard | None = None) -> None:
        """Write the configuration, set the last run's logs aside, empty the scratch directory."""
        for name in ("", "logs", "data", "tmp"):
            (self.directory / name).mkdir(exist_ok=True, mode=0o700)
        for left_over in (self.directory / "tmp").iterdir():
            left_over.unlink()  # native libraries that a killed broker had unpacked
        for log in (self.log, self.console):
            if log.exists():
                log.replace(log.with_name(f"{log.stem}-before.log"))
        (self.directory / "log4j2.properties").write_text(config.LOG4J)
        properties = config.server_properties(self.address, nodes, guard) + self._extra()
        private(self.directory / "server.properties", properties.encode())
        if guard and guard.tls:
            write_tls(guard.tls, self.directory)

    def _extra(self) -> str:
        """Return what a test adds: of two lines for one setting, Kafka takes the last."""
        extra = self.directory / "extra.properties"
        return extra.read_text() if extra.exists() else ""

    def format(
        self,
        java: Path,
        class_path: Iterable[Path],
        cluster_id: str,
        heap: int,
        guard: Guard | None = None,
    ) -> None:
        """Format the data directory with Kafka's own tool, unless it is; BrokerError on failure.

        The tool's arguments go through a file: everybody may read a command line.
        """
        if self.formatted:
            return
        tool = ["kafka.tools.StorageTool", "format", "-t", cluster_id, "-c", "server.properties"]
        told = self.directory / "tmp" / "format"
        private(told, "\n".join([*tool, *format_arguments(guard)]).encode())
        try:
            done = subprocess.run(
                [str(java), *config.java_options(self.token, heap), "@tmp/format"],
                env=process.java_environment(class_path),
                cwd=self.directory,
                capture_output=True,
                check=False,
                umask=0o077,
                timeout=FORMAT_TIMEOUT_S,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise BrokerError(f"cannot format {self.directory / 'data'}: {error}") from error
        finally:
            told.unlink()
        if done.returncode != 0:  # else nothing is kept: it prints the users' verifiers
            self.console.write_bytes(done.stdout + done.stderr)
            raise self.failure("could not format its data directory")

    def start(self, java: Path, class_path: Iterable[Path], heap: int) -> int:
        """Start the broker in a session of its own and return its process id, without waiting."""
        options = config.java_options(self.token, heap)
        argv = [str(java), *options, "kafka.Kafka", "server.properties"]
        environment = process.java_environment(class_path)
        return process.spawn(argv, environment, self.directory, self.console)

    def is_ready(self) -> bool:
        """Tell whether the broker said that it started, and accepts connections."""
        return STARTED in _end_of(self.log, LOG_BYTES_MAX) and self.accepts()

    def accepts(self) -> bool:
        """Tell whether something accepts connections where this broker should."""
        return process.accepts(self.address.port)

    def last_lines(self) -> tuple[str, ...]:
        """Return the last lines of the log that tell of trouble, after what the machine said.

        Nothing there says why where it was killed from outside.
        """
        text = _end_of(self.console, TAIL_BYTES) + _end_of(self.log, TAIL_BYTES)
        lines = (line for line in text.splitlines() if line.strip())
        return tuple(line for line in lines if not _QUIET.search(line))[-TAIL_LINES:]

    def failure(self, what: str) -> BrokerError:
        """Return the error that says what happened to this broker, with its last log lines."""
        lines = "".join(f"\n    {line}" for line in self.last_lines())
        lost_its_port = PORT_TAKEN in _end_of(self.log, TAIL_BYTES)
        why = f"; its last lines:{lines}" if lines else f" {UNTOLD}"
        return BrokerError(
            f"broker {self.address.id} {what}{why}",
            code="port_taken" if lost_its_port else "broker_died",
            hint=f"the whole log: {self.log}",
        )


def _end_of(path: Path, size: int) -> str:
    """Return the last `size` bytes of a file as text, nothing if there is no such file."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - size))
            return file.read().decode(errors="replace")
    except FileNotFoundError:
        return ""
