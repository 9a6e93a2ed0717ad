"""Looking for values that must be nowhere: in bytes of any kind, under the spellings they may have.

A spelling is how software writes a text without meaning to hide it: UTF-8 and UTF-16, JSON's and
URLs' escapes, hexadecimal, base64 at each of its three alignments, with other capitals.
"""

import base64
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

ALIGNMENTS = 3


def spellings(value: str) -> Iterator[bytes]:
    """Yield the bytes under which a value may appear, in lower case where case is free."""
    raw = value.encode()
    yield raw.lower()
    yield value.lower().encode()
    yield value.upper().encode().lower()
    yield value.lower().encode("utf-16-le")
    yield value.lower().encode("utf-16-be")
    yield json.dumps(value)[1:-1].lower().encode()
    yield quote(value).lower().encode()
    yield raw.hex().encode()
    yield from _based(raw)
    yield from _based(raw.lower())


def _based(raw: bytes) -> Iterator[bytes]:
    """Yield the part of the value's base64 that is the same whatever stands around it."""
    for before in range(ALIGNMENTS):
        coded = base64.b64encode(b"\0" * before + raw)
        whole = (before + len(raw)) // 3 * 4
        yield coded[-(-before * 4 // 3) : whole].lower()


def found(where: str, data: bytes, values: Iterable[str]) -> list[str]:
    """Return a line for each value that stands in the data, in whatever spelling."""
    lower = data.lower()
    return [
        f"{where}: {value}"
        for value in values
        if any(len(each) > 3 and each in lower for each in spellings(value))
    ]


def files(folder: Path, *, but: Iterable[Path] = ()) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the bytes of each file below a folder, but those named or below them."""
    left_out = tuple(but)
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not any(path.is_relative_to(each) for each in left_out):
            yield str(path.relative_to(folder)), path.read_bytes()
