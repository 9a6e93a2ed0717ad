"""A place where an executor runs: in this process on a thread, or in one of its own."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streams.events import OutcomeStatement
from streams.executor import ActionRequest, Executor
from streams.wire import client
from tests.agent.rig import EXECUTOR, Rig
from tests.executor.gate import Gate

FAR_MS = 4_000_000_000_000  # a grant of these tests lasts until 2096
APPROVED = f"approved.{EXECUTOR}"

APP = """
import os
from pathlib import Path
from streams.executor import Executor

here = Path(__file__).parent
app = Executor("sql", key=here / "sql.key", seal_key=here / "seal.key", ledger=here / "ledger")

def note(request):
    with (here / "ran").open("a") as file:
        file.write(request.grant_id + "\\n")

"""


@dataclass(frozen=True)
class Site:
    """One class's executor: its rig, its gate, its home."""

    rig: Rig
    gate: Gate

    @classmethod
    def up(cls, rig: Rig) -> "Site":
        """Write the executor's keys where an app finds them."""
        home = rig.settings.home
        rig.keys.executor.save(home / "sql.key")
        rig.keys.executor_seal.save(home / "seal.key")
        return cls(rig, Gate(rig.keys))

    @property
    def home(self) -> Path:
        """Where app, keys and ledger are."""
        return self.rig.settings.home

    @property
    def ledger(self) -> Path:
        """Where the ledger is."""
        return self.home / "ledger"

    def grant(self, name: str, **changes: Any) -> None:
        """Put a grant on the topic."""
        self.rig.put(APPROVED, name, self.gate.grant(name, **{"expires_at_ms": FAR_MS, **changes}))

    def executor(
        self,
        handler: Callable[[ActionRequest], Any],
        *,
        ledger: Path | None = None,
        by_file: bool = False,
    ) -> Executor:
        """Return an executor with this handler for db.query; `by_file` reads the directory's."""
        executor = Executor(
            EXECUTOR,
            self.rig.settings,
            key=self.rig.keys.executor,
            seal_key=self.rig.keys.executor_seal,
            ledger=ledger or self.ledger,
            directory=None if by_file else self.rig.directory,
        )
        executor.handler("db.query")(handler)
        return executor

    @contextmanager
    def serving(
        self,
        handler: Callable[[ActionRequest], Any],
        *,
        ledger: Path | None = None,
        by_file: bool = False,
    ) -> Iterator[Executor]:
        """Serve on a thread while this lasts; what the thread raised is raised here."""
        executor = self.executor(handler, ledger=ledger, by_file=by_file)
        failures: list[BaseException] = []

        def run() -> None:
            try:
                executor.run()
            except BaseException as error:  # noqa: BLE001 - handed to the test below
                failures.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield executor
        finally:
            executor.stop()
            thread.join(240)
        if failures:
            raise failures[0]

    def outcomes(self, at_least: int = 0) -> list[client.KafkaRecord]:
        """Return the records of `outcomes`, once there are so many; a test's time is bounded."""
        while len(records := self.rig.records("outcomes")) < at_least:
            time.sleep(0.1)
        return records

    def said(self, record: client.KafkaRecord) -> tuple[OutcomeStatement, str]:
        """Return what one outcome says, verified and unsealed."""
        return self.gate.reported(record.value or b"")

    def process(self, body: str) -> "subprocess.Popen[str]":
        """Run `phigate executor run app:app` on an app with this body, as an operator does."""
        (self.home / "app.py").write_text(APP + body)
        settings = self.rig.settings
        environment = {
            **os.environ,
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "PHIGATE_BOOTSTRAP": settings.bootstrap,
            "PHIGATE_PREFIX": settings.prefix,
            "PHIGATE_HOME": str(settings.home),
        }
        return subprocess.Popen(
            [sys.executable, "-m", "streams", "executor", "run", "app:app"],
            cwd=self.home,
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def ran(self) -> list[str]:
        """Return the grant ids that apps in processes have run."""
        file = self.home / "ran"
        return file.read_text().split() if file.exists() else []
