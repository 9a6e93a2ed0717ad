"""A package index on this machine, of wheels that hold nothing but their name and what they need.

It offers each pinned version, and a newer release of the same, which no lock knows a hash of.
"""

import base64
import hashlib
import io
import re
import threading
import time
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property, partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Package:
    """One pinned release: what its metadata say, and what it holds."""

    name: str
    version: str
    needs: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)

    def newer(self) -> "Package":
        """Return a release that fits wherever this one does, and is preferred by who resolves."""
        return Package(self.name, f"{self.version}.1", self.needs, self.extras, self.files)

    @property
    def filename(self) -> str:
        """Return the wheel's name."""
        return f"{re.sub('[-.]+', '_', self.name)}-{self.version}-py3-none-any.whl"

    @cached_property
    def wheel(self) -> bytes:
        """The wheel, the same bytes every time."""
        info = f"{re.sub('[-.]+', '_', self.name)}-{self.version}.dist-info"
        head = ["Metadata-Version: 2.1", f"Name: {self.name}", f"Version: {self.version}"]
        head += [f"Provides-Extra: {each}" for each in self.extras]
        head += [f"Requires-Dist: {each}" for each in self.needs]
        files = dict(self.files) | {
            f"{info}/METADATA": "\n".join([*head, ""]).encode(),
            f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        }
        listed = [f"{path},{_digest(body)},{len(body)}" for path, body in files.items()]
        files[f"{info}/RECORD"] = "\n".join([*listed, f"{info}/RECORD,,", ""]).encode()
        with io.BytesIO() as whole:
            with zipfile.ZipFile(whole, "w") as archive:
                for path, body in files.items():
                    archive.writestr(zipfile.ZipInfo(path), body)
            return whole.getvalue()

    def pin(self) -> str:
        """Return the lock's lines for it."""
        digest = hashlib.sha256(self.wheel).hexdigest()
        return f"{self.name}=={self.version} \\\n    --hash=sha256:{digest}"


def _digest(body: bytes) -> str:
    digest = hashlib.sha256(body).digest()
    return "sha256=" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@dataclass
class Index:
    """What is offered, and how: with a delay, and some wheels broken off the first time."""

    packages: tuple[Package, ...]
    delay_s: float = 0.0
    breaks: frozenset[str] = frozenset()
    taken: list[str] = field(default_factory=list)
    served: threading.Event = field(default_factory=threading.Event)
    serves: int = 10**9  # after so many wheels the answers stand still
    wheels: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for package in self.packages:
            for release in (package, package.newer()):
                self.wheels[release.filename] = release.wheel

    def page(self, name: str) -> bytes:
        """Return the links of one package."""
        start = re.sub("[-.]+", "_", name).lower() + "-"
        found = [each for each in self.wheels if each.lower().startswith(start)]
        return "".join(f'<a href="/files/{each}">{each}</a>\n' for each in found).encode()


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, index: Index, *rest: object) -> None:
        self.index = index
        super().__init__(*rest)  # type: ignore[arg-type] # the server's three

    def do_GET(self) -> None:
        """Answer with a package's page, or a file."""
        time.sleep(self.index.delay_s)
        _, kind, name, *_ = self.path.split("/")
        if kind == "simple":
            self._answer("text/html", self.index.page(name))
            return
        self.index.taken.append(name)
        if len(self.index.taken) > self.index.serves:
            self.index.served.set()
            time.sleep(60)
        broken = name in self.index.breaks and self.index.taken.count(name) == 1
        body = self.index.wheels[name]
        self._answer("application/octet-stream", body, len(body) // 2 if broken else len(body))

    def _answer(self, kind: str, body: bytes, so_many: int | None = None) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with suppress(BrokenPipeError):  # who asked had no more patience
            self.wfile.write(body[:so_many])

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@contextmanager
def serving(index: Index) -> Iterator[str]:
    """Serve it on this machine; yields the address that pip is told."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, index))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/simple/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def lock(packages: Iterable[Package]) -> str:
    """Return a deploy/constraints.txt of exactly these."""
    return "\n".join(package.pin() for package in packages) + "\n"
