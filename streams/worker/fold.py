"""The clock that ends what nobody answers: it stands beside the fold, and says so in the log."""

import asyncio

from streams import clock
from streams.wire import codec
from streams.worker.faust.app import GateApp
from streams.worker.foldeffects import Deadlines, passed

TICK_S = 0.25


async def expire(app: GateApp, topic: str, deadlines: Deadlines) -> None:
    """Say in the log which deadlines have passed; for ever. It publishes, it never writes a row."""
    while True:
        await asyncio.sleep(TICK_S)
        if not app.steady:
            continue
        now_ms = clock.now_ms()
        for key, partition, due_ms in deadlines.passed(now_ms):
            app.pulse.check()
            event = passed(key.decode(), partition, due_ms, now_ms)
            await app.deliveries.send(topic, key, codec.encode(event), partition=partition)
