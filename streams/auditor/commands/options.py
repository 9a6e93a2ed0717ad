"""What the commands of `phigate audit` share: options, settings, keys, reading with a bar."""

# ruff: noqa: PLC0415 - heavy imports wait for the command that needs them: `--help` is quick

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from streams.commandline import Group, Lone, where
from streams.errors import OperatorError
from streams.exits import Exit
from streams.plain import visible

if TYPE_CHECKING:
    from streams.auditor.proof.pins import Pins
    from streams.auditor.read.source import Stored
    from streams.settings import Settings

SHOWN_MAX = 10  # ids of an ambiguous beginning
EXIT_BROKEN, EXIT_EMPTY = Exit.NO, Exit.NOTHING

FILE = click.Path(path_type=Path, dir_okay=False)

__all__ = [
    "EXIT_BROKEN",
    "EXIT_EMPTY",
    "FILE",
    "Group",
    "Lone",
    "Reading",
    "candidates",
    "common",
    "keyed",
    "pins_of",
    "reading",
    "settings_of",
    "where",
]


def common(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that every command takes that reads the audit."""
    as_json = click.option("--json", "as_json", is_flag=True, help="JSON for scripts, one line.")
    file = click.option("--file", "file", type=FILE, help="Read an exported file, not Kafka.")
    return where(as_json(file(command)))


def candidates(found: Iterable[str]) -> OperatorError:
    """Return the error of an id that is not whole: it lists whose it may be, up to ten."""
    ids = [visible(each) for each in found]
    more = [f"and {len(ids) - SHOWN_MAX} more"] if len(ids) > SHOWN_MAX else []
    lines = "\n".join([*ids[:SHOWN_MAX], *more])
    return OperatorError(
        f"{len(ids)} intents have an id that begins so:\n{lines}", code="ambiguous"
    )


def keyed(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say which keys to believe."""
    options = (
        click.option(
            "--key",
            "key_texts",
            multiple=True,
            metavar="TEXT",
            help="A public key of the audit; again for more. [default: the directory's]",
        ),
        click.option("--pins", "pins_file", type=FILE, help="A file that `audit keys` wrote."),
        click.option(
            "--witness",
            "witness_texts",
            multiple=True,
            metavar="TEXT",
            help="A public key of a witness; again for more.",
        ),
        click.option(
            "--quorum",
            type=click.IntRange(0),
            default=0,
            help="How many of the witnesses must have cosigned.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def settings_of(home: Path | None, bootstrap: str | None) -> "Settings":
    """Return the settings of these options."""
    from streams.settings import load_settings
    from streams.wire.credential import as_role

    return as_role(load_settings(home=home, bootstrap=bootstrap), "auditor")


def pins_of(
    home: Path | None,
    bootstrap: str | None,
    key_texts: tuple[str, ...],
    pins_file: Path | None,
    witness_texts: tuple[str, ...],
) -> "Pins":
    """Return the pinned keys: given ones, else a file's, else those of the directory."""
    from streams.audit.note import WitnessKey
    from streams.auditor.proof import pins
    from streams.signing import PublicKey

    witnesses = tuple(WitnessKey.parse(text.strip()) for text in witness_texts)
    if pins_file:
        found = pins.load(pins_file)
    elif key_texts:
        found = pins.Pins(())
    else:
        from streams.directory import Directory
        from streams.directory.published import GateSet

        settings = settings_of(home, bootstrap)
        pinned = GateSet.load(Path(settings.pinned_keys)) if settings.pinned_keys else None
        found = pins.of_directory(Directory.load(settings.directory), pinned)
    keys = tuple(PublicKey.parse(text.strip()) for text in key_texts)
    return replace(found, audit=keys or found.audit, witnesses=(*found.witnesses, *witnesses))


@dataclass(frozen=True)
class Reading:
    """The records, each counted as it is read, and the shards that are known beforehand."""

    records: Iterator["Stored"]
    shards: tuple[int, ...]
    advance: Callable[[], None]

    def __iter__(self) -> Iterator["Stored"]:
        for record in self.records:
            self.advance()
            yield record


@contextmanager
def reading(
    home: Path | None,
    bootstrap: str | None,
    file: Path | None,
    *,
    notes: bool = False,
    role: str = "auditor",
) -> Iterator[Reading]:
    """Open the file, or the topics in this role; on a terminal a bar moves with the records."""
    from rich.console import Console
    from rich.progress import Progress

    from streams.auditor.read import source
    from streams.wire.credential import as_role

    spans: dict[int, tuple[int, int]] = {}
    if file:
        records = source.from_file(file)
    else:
        settings = as_role(settings_of(home, bootstrap), role)
        spans = source.ends(settings, "audit")
        records = source.evidence(settings) if notes else source.from_kafka(settings)
    total = sum(high - low for low, high in spans.values()) if spans else None
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("reading the audit", total=total)
        yield Reading(records, tuple(spans), lambda: progress.advance(task))
