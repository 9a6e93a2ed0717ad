"""Real PostgreSQL and MariaDB for the fuzz: a server in a folder of its own, a client of few lines.

The clients speak each protocol's simple query, in which a text may hold several statements and the
server runs all of them: the worst an executor can do. What came back is kept as the server said it.
"""

import os
import shutil
import socket
import struct
import subprocess
import time
from pathlib import Path
from typing import Any

START_S = 240.0
PG_BIN = Path("/usr/lib/postgresql/15/bin")


def found(name: str) -> str:
    """Return where a server's program is, or nothing."""
    return shutil.which(name) or (str(PG_BIN / name) if (PG_BIN / name).exists() else "")


class Postgres:
    """PostgreSQL by its own protocol (version 3, section 55.2 of its manual), over a socket."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        data = folder / "data"
        if os.getuid() == 0:
            shutil.chown(folder, "postgres")
        self._run("initdb", "-D", str(data), "-A", "trust", "-U", "postgres", "--no-sync")
        (data / "postgresql.auto.conf").write_text(
            f"unix_socket_directories = '{folder}'\nlisten_addresses = ''\nfsync = off\n"
            "autovacuum = off\nstatement_timeout = 2000\nwal_level = minimal\nmax_wal_senders = 0\n"
            "bgwriter_lru_maxpages = 0\ncheckpoint_timeout = 3600\n"
        )
        self._run("pg_ctl", "-D", str(data), "-l", str(folder / "log"), "-w", "start")
        self._socket = self._open()

    def query(self, text: str) -> tuple[list[str], list[list[str]], str]:
        """Run a text; return its command tags, its rows and its error."""
        tags: list[str] = []
        rows: list[list[str]] = []
        error = ""
        self._send(b"Q", text.encode() + b"\0")
        while True:
            kind, body = self._receive()
            if kind == b"C":
                tags.append(body[:-1].decode())
            elif kind == b"D":
                rows.append(_row(body))
            elif kind == b"E":
                error = body.decode(errors="replace")
            elif kind in {b"G", b"W"}:  # COPY: end it at once
                tags.append("COPY")
                self._send(b"f", b"no\0")
            elif kind == b"Z":
                return tags, rows, error

    def again(self) -> None:
        """Take a new session: what the last one set is gone."""
        self._socket.close()
        self._socket = self._open()

    def close(self) -> None:
        """End the server."""
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop")

    def _run(self, name: str, *arguments: str) -> None:
        command = [found(name), *arguments]
        user = {"user": "postgres", "group": "postgres"} if os.getuid() == 0 else {}
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=self.folder, **user)  # type: ignore[call-overload]

    def _open(self) -> socket.socket:
        made = socket.socket(socket.AF_UNIX)
        made.settimeout(20.0)
        made.connect(str(self.folder / ".s.PGSQL.5432"))
        self._socket = made
        start = b"user\0postgres\0database\0postgres\0\0"
        made.sendall(struct.pack("!ii", len(start) + 8, 196608) + start)
        while self._receive()[0] != b"Z":
            pass
        return made

    def _send(self, kind: bytes, body: bytes) -> None:
        self._socket.sendall(kind + struct.pack("!i", len(body) + 4) + body)

    def _receive(self) -> tuple[bytes, bytes]:
        head = self._exactly(5)
        return head[:1], self._exactly(struct.unpack("!i", head[1:])[0] - 4)

    def _exactly(self, count: int) -> bytes:
        return _exactly(self._socket, count)


class Maria:
    """MariaDB by the MySQL protocol's COM_QUERY, several statements allowed, over a socket."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        if os.getuid() == 0:
            shutil.chown(folder, "mysql", "mysql")
        common = [f"--datadir={folder}/data", "--no-defaults"]
        quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        user = ["--user=mysql"] if os.getuid() == 0 else []
        install = [found("mariadb-install-db"), "--no-defaults", common[0], *user]
        subprocess.run([*install, "--auth-root-authentication-method=normal"], check=True, **quiet)
        command = [found("mariadbd"), "--no-defaults", common[0], "--skip-networking", *user]
        command += [f"--socket={folder}/s", "--event-scheduler=OFF", "--max-statement-time=2"]
        self._server = subprocess.Popen(command, **quiet)
        self._socket = self._open()

    def query(self, text: str) -> tuple[list[str], list[list[str]], str]:
        """Run a text; return a word a result (`rows` or `done`), all rows, and an error."""
        _send(self._socket, 0, b"\x03" + text.encode())
        results: list[str] = []
        rows: list[list[str]] = []
        while True:
            packet = self._packet()
            if packet[:1] == b"\xff":
                return results, rows, packet[3:].decode(errors="replace")
            if packet[:1] == b"\xfb":  # LOAD DATA LOCAL: send nothing
                _send(self._socket, 2, b"")
                continue
            if packet[:1] == b"\x00":
                results.append("done")
                status = _status(packet)
            else:
                results.append("rows")
                more, status = self._rows()
                rows += more
                if status < 0:
                    return results, rows, "failed between two rows"
            if not status & 8:  # SERVER_MORE_RESULTS_EXISTS
                return results, rows, ""

    def again(self) -> None:
        """Take a new session."""
        self._socket.close()
        self._socket = self._open()

    def close(self) -> None:
        """End the server."""
        self._server.kill()
        self._server.wait()

    def _rows(self) -> tuple[list[list[str]], int]:
        rows: list[list[str]] = []
        ends = 0
        while True:
            packet = self._packet()
            if packet[:1] == b"\xff":
                return rows, -1
            if packet[:1] == b"\xfe" and len(packet) < 9:
                ends += 1
                if ends == 2:
                    return rows, struct.unpack("<H", packet[3:5])[0]
            elif ends:
                rows.append([packet.decode(errors="replace")])

    def _open(self) -> socket.socket:
        end = time.monotonic() + START_S
        while True:
            made = socket.socket(socket.AF_UNIX)
            made.settimeout(20.0)
            try:
                made.connect(f"{self.folder}/s")
                break
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.2)
        self._socket = made
        self._packet()
        flags = 0x00000200 | 0x00008000 | 0x00010000 | 0x00020000 | 0x00080000 | 0x1
        hello = struct.pack("<IIB23x", flags, 1 << 24, 33) + b"root\0\0mysql_native_password\0"
        _send(made, 1, hello)
        answer = self._packet()
        assert answer[:1] == b"\x00", answer
        return made

    def _packet(self) -> bytes:
        head = _exactly(self._socket, 4)
        return _exactly(self._socket, head[0] | head[1] << 8 | head[2] << 16)


def _row(body: bytes) -> list[str]:
    cells, at = [], 2
    for _ in range(struct.unpack("!h", body[:2])[0]):
        (size,) = struct.unpack("!i", body[at : at + 4])
        at += 4
        cells.append(body[at : at + size].decode(errors="replace") if size >= 0 else "")
        at += max(size, 0)
    return cells


def _status(packet: bytes) -> int:
    """Return the status flags of an OK packet: after two length-encoded numbers."""
    at = 1
    for _ in range(2):
        at += {0xFC: 3, 0xFD: 4, 0xFE: 9}.get(packet[at], 1)
    return int(struct.unpack("<H", packet[at : at + 2])[0])


def _send(to: socket.socket, number: int, body: bytes) -> None:
    to.sendall(struct.pack("<I", len(body))[:3] + bytes([number]) + body)


def _exactly(of: socket.socket, count: int) -> bytes:
    found_ = b""
    while len(found_) < count:
        piece = of.recv(count - len(found_))
        if not piece:
            raise ConnectionError("the server has gone")
        found_ += piece
    return found_
