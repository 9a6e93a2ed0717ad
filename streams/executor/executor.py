"""`Executor`: register handlers, serve one class of grants."""

import logging
import signal
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import FrameType, TracebackType

from streams import dumps
from streams.clock import now_ms
from streams.control.reader import Orders
from streams.directory import Directory
from streams.directory.published import gate_set
from streams.errors import (
    InputError,
    KeyringError,
    PhigateError,
    RefusedError,
    SettingsError,
)
from streams.events import GrantStatement, Status
from streams.executor.check import Ends
from streams.executor.conduct import Conductor, RunReport
from streams.executor.halts import Halts
from streams.executor.ledger import Ledger
from streams.executor.loop import Loop
from streams.executor.report import Ending, Reporter
from streams.executor.request import Handler, Registered
from streams.executor.scrub import LazyMasker
from streams.sealing import SealKey
from streams.settings import Settings, load_settings
from streams.signing import SigningKey
from streams.wire.credential import as_role

log = logging.getLogger(__name__)


class Executor:
    """Serves the grants of one executor class, each once.

    `key` signs outcomes and `seal_key` opens what is sealed to the class: keys, or the paths of
    their files, which begin at the home (default: `executors/CLASS.key` and `.seal` among its keys,
    where `phigate key new CLASS --executor` puts them). `ledger` is an SQLite file on a disk that
    lasts (default: `executors/CLASS.sqlite3` in the home), one for each process: whoever deletes it
    forgets what was done with a grant, though not that it was begun. Nothing is read and nothing
    connects before `run`.
    """

    def __init__(  # noqa: PLR0913 - all but the class by name, most with a default
        self,
        cls: str,
        settings: Settings | None = None,
        *,
        key: SigningKey | Path | str | None = None,
        seal_key: SealKey | Path | str | None = None,
        ledger: Path | str | None = None,
        directory: Directory | None = None,
        now_ms: Callable[[], int] = now_ms,
    ) -> None:
        self.cls = cls
        self._settings = settings
        self._key = key
        self._seal_key = seal_key
        self._ledger = ledger
        self._directory = directory
        self._now_ms = now_ms
        self._handlers: dict[str, Registered] = {}
        self._stop = threading.Event()

    def handler(self, action: str, *, idempotent: bool = False) -> Callable[[Handler], Handler]:
        """Register a handler for an action. Raises SettingsError where there is one already.

        It gets an ActionRequest and returns a JSON value, a `Done`, or nothing. What it raises is
        reported as `failed`, its text masked. It is run once for a grant: if the process dies in
        the middle the outcome is `unknown` and a person must look. `idempotent=True` says that
        running it again for the same grant id does no more than running it once; then, and only
        then, it is run again after a crash, while the grant lasts.
        """

        def register(function: Handler) -> Handler:
            if action in self._handlers:
                raise SettingsError(f"there are two handlers for the action {action}")
            self._handlers[action] = Registered(function, idempotent)
            return function

        return register

    def run(self) -> None:
        """Serve until SIGTERM, SIGINT or `stop`; the grant at hand is finished and reported first.

        Raises BrokerError (away at the start), LedgerError, KeyringError, SettingsError. Once it
        serves, a broker that is lost is waited for.
        """
        dumps.forbid()
        settings = self.settings
        directory = self._directory or Directory.load(settings.directory)
        halts = Halts(Orders.of(settings, directory))
        with Ledger(self.ledger_path) as ledger, closing(halts):
            conductor = self._conductor(directory, ledger, halts.check)
            halts.open()
            with _Signals(self._stop):
                Loop(settings, self.cls, conductor, self._stop, self._renewed).run()

    def stop(self) -> None:
        """Make `run` return once the grant at hand is reported. For other threads."""
        self._stop.set()

    def resolve(self, grant_id: str, status: Status, message: str = "") -> None:
        """Settle an `unknown` by what a person found out: report it as `ok` or `failed`.

        Only while no process serves with this ledger. Raises InputError where there is no such
        grant, BrokerError where the report is stored but not delivered (the next run does that).
        """
        if status is Status.UNKNOWN:
            raise InputError("settle it as ok or failed", code="bad_status")
        settings = self.settings
        with Ledger(self.ledger_path) as ledger:
            row = ledger.find(grant_id)
            if row is None or row.status is not Status.UNKNOWN:
                raise InputError("the ledger has no unknown grant of that id", code="not_unknown")
            directory = self._directory or Directory.load(settings.directory)
            conductor = self._conductor(directory, ledger, _runs_nothing)
            ending = Ending(status, message, code="resolved")
            finish = conductor.reporter.finish(row.intent_id, grant_id, ending, self._now_ms())
            ledger.settle(grant_id, finish)
            report = RunReport(grant_id, row.intent_id, finish.report)
            Loop(settings, self.cls, conductor, self._stop).deliver(report)

    @property
    def settings(self) -> Settings:
        """The settings given, else those of this machine."""
        self._settings = self._settings or load_settings()
        return as_role(self._settings, f"executor-{self.cls}")

    @property
    def ledger_path(self) -> Path:
        """Where the ledger is."""
        if self._ledger is not None:
            return Path(self._ledger)
        return self.settings.home / "executors" / f"{self.cls}.sqlite3"

    # ------------------------------------------------------------ parts

    def _conductor(
        self,
        directory: Directory,
        ledger: Ledger,
        check_orders: Callable[[GrantStatement], None],
    ) -> Conductor:
        key, seal_key = self._keys()
        self._check(directory, key, seal_key)
        gate = gate_set(self.settings.pinned_keys, directory)
        grace_ms = self.settings.grant_ttl_ms + self.settings.clock_skew_ms_max
        return Conductor(
            executor=self.cls,
            gate_keys=gate.grants,
            seal_key=seal_key,
            handlers=self._handlers,
            ledger=ledger,
            reporter=Reporter(key, directory.gate.seal, gate.id),
            mask=LazyMasker(),
            now_ms=self._now_ms,
            check_orders=check_orders,
            ends=Ends(gate.ends_ms, grace_ms, gate.id),
        )

    def _renewed(self, conductor: Conductor) -> Conductor:
        """Return it with the gate's keys as they are published now; the same where nothing is new.

        What cannot be read at the moment is as good as nothing new.
        """
        try:
            directory = self._directory or Directory.load(self.settings.directory)
            gate = gate_set(self.settings.pinned_keys, directory)
        except PhigateError as error:
            log.warning("the gate's keys cannot be read again: %s", error)
            return conductor
        ends = Ends(gate.ends_ms, conductor.ends.grace_ms, gate.id)
        if (gate.grants, ends) == (conductor.gate_keys, conductor.ends):
            return conductor
        return replace(conductor, gate_keys=gate.grants, ends=ends)

    def _keys(self) -> tuple[SigningKey, SealKey]:
        """Return the class's keys; a path that is not absolute begins at the home."""
        key, seal = self._key, self._seal_key
        home, usual = self.settings.home, self.settings.keys / "executors" / self.cls
        if not isinstance(key, SigningKey):
            key = SigningKey.load(home / (key or f"{usual}.key"))
        if not isinstance(seal, SealKey):
            seal = SealKey.load(home / (seal or f"{usual}.seal"))
        return key, seal

    def _check(self, directory: Directory, key: SigningKey, seal_key: SealKey) -> None:
        """See that the gate knows these keys; it would refuse every outcome otherwise."""
        entry = directory.executor(self.cls)
        if entry is None:
            raise SettingsError(
                f"the directory has no executor class {self.cls}",
                hint="add it under `executors`, with its keys",
            )
        if key.public not in entry.keys:
            raise KeyringError(
                f"the directory does not list the key {key.public.key_id} for {self.cls}",
                hint=f"add to executors.{self.cls}.keys: {key.public.text}",
            )
        if seal_key.public != entry.seal:
            raise KeyringError(
                f"the directory has another seal key than {seal_key.public.key_id} for {self.cls}",
                hint=f"set executors.{self.cls}.seal: {seal_key.public.text}",
            )


def _runs_nothing(_: GrantStatement) -> None:
    raise RefusedError("this process only reports", code="not_serving")


class _Signals:
    """SIGTERM and SIGINT ask to stop, while this lasts; only the main thread may ask for that."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._before: dict[int, object] = {}

    def __enter__(self) -> None:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                self._before[number] = signal.signal(number, self._ask)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type] # what signal() gave us

    def _ask(self, _: int, __: FrameType | None) -> None:
        self._stop.set()
