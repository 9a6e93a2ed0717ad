"""A TCP proxy between workers and brokers: it passes on, passes on slowly, or cuts."""

import asyncio
import contextlib
from collections.abc import Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

CHUNK_BYTES = 65_536


@dataclass(eq=False)
class Link:
    """One client's connection through the proxy."""

    front: int
    client_port: int
    writers: list[asyncio.StreamWriter] = field(default_factory=list)


class Proxy:
    """One front door a broker, all in one thread. `doors` maps front port to the broker's port."""

    def __init__(self, doors: dict[int, int]) -> None:
        self._doors = doors
        self._links: set[Link] = set()
        self._delay_s: dict[int, float] = {}
        self._shut: set[int] = set()
        self._loop = asyncio.new_event_loop()

    @property
    def fronts(self) -> list[int]:
        """Return the ports that workers connect to."""
        return list(self._doors)

    def start(self) -> None:
        """Listen, in a thread of its own."""
        Thread(target=self._loop.run_forever, name="proxy", daemon=True).start()
        for front, back in self._doors.items():
            self._do(self._listen(front, back))

    def slow(self, front: int, seconds: float) -> None:
        """Hold every piece back for so long, on one front; 0 ends it."""
        self._delay_s[front] = seconds

    def shut(self, front: int) -> None:
        """Cut all of one front's connections and take no new ones."""
        self._shut.add(front)
        self._loop.call_soon_threadsafe(self._cut, {front}, None)

    def reopen(self, front: int) -> None:
        """Take connections again."""
        self._shut.discard(front)

    def cut_process(self, pid: int) -> None:
        """Cut all connections of one process; it may connect again."""
        sockets = _sockets(pid)
        ports = {port for port, inode in _ports().items() if inode in sockets}
        self._loop.call_soon_threadsafe(self._cut, None, ports)

    def _do(self, work: Coroutine[Any, Any, object]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _listen(self, front: int, back: int) -> None:
        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._serve(front, back, reader, writer)

        await asyncio.start_server(connected, "127.0.0.1", front)

    async def _serve(
        self, front: int, back: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        link = Link(front, writer.get_extra_info("peername")[1], [writer])
        self._links.add(link)
        try:
            if front in self._shut:
                return
            upstream, downstream = await asyncio.open_connection("127.0.0.1", back)
            link.writers.append(downstream)
            await asyncio.gather(
                self._pump(front, reader, downstream), self._pump(front, upstream, writer)
            )
        except OSError:
            pass  # the broker is away: the client sees a closed connection
        finally:
            self._links.discard(link)
            for each in link.writers:
                each.close()

    async def _pump(
        self, front: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(CHUNK_BYTES):
                if delay_s := self._delay_s.get(front):
                    await asyncio.sleep(delay_s)
                writer.write(data)
                await writer.drain()
        writer.close()

    def _cut(self, fronts: set[int] | None, ports: set[int] | None) -> None:
        for link in list(self._links):
            if (fronts and link.front in fronts) or (ports and link.client_port in ports):
                for writer in link.writers:
                    writer.transport.abort()


def _sockets(pid: int) -> set[str]:
    found = set()
    for entry in Path(f"/proc/{pid}/fd").glob("*"):
        with contextlib.suppress(OSError):
            name = str(entry.readlink())
            if name.startswith("socket:["):
                found.add(name[8:-1])
    return found


def _ports() -> dict[int, str]:
    """Return local port and socket number of every TCP connection of this machine."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {int(row[1].rpartition(":")[2], 16): row[9] for row in rows}
