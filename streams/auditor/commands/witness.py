"""`phigate audit witness`."""

# ruff: noqa: PLC0415 - heavy imports wait for the command that needs them: `--help` is quick

import json
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from streams.auditor.commands.options import EXIT_BROKEN, EXIT_EMPTY, FILE
from streams.auditor.commands.place import AuditPlace, proved
from streams.clock import now_ms
from streams.commandline import Lone
from streams.plain import harmless

if TYPE_CHECKING:
    from streams.auditor.proof.check import Evidence
    from streams.auditor.proof.pins import Pins
    from streams.auditor.proof.witness import Witnessed
    from streams.events import Checkpoint
    from streams.settings import Settings
    from streams.signing import SigningKey


@click.command(cls=Lone)
@click.option("--sign", "sign_file", type=FILE, required=True, help="The witness's private key.")
@click.option(
    "--state",
    type=click.Path(path_type=Path, file_okay=False),
    help="What was seen is kept here. [default: witness/ in phigate's directory]",
)
@click.option("--out", type=FILE, help="Write the cosigned notes to this file, not to Kafka.")
@click.option("--watch", type=float, metavar="SECONDS", help="Go on, once in so many seconds.")
@proved
def witness(  # noqa: PLR0913 - the options of one command
    *,
    place: AuditPlace,
    sign_file: Path,
    state: Path | None,
    out: Path | None,
    watch: float | None,
    as_json: bool,
) -> None:
    """See that each tree only grows, and cosign it under a key of one's own.

    Run it away from the gate, by somebody else: a log that only its own key signs proves nothing
    against that key's holder. It verifies every note, that the entries give the roots signed, and
    that the tree seen last is the beginning of the newest; only then it cosigns (C2SP
    tlog-cosignature). It needs no event's text.

    \b
      phigate key new hospital-witness
      phigate audit witness --sign keys/hospital-witness.key --watch 60

    Exit code: 0 cosigned, 1 inconsistent, so not cosigned, 3 there is nothing to cosign.
    """
    from streams.auditor.proof import witness as witnesses
    from streams.signing import SigningKey

    key = SigningKey.load(sign_file)
    pins = place.pinned()
    folder = state or place.settings.home / "witness"
    with witnesses.state(folder):
        while True:
            evidence = _read(place, pins)
            found = witnesses.see(evidence, folder, key, now_ms() // 1000)
            _give(found.notes, out, None if place.file else place.settings)
            _say(found, key, as_json=as_json)
            if found.broken:
                sys.exit(EXIT_BROKEN)
            if watch is None:
                sys.exit(0 if found.notes else EXIT_EMPTY)
            time.sleep(watch)


def _read(place: AuditPlace, pins: "Pins") -> "Evidence":
    """Read everything; with a quorum only what so many other witnesses have seen will do."""
    from streams.auditor.proof.check import Evidence

    evidence = Evidence(pins, sample=0, quorum=place.quorum)
    with place.read(notes=True, role="witness") as records:
        for record in records:
            evidence.take(record)
    return evidence


def _give(notes: Iterable["Checkpoint"], out: Path | None, settings: "Settings | None") -> None:
    """Put the cosigned notes where they are wanted."""
    from streams.audit.checkpoint import note_key
    from streams.auditor.read.source import Stored, to_file
    from streams.wire import client, codec, credential, topics

    records = [
        (max(n.shard, 0), note_key(n.shard, n.size, n.witness).encode(), codec.encode(n))
        for n in notes
    ]
    if out is not None:
        kept = [
            Stored(partition, at, 0, key, value, "checkpoints")
            for at, (partition, key, value) in enumerate(records)
        ]
        to_file(out, kept, force=True)
    elif settings is not None:
        producer = client.producer(credential.as_role(settings, "witness"))
        for partition, key, value in records:
            topic = topics.name(settings, "checkpoints")
            client.deliver(producer, topic, key, value, partition=partition)


def _say(found: "Witnessed", key: "SigningKey", *, as_json: bool) -> None:
    from streams.audit.note import WitnessKey

    text = WitnessKey.of(key.public).text
    if as_json:
        broken = found.broken
        said = {
            "cosigned": len(found.notes),
            "witness": text,
            "broken": None if broken is None else {"kind": broken.kind, "shard": broken.shard},
        }
        click.echo(json.dumps(said))
    elif found.broken:
        b = found.broken
        why = f"shard {b.shard}, index {b.index}: {b.kind}. {b.detail}."
        click.echo(harmless(f"NOT cosigned: {why}"))
    else:
        click.echo(f"{len(found.notes)} notes cosigned by {text}")
