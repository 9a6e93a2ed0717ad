"""Paths: normalised as text, and whether one leaves the catalogue's `root`. No disk is asked."""

import re
from collections.abc import Iterable, Mapping

from streams.facts import names
from streams.facts.fact import NO, UNKNOWN, YES, FileFacts
from streams.facts.leaves import ParamLeaf

_ODD = re.compile(r"%|\\|~|\$|\x00|^[A-Za-z]:|://|[*?\[\]{}|;&<>`\n]|[^\x20-\x7e]")
_PATHLIKE = re.compile(r"^(?:/|\.{1,2}/|~|[A-Za-z]:[\\/]|\\\\)|/\.\./|^\.\.$")


def file_facts(every: Iterable[ParamLeaf], attributes: Mapping[str, str]) -> FileFacts:
    """Return how many paths there are, and whether one is outside: yes, no or unknown."""
    root = attributes.get("root", "")
    said = [
        _outside(leaf.value, root)
        for leaf in every
        if isinstance(leaf.value, str) and not leaf.is_key and _is_path(leaf)
    ]
    outside = YES if YES in said else UNKNOWN if UNKNOWN in said else NO
    return FileFacts(count=len(said), outside=outside)


def normalised(path: str) -> str:
    """Return a path without `.`, `..` and doubled slashes; a leading `..` stays (it leaves)."""
    kept: list[str] = []
    for part in path.split("/"):
        if part == ".." and kept and kept[-1] != "..":
            kept.pop()
        elif (part == ".." and not path.startswith("/")) or part not in {"", ".", ".."}:
            kept.append(part)
    return ("/" if path.startswith("/") else "") + "/".join(kept)


def _is_path(leaf: ParamLeaf) -> bool:
    named = bool(leaf.names) and leaf.names[-1] in names.PATH and "@" not in leaf.value
    return bool(named or (_PATHLIKE.search(leaf.value) and " " not in leaf.value.strip()))


def _outside(path: str, root: str) -> str:
    if _ODD.search(path):
        return UNKNOWN
    plain = normalised(path)
    if plain == ".." or plain.startswith("../"):
        return YES
    if not plain.startswith("/"):
        return NO
    if not root:
        return UNKNOWN
    home = normalised(root)
    return NO if plain == home or plain.startswith(home.rstrip("/") + "/") else YES
