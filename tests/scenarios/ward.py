"""The stories' executor, in a process of its own: it notes what it ran, and does nothing else.

phigate executor run tests.scenarios.ward:app
"""

from pathlib import Path

from streams.executor import ActionRequest, Done, Executor
from streams.settings import load_settings

RUNS = "runs.txt"


def app() -> Executor:
    """Return the executor; it notes the grant id of each run in the home's `runs.txt`."""
    settings = load_settings()
    keys = settings.keys / "executors"
    executor = Executor("clinic", key=keys / "clinic.key", seal_key=keys / "clinic.seal")
    runs = settings.home / RUNS

    @executor.handler("db.query")
    def query(request: ActionRequest) -> Done:
        _note(runs, request)
        return Done(message="3 rows")

    @executor.handler("data.export")
    def export(request: ActionRequest) -> Done:
        _note(runs, request)
        return Done(message="3 rows written")

    @executor.handler("db.update")
    def update(request: ActionRequest) -> Done:
        _note(runs, request)
        raise ValueError(f"no such row: {request.params}")  # as a database driver would quote it

    return executor


def _note(runs: Path, request: ActionRequest) -> None:
    with runs.open("a") as file:
        file.write(f"{request.grant_id}\n")
