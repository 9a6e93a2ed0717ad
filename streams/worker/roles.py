"""The three roles, each a Faust app in a process of its own: admit, fold, audit."""

import asyncio
import fcntl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from streams import dumps
from streams.clock import now_ms
from streams.cluster import shape
from streams.control.reader import Orders
from streams.directory import Directory
from streams.directory.published import GateSet, gate_set
from streams.errors import KeyringError, MaskingError, OperatorError
from streams.events import Kind, Request, Verdict
from streams.identity.jwks import KeySource
from streams.policy import PolicySet
from streams.policy.files import read_policies
from streams.settings import Settings
from streams.signing import SigningKey
from streams.wire import client, topics
from streams.wire.credential import as_role
from streams.worker.admission.admission import Admitted, take
from streams.worker.admission.context import Context
from streams.worker.admit import AdmitLoop, Bookmarks, Holes
from streams.worker.audit import AuditEffects, sign_all, sign_idle
from streams.worker.brake import Brake
from streams.worker.budget import Budgets
from streams.worker.checkpoints import Checkpoints
from streams.worker.faust.app import GateApp
from streams.worker.faust.process import Process
from streams.worker.faust.table import ROCKSDB, CaseTable
from streams.worker.floods import Floods
from streams.worker.fold import expire
from streams.worker.foldeffects import FoldEffects, sealed
from streams.worker.keys import AdmitKeys, FoldKeys
from streams.worker.lanes import Lanes
from streams.worker.leave import OPERATOR, leave, leave_on
from streams.worker.logprogram import Effects
from streams.worker.loop import LogLoop
from streams.worker.pool import MaskingPool
from streams.worker.record import Record
from streams.worker.views import Views

INPUTS = {
    "intents": Kind.INTENT,
    "decisions": Kind.DECISION,
    "outcomes": Kind.OUTCOME,
    "controls": Kind.CONTROL,
    "cancels": Kind.CONTROL,
}


def run(role: str, settings: Settings, data: Path, ready: Callable[[], None]) -> None:
    """Run one worker of a role until it is told to stop. `data` is a folder of its own.

    `ready` is called once it consumes. Raises OperatorError before that: keys, directory, policy,
    topics.
    """
    dumps.forbid()
    settings = as_role(settings, role)
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _alone(data):
        app = ROLES[role](settings, data)
        shape.check(settings)
        _execute(app, ready)


def _execute(app: GateApp, ready: Callable[[], None]) -> None:
    app.beside(app.pulse.beat)
    app.beside(app.watch)

    @app.task  # type: ignore[untyped-decorator]
    async def started() -> None:
        ready()

    worker = Process(app, redirect_stdouts=False, override_logging=False, quiet=True)
    worker.spinner = None  # it would write escape codes into the log
    try:
        worker.execute_from_commandline()
    except Exception as error:  # noqa: BLE001 - told by type and place, in one line
        leave_on(worker.crash_reason or error)


@contextmanager
def _alone(data: Path) -> Iterator[None]:
    """Hold the folder; OperatorError where another worker does, since they share no database."""
    with (data / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OperatorError(
                f"another worker uses {data}", hint="give each worker a folder of its own: --data"
            ) from None
        yield


def _fold(settings: Settings, data: Path) -> GateApp:
    keys = FoldKeys.load(settings.keys)
    effects = FoldEffects(settings.prefix, sealed(keys))
    gate = gate_set(settings.pinned_keys, Directory.load(settings.directory))
    _check_current(keys.grant, gate)
    checkpoints = Checkpoints(settings, gate.audit, gate.ends_ms)
    app, loop = _log_app("fold", settings, data, effects)
    loop.brake = Brake(app, checkpoints, settings)
    cases = topics.name(settings.prefix, "cases")
    app.beside(partial(expire, app, cases, effects.deadlines))
    app.beside(Views(app, views(settings), loop.shown, gate.grants).mend)
    app.beside(checkpoints.follow)
    return app


def _audit(settings: Settings, data: Path) -> GateApp:
    signer = SigningKey.load(settings.keys / "audit.key")
    _check_current(signer, gate_set(settings.pinned_keys, Directory.load(settings.directory)))
    entries, notes = (topics.name(settings.prefix, name) for name in ("audit", "checkpoints"))
    effects = AuditEffects(entries, notes, signer)
    checkpoints = Checkpoints(settings, [signer.public])
    app, loop = _log_app("audit", settings, data, effects)
    cases = topics.name(settings.prefix, "cases")
    app.beside(checkpoints.follow)
    app.beside(partial(sign_idle, app, cases, effects, loop.mark))
    app.beside(partial(sign_all, app, cases, effects, checkpoints, settings.partitions))
    return app


def views(settings: Settings) -> dict[str, type[Request] | type[Verdict]]:
    """Return the compacted topics that the fold writes."""
    return {
        topics.name(settings.prefix, "requests"): Request,
        topics.name(settings.prefix, "verdicts"): Verdict,
    }


def _check_current(key: SigningKey, gate: GateSet) -> None:
    """Raise KeyringError where a key has ended: whatever it signed would be refused."""
    end_ms = gate.ends_ms.get(key.public.key_id)
    if end_ms is not None and now_ms() >= end_ms:
        raise KeyringError(
            f"the key {key.public.key_id} has ended",
            code="retired_key",
            hint="`phigate keys status` shows which key signs; copy the new one to this machine",
        )


def _log_app(
    role: str, settings: Settings, data: Path, effects: Effects
) -> tuple[GateApp, LogLoop]:
    app = GateApp(settings, role, data)
    table = case_table(app)
    loop = LogLoop(app, table, effects)

    async def open_table() -> None:
        table.deliveries = app.deliveries

    app.opening.append(open_table)
    app.beside(table.mend)

    @app.agent(app.input("cases"))  # type: ignore[untyped-decorator]
    async def fold(stream: Any) -> None:
        await loop.run(stream)

    return app, loop


def case_table(app: GateApp) -> CaseTable:
    """Return the app's table of cases."""
    table = CaseTable(
        app,
        name="cases",
        key_type=bytes,
        value_type=bytes,
        partitions=app.settings.partitions,
        options=dict(ROCKSDB),
    )
    app.tables.add(table)
    return table


def _admit(settings: Settings, data: Path) -> GateApp:
    directory = Directory.load(settings.directory)
    policy = PolicySet.load(*read_policies(settings.policies))
    keys = AdmitKeys.load(settings)
    pool = MaskingPool(settings.mask_workers + 1, settings.mask_timeout_ms)  # one for remarks
    lanes = Lanes(settings.mask_workers)
    budgets = Budgets(settings, lanes)
    made: dict[str, Context] = {}
    orders = Orders.of(settings, directory)
    halts_known = asyncio.Event()
    providers = KeySource(settings.directory.parent, beside=True)

    async def open_pool() -> None:
        try:
            revision = await pool.warm_up()
        except OperatorError as error:
            leave(f"{error}; {error.hint}", code=OPERATOR)
        except MaskingError as error:
            leave(str(error))
        made["context"] = Context(
            settings,
            directory,
            policy,
            keys,
            revision,
            now_ms,
            orders.board,
            providers,
            lanes,
            budgets,
        )

    async def close_lanes() -> None:
        lanes.close()

    async def close_pool() -> None:
        pool.close()

    async def one(record: Record, kind: Kind) -> Admitted:
        if kind is Kind.INTENT:
            await halts_known.wait()
        return await take(record, kind, made["context"], pool.mask, pool.read)

    app = GateApp(settings, "admit", data, foreign=True)
    group = f"{topics.app_id(settings.prefix, 'admit')}-positions"
    bookmarks = Bookmarks(client.consumer(settings, group), group)
    app.first_record = Holes(settings).first_record
    cases = topics.name(settings.prefix, "cases")
    loop = AdmitLoop(app, bookmarks, cases, one, Floods(settings))
    for name, kind in INPUTS.items():
        _input_agent(app, name, loop, kind)
    app.opening.append(open_pool)
    app.closing += [close_lanes, loop.drain, close_pool]
    app.beside(loop.keep)
    app.beside(partial(orders.follow, halts_known.set))
    app.beside(partial(providers.follow, directory.oidc))
    return app


def _input_agent(app: GateApp, name: str, loop: AdmitLoop, kind: Kind) -> None:
    async def agent(stream: Any) -> None:
        await loop.run(stream, kind)

    app.agent(app.input(name), name=f"admit-{name}")(agent)


ROLES: Mapping[str, Callable[[Settings, Path], GateApp]] = {
    "admit": _admit,
    "fold": _fold,
    "audit": _audit,
}
