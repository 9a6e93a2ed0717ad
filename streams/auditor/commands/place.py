"""Where a question is asked: of the cluster or a file, held against which keys, and the index."""

# ruff: noqa: PLC0415 - heavy imports wait for the command that needs them: `--help` is quick

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from streams.auditor.commands import options
from streams.errors import SettingsError

if TYPE_CHECKING:
    from streams.auditor.ask.index import Index
    from streams.auditor.proof.check import Evidence
    from streams.auditor.proof.pins import Pins
    from streams.settings import Settings

AS_JSON = click.option("--json", "as_json", is_flag=True, help="JSON for scripts, one line.")
_FILE = click.option(
    "--file", type=options.FILE, help="Read a file of `phigate audit export`, not Kafka."
)
_FIRST = click.option(
    "--from", "first", metavar="TIME", help="Not before: 2026-11-01 or 2026-11-01T14:30, UTC."
)
_LAST = click.option(
    "--to", "last", metavar="TIME", help="Before then; a bare date is that whole day."
)


def period(command: Callable[..., None]) -> Callable[..., None]:
    """Add `--from` and `--to`."""
    return _FIRST(_LAST(command))


@dataclass(frozen=True)
class AuditPlace:
    """Where the audit is read from, and the public keys that it is held against."""

    home: Path | None
    bootstrap: str | None
    file: Path | None = None
    key_texts: tuple[str, ...] = ()
    pins_file: Path | None = None
    witness_texts: tuple[str, ...] = ()
    quorum: int = 0

    @property
    def settings(self) -> "Settings":
        """The settings; SettingsError where one is wrong."""
        return options.settings_of(self.home, self.bootstrap)

    def pinned(self) -> "Pins":
        """Return the pinned keys; SettingsError where there are none at hand."""
        given = (self.key_texts, self.pins_file, self.witness_texts)
        return options.pins_of(self.home, self.bootstrap, *given)

    def pins(self) -> "Pins | None":
        """Return the pinned keys; None where a file is read and there are none at hand."""
        try:
            return self.pinned()
        except SettingsError:
            if self.file:
                return None  # a file can be read anywhere; that it is not verified is said
            raise

    def read(
        self, *, notes: bool = False, role: str = "auditor"
    ) -> "AbstractContextManager[options.Reading]":
        """Open the records in this role, with the notes before them or without."""
        return options.reading(self.home, self.bootstrap, self.file, notes=notes, role=role)


def read_from(command: Callable[..., None]) -> Callable[..., None]:
    """Add where the audit is read from."""
    return options.where(_FILE(command))


def placed(command: Callable[..., None]) -> Callable[..., None]:
    """Add where the audit is read from, and the keys; the command gets them as `place`."""
    return read_from(options.keyed(_gathered(command)))


def proved(command: Callable[..., None]) -> Callable[..., None]:
    """Do the same for a command that reads everything: the file is named by `--from`."""
    return options.common(options.keyed(_gathered(command)))


def checked(command: Callable[..., None]) -> Callable[..., None]:
    """Do the same for a command whose argument is the file."""
    return options.where(AS_JSON(options.keyed(_gathered(command))))


def _gathered(command: Callable[..., None]) -> Callable[..., None]:
    import functools

    @functools.wraps(command)
    def with_place(  # noqa: PLR0913 - the options of one place
        *,
        home: Path | None,
        bootstrap: str | None,
        file: Path | None = None,
        key_texts: tuple[str, ...],
        pins_file: Path | None,
        witness_texts: tuple[str, ...],
        quorum: int,
        **others: Any,
    ) -> None:
        where = AuditPlace(home, bootstrap, file, key_texts, pins_file, witness_texts, quorum)
        command(place=where, **others)

    return with_place


@contextmanager
def indexed(place: AuditPlace, *, rebuild: bool = False, verify: bool = False) -> "Iterator[Index]":
    """Open the index of the audit, brought up to date.

    A file is indexed in memory and always verified, where there is a key. The topic's index stands
    in the home and reads on from where it was; a new one, or one that no longer fits the topic, is
    built and verified from the beginning, as with `verify`.
    """
    from streams.auditor.ask.index import Index, discard
    from streams.auditor.read import source
    from streams.wire import topics

    if place.file:
        with Index() as index:
            walk(place, index)
            yield index
        return
    settings = place.settings
    path = settings.home / "audit-index.sqlite"
    if rebuild:
        discard(path)
    name = topics.name(settings, "audit")
    with Index(path, name) as index:
        fits = index.fits(source.ends(settings, "audit"))
        if fits and index.size() and not verify:
            index.add(source.from_kafka(settings, index.starts()))
            yield index
            return
    if not fits:
        discard(path)
    with Index(path, name) as index:
        walk(place, index)
        yield index


def walk(place: AuditPlace, index: "Index") -> "tuple[dict[str, object], Evidence | None]":
    """Read the whole audit once: index it, verify it.

    Returns what `audit verify` says, and the evidence, from which proofs are made; none where
    there is no key to hold it against.
    """
    from streams.auditor.proof import result
    from streams.auditor.proof.check import Evidence

    pins = place.pins()
    with place.read(notes=True) as records:
        if pins is None:
            index.add(records)
            return {"verified": False, "broken": None}, None
        evidence = Evidence(pins, quorum=place.quorum)
        for record in index.passing(records):
            evidence.take(record)
        report = evidence.report(records.shards)
    index.vouch(report)
    return result.as_json(report, {}), evidence
