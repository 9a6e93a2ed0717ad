"""The wire contract's schemas: the current ones, and every version that ever wrote a record.

`schemas/phigate.<Name>.avsc` holds one named type each (`streams/wire/avsc` is that folder: a link
in a checkout, real files in an installed package). `schemas/history/<Name>.<fingerprint>.avsc`
holds each version of each record in Avro's Parsing Canonical Form (Avro 1.12, "Parsing Canonical
Form for Schemas"), self-contained. Its fingerprint is CRC-64-AVRO, written as it stands in a
record's head: eight bytes, little-endian. The form leaves out docs, defaults and aliases: they
matter to a reader alone, and the reader is always current.

After changing a schema: `python -m streams.wire.schemas archive`.
"""

import json
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NewType

from fastavro.schema import fingerprint as digest
from fastavro.schema import load_schema, parse_schema, to_parsing_canonical_form

from streams.errors import WireError

FOLDER = Path(__file__).with_name("avsc")
NAMESPACE = "phigate"

# Every record that is encoded by itself; the others are parts of these.
ROOTS = (
    "Intent",
    "IntentBody",
    "Decision",
    "Outcome",
    "Begun",
    "Control",
    "CaseEvent",
    "Request",
    "Verdict",
    "Grant",
    "AuditEntry",
    "Checkpoint",
    "Case",
)

Schema = NewType("Schema", dict[str, Any])  # as fastavro has parsed it
Fingerprint = NewType("Fingerprint", bytes)  # eight bytes, as on the wire


@cache
def current(name: str, folder: Path = FOLDER) -> Schema:
    """Return the current schema of record `name`, its parts resolved from the same folder."""
    return Schema(load_schema(str(folder / f"{NAMESPACE}.{name}.avsc")))


def canonical(schema: Schema) -> str:
    """Return a schema's Parsing Canonical Form: two schemas write alike if these are equal."""
    return str(to_parsing_canonical_form(schema))


def fingerprint(form: str) -> Fingerprint:
    """Return the CRC-64-AVRO of a canonical form, as it stands in single-object encoding."""
    return Fingerprint(bytes.fromhex(digest(form, "CRC-64-AVRO")))


@cache
def fingerprint_of(name: str) -> Fingerprint:
    """Return the fingerprint under which record `name` is written today."""
    return fingerprint(canonical(current(name)))


@cache
def archive_index(folder: Path = FOLDER) -> Mapping[Fingerprint, str]:
    """Return the record's name for every fingerprint that was ever written."""
    stems = [path.stem.split(".") for path in (folder / "history").glob("*.avsc")]
    return {Fingerprint(bytes.fromhex(digits)): name for name, digits in stems}


@cache
def archived(name: str, version: Fingerprint, folder: Path = FOLDER) -> Schema:
    """Return one version of a record, out of the archive; WireError if the file was changed."""
    form = (folder / "history" / archive_name(name, version)).read_text().strip()
    if fingerprint(form) != version:
        raise WireError(f"a schema of {name} in the archive was changed", code="unknown_schema")
    return Schema(parse_schema(json.loads(form)))


def archive_name(name: str, version: Fingerprint) -> str:
    """Return the file name of one version of a record."""
    return f"{name}.{version.hex()}.avsc"


def missing(folder: Path = FOLDER) -> dict[str, str]:
    """Return file name and text of each current version that the archive lacks."""
    forms = {name: canonical(current(name, folder)) for name in ROOTS}
    files = {archive_name(name, fingerprint(form)): form for name, form in forms.items()}
    return {
        file: form + "\n"
        for file, form in files.items()
        if not (folder / "history" / file).exists()
    }


def archive(folder: Path = FOLDER) -> list[str]:
    """Write what the archive lacks, and return the names of the new files."""
    (folder / "history").mkdir(exist_ok=True)
    new = missing(folder)
    for file, text in new.items():
        (folder / "history" / file).write_text(text)
    return sorted(new)


def main(arguments: list[str]) -> int:
    """Archive the current versions; 0 when done, 2 when asked for anything else."""
    if arguments != ["archive"]:
        sys.stderr.write("usage: python -m streams.wire.schemas archive\n")
        return 2
    sys.stdout.writelines(f"archived {file}\n" for file in archive())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
