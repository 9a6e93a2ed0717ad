"""What a note says of a tree: C2SP tlog-checkpoint, for one shard and for all of them.

A shard's checkpoint is origin, size, root, each on a line. The origin is the audit key's name and
the shard, `gate-audit/3`, so that one shard's cannot stand for another's and a verifier needs to
pin the key and nothing else. A tree that does not begin with event 0 says so: `gate-audit/3@40`.

The note over all shards has the origin `gate-audit/all`; its size counts the entries of all shards;
its root is that of the tree whose leaf i is the checkpoint of shard i (its three lines); and each
shard's size and root follow as extension lines, so that no shard can be dropped, not even an empty
one. It is consistent with a later one where each shard is.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from streams.audit.merkle import HASH_BYTES, leaf_hash, root_of
from streams.errors import SignatureError

ALL: Final = -1
"""Stands for all shards where a shard's number stands."""

SHARDS_MAX: Final = 1_000  # as many as a topic of ours may have partitions
_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,14}")


@dataclass(frozen=True, slots=True)
class Head:
    """A shard's tree at one moment: all that is needed to pin it. Leaf 0 is event `first`."""

    size: int
    root: bytes
    first: int = 0


@dataclass(frozen=True, slots=True)
class TreeStatement:
    """What a note says: `shards` is there in the note over all of them."""

    log: str
    shard: int
    head: Head
    shards: tuple[Head, ...] = ()


def note_key(shard: int, size: int, witness: str = "") -> str:
    """Return the record key of a note."""
    head = "all" if shard == ALL else f"{shard:05d}"
    return f"{head}/{size:012d}/{witness}" if witness else f"{head}/{size:012d}"


def shard_text(log: str, shard: int, head: Head) -> str:
    """Return a shard's checkpoint, without signatures."""
    return f"{log}/{_label(shard, head)}\n{head.size}\n{_base64(head.root)}\n"


def all_text(log: str, shards: Sequence[Head]) -> str:
    """Return the checkpoint over all shards, without signatures."""
    leaves = [shard_text(log, number, head) for number, head in enumerate(shards)]
    top = root_of([leaf_hash(leaf.encode()) for leaf in leaves])
    said = Head(sum(head.size for head in shards), top)
    lines = "".join(
        f"{_label(n, head)} {head.size} {_base64(head.root)}\n" for n, head in enumerate(shards)
    )
    return f"{log}/all\n{said.size}\n{_base64(said.root)}\n{lines}"


def read(text: str) -> TreeStatement:
    """Return what a note's text says; SignatureError `bad_note` where it is no checkpoint."""
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1]:  # noqa: PLR2004 - origin, size, root, and the end
        raise _bad("three lines are wanted")
    log, slash, label = lines[0].rpartition("/")
    if not slash or not log:
        raise _bad("its origin names no shard")
    if label == "all":
        found = TreeStatement(log, ALL, _head("0", lines[1], lines[2])[1], _shards(lines[3:-1]))
        if all_text(log, found.shards) != text:
            raise _bad("its root is not that of the shards it names")
        return found
    shard, head = _head(label, lines[1], lines[2])
    if len(lines) > 4:  # noqa: PLR2004 - as above
        raise _bad("a shard's has no further lines")
    return TreeStatement(log, shard, head)


def _shards(lines: Sequence[str]) -> tuple[Head, ...]:
    if not 0 < len(lines) <= SHARDS_MAX:
        raise _bad(f"it names 1 to {SHARDS_MAX} shards")
    heads = []
    for number, line in enumerate(lines):
        match line.split(" "):
            case [label, size, top]:
                shard, head = _head(label, size, top)
            case _:
                raise _bad("a line is no shard")
        if shard != number:
            raise _bad("a shard is not in its place")
        heads.append(head)
    return tuple(heads)


def _label(shard: int, head: Head) -> str:
    return f"{shard}@{head.first}" if head.first else str(shard)


def _head(label: str, size: str, top: str) -> tuple[int, Head]:
    shard, at, first = label.partition("@")
    try:
        raw = base64.b64decode(top, validate=True)
    except (ValueError, binascii.Error):
        raise _bad("its root is no base64") from None
    numbers = (shard, size, *([first] if at else []))
    if not all(map(_NUMBER.fullmatch, numbers)) or (at and first == "0"):
        raise _bad("a number of it is damaged")
    if len(raw) != HASH_BYTES or _base64(raw) != top:
        raise _bad("its root is damaged")
    return int(shard), Head(int(size), raw, int(first or 0))


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bad(why: str) -> SignatureError:
    return SignatureError(f"this note is no checkpoint: {why}", code="bad_note")
