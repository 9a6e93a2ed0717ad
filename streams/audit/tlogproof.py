"""An inclusion proof as text (C2SP tlog-proof): index, hashes, and the checkpoint they lead to."""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from streams.audit.merkle import HASH_BYTES, LEVELS_MAX
from streams.errors import SignatureError

HEADER: Final = "c2sp.org/tlog-proof@v1"
_INDEX: Final = re.compile(r"index (0|[1-9][0-9]{0,14})")


@dataclass(frozen=True, slots=True)
class TlogProof:
    """A parsed proof; `index` is the leaf's place in the tree, `note` a signed checkpoint."""

    index: int
    hashes: tuple[bytes, ...]
    note: str


def write(index: int, hashes: Sequence[bytes], note: str) -> str:
    """Return the proof's text."""
    lines = "".join(f"{base64.b64encode(each).decode()}\n" for each in hashes)
    return f"{HEADER}\nindex {index}\n{lines}\n{note}"


def parse(text: str) -> TlogProof:
    """Take a proof's text apart; SignatureError `bad_proof` where it is none."""
    head, blank, note = text.partition("\n\n")
    lines = head.split("\n")
    index = _INDEX.fullmatch(lines[1]) if len(lines) > 1 else None
    if not blank or lines[0] != HEADER or index is None or len(lines) > LEVELS_MAX + 2:
        raise _bad()
    return TlogProof(int(index[1]), tuple(_hash(line) for line in lines[2:]), note)


def _hash(line: str) -> bytes:
    try:
        data = base64.b64decode(line, validate=True)
    except (ValueError, binascii.Error):
        raise _bad() from None
    if len(data) != HASH_BYTES:
        raise _bad()
    return data


def _bad() -> SignatureError:
    return SignatureError("this is no tlog-proof", code="bad_proof")
