"""The jars of the broker: exactly those of `jars.lock`, checked by SHA-256 at every start.

1. A jar that is there and matches is used; nothing is resolved and no network is touched.
2. A jar that is missing is fetched into a scratch directory, checked, and only then moved into
   place, so that a killed download leaves nothing behind that looks whole.
3. A jar that does not match stops the start. It is never replaced silently.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from streams.errors import BrokerError

LOCK_PATH = Path(__file__).with_name("jars.lock")
PARALLEL_FETCHES = 4  # polite to a public repository; the whole set takes seconds all the same
FETCH_TIMEOUT_S = 60

Notify = Callable[[str], None]


@dataclass(frozen=True)
class Jar:
    """One locked jar: its Maven coordinate and the SHA-256 of its bytes, in lower-case hex."""

    group: str
    artifact: str
    version: str
    sha256: str
    packaging: str = "jar"

    @property
    def filename(self) -> str:
        """Return the name it is stored under, as Maven names it."""
        return f"{self.artifact}-{self.version}.{self.packaging}"


def silent(_: str) -> None:
    """Report nothing: the default of every `notify`."""


def read_lock(text: str) -> tuple[Jar, ...]:
    """Parse lines of `group:artifact:version sha256:hex`; BrokerError on any other line."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    try:
        jars = tuple(_parse(line) for line in lines)
    except ValueError as error:
        raise BrokerError(f"{LOCK_PATH.name} cannot be read: {error}") from error
    if not jars:
        raise BrokerError(f"{LOCK_PATH.name} names no jars")
    return jars


def default_directory() -> Path:
    """Return the user's cache of jars, shared by every broker of this user."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "phigate" / "jars"


def ensure_jars(
    directory: Path, jars: Sequence[Jar] | None = None, notify: Notify = silent
) -> list[Path]:
    """Return the class path, every file of it checked; fetch what is missing.

    BrokerError if a jar does not match the lock or cannot be fetched.
    """
    jars = jars if jars is not None else read_lock(LOCK_PATH.read_text(encoding="ascii"))
    directory.mkdir(parents=True, exist_ok=True)
    missing = [jar for jar in jars if not (directory / jar.filename).exists()]
    for jar in jars:
        if jar not in missing:
            _check(jar, directory / jar.filename)
    if missing:
        _fetch_all(missing, directory, notify)
    return [directory / jar.filename for jar in jars]


def _parse(line: str) -> Jar:
    coordinate, digest = line.split()
    group, artifact, version = coordinate.split(":")
    algorithm, sha256 = digest.split(":")
    if algorithm != "sha256" or len(bytes.fromhex(sha256)) != hashlib.sha256().digest_size:
        raise ValueError(f"no SHA-256 in {line!r}")
    return Jar(group, artifact, version, sha256)


def _check(jar: Jar, path: Path) -> None:
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != jar.sha256:
        raise BrokerError(
            f"{path} does not match jars.lock: sha256 {found}, locked {jar.sha256}",
            code="jar_mismatch",
            hint=f"find out who changed it; removing it ({path}) has it fetched again",
        )


def _fetch_all(missing: Sequence[Jar], directory: Path, notify: Notify) -> None:
    notify(f"fetching {len(missing)} of the broker's jars (about 58 MB in all, once)")
    with (
        tempfile.TemporaryDirectory(dir=directory, prefix=".fetch-") as scratch,
        ThreadPoolExecutor(PARALLEL_FETCHES) as pool,
    ):
        futures = [pool.submit(_fetch, jar, Path(scratch), directory) for jar in missing]
        try:
            for done, future in enumerate(futures, start=1):
                future.result()
                if done % 10 == 0:
                    notify(f"fetched {done} of {len(missing)} jars")
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _fetch(jar: Jar, scratch: Path, directory: Path) -> None:
    """Take one jar from the user's Maven cache or a repository, check it, move it into place."""
    # Imported here: jgo brings HTTP clients that a start with all jars in place never needs.
    from jgo.config import GlobalSettings  # noqa: PLC0415 - `--help` is quick
    from jgo.maven import MavenContext  # noqa: PLC0415 - `--help` is quick

    settings = GlobalSettings.load()
    context = MavenContext(
        repo_cache=scratch, local_repos=[settings.repo_cache], timeout=FETCH_TIMEOUT_S
    )
    context.remote_repos.update(settings.repositories)
    component = context.project(jar.group, jar.artifact).at_version(jar.version)
    artifact = component.artifact(packaging=jar.packaging)
    try:
        found = Path(artifact.resolve())
        copy = scratch / jar.filename
        copy.write_bytes(found.read_bytes())
    except (OSError, RuntimeError) as error:
        raise BrokerError(
            f"cannot fetch {jar.group}:{jar.artifact}:{jar.version}: {error}",
            code="jar_unavailable",
            hint="a network connection is needed once; later starts work without one",
        ) from error
    _check(jar, copy)
    copy.replace(directory / jar.filename)
