"""The executor's SDK: run exactly what a grant allows, once, and say what came of it.

    from streams.executor import ActionRequest, Executor

    app = Executor("sql")

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

from typing import TYPE_CHECKING

from streams.door import opening

if TYPE_CHECKING:
    from streams.directory import Directory
    from streams.events import Approval, Resource, Status
    from streams.executor.executor import Executor
    from streams.executor.request import ActionRequest, Done
    from streams.sealing import SealKey
    from streams.settings import Settings
    from streams.signing import SigningKey
else:
    __getattr__ = opening(
        __name__,
        {
            "ActionRequest": "streams.executor.request",
            "Approval": "streams.events",
            "Directory": "streams.directory",
            "Done": "streams.executor.request",
            "Executor": "streams.executor.executor",
            "Resource": "streams.events",
            "SealKey": "streams.sealing",
            "Settings": "streams.settings",
            "SigningKey": "streams.signing",
            "Status": "streams.events",
        },
    )

__all__ = [
    "ActionRequest",
    "Approval",
    "Directory",
    "Done",
    "Executor",
    "Resource",
    "SealKey",
    "Settings",
    "SigningKey",
    "Status",
]
