"""The executor's app: it does nothing but write down what it was given to do."""

import hashlib
import os
import time

from streams.executor import ActionRequest, Done, Executor
from streams.settings import load_settings
from tests.chaos.rig.history import Journal

IDEMPOTENT = frozenset({"db.query"})
ACTIONS = ("db.query", "data.export", "iam.grant", "infra.change", "message.send", "db.drop")
DEED_S = float(os.environ.get("CHAOS_DEED_S", "0.02"))


def app(number: int) -> Executor:
    """Return one of the executors of the class `clinic`; each has a ledger of its own."""
    settings = load_settings()
    keys = settings.keys / "executors"
    journal = Journal(settings.home / f"ran-{number}.jsonl")
    executor = Executor(
        "clinic",
        settings,
        key=keys / "clinic.key",
        seal_key=keys / "clinic.seal",
        ledger=settings.home / "executors" / f"clinic-{number}.sqlite3",
    )

    def run(request: ActionRequest) -> Done:
        journal.write(
            grant_id=request.grant_id,
            intent_id=request.intent_id,
            idempotent=request.action in IDEMPOTENT,
            unmasked=request.unmasked,
            params=hashlib.sha256(request.params_bytes).hexdigest(),
        )
        time.sleep(DEED_S)  # so that a kill can fall between the deed and its report
        return Done(message="done")

    for action in ACTIONS:
        executor.handler(action, idempotent=action in IDEMPOTENT)(run)
    return executor
