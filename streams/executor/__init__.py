"""The executor's SDK: run exactly what a grant allows, once, and say what came of it.

    from streams.executor import ActionRequest, Executor

    app = Executor("sql", key="keys/sql.key", seal_key="keys/sql-seal.key")

    @app.handler("db.query")
    def query(request: ActionRequest) -> dict[str, int]:
        return {"rows": run(request.params["sql"], token=request.grant_id)}

`phigate executor run module:app` then serves it. Reading order: `request` (what a handler gets and
gives), `check` (steps 1 to 5: is this grant ours, whole and in time), `ledger` (what was begun and
done, durable), `marks` (whether the ledger is older than what it left), `report` (the signed
outcome), `halts` (is it stopped by now), `conduct` (steps 1 to 9 for one record), `loop` (Kafka:
steps 10 and 11), `witness` with `passed` and `notes` (what the class has done already, whatever the
ledger knows), `parked` (what waits for a key), `executor` (the door), `command`. Nothing heavy is
imported until then.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from streams.executor.executor import Executor
    from streams.executor.request import ActionRequest, Done

__all__ = ["ActionRequest", "Done", "Executor"]

_HOMES = {"ActionRequest": "request", "Done": "request", "Executor": "executor"}


def __getattr__(name: str) -> Any:
    """Import a public name from its module when it is first asked for (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(name)
    from importlib import import_module  # noqa: PLC0415 - the point is to import late

    return getattr(import_module(f"streams.executor.{_HOMES[name]}"), name)
