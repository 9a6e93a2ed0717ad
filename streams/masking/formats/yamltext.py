"""YAML, as configuration and manifests write it: each scalar with the keys above it.

`yaml.compose` gives the places of all nodes. It is asked only about a text that nests, or says that it
is YAML; lines of `key: value` alone are pairs, which prose has too.
"""

# ruff: noqa: E501 - one pattern a line reads better than a folded one

import re
from collections.abc import Iterator
from typing import Any

import yaml

from streams.masking.formats.piece import TEXT, Piece

_KEY = r"[A-Za-z_][\w.\-/]{0,60}"
_NESTED = re.compile(
    rf"^(?P<indent>[ ]*)(?:- )?[\"']?{_KEY}[\"']?:[ ]*(?:#[^\n]*)?\r?\n(?P=indent)[ ]+(?:- )?[\"']?{_KEY}[\"']?:[ \n]|^(?P<at>[ ]*)[\"']?{_KEY}[\"']?:[ ]*\r?\n(?P=at)[ ]{{0,8}}- \S",
    re.MULTILINE,
)
_STARTED = re.compile(r"\A\s*+---[ \t]*\r?\n")
_FENCE = re.compile(r"```[ \t]*(?:ya?ml)?[ \t]*\r?\n(?P<v>[^`]*)\n[ \t]*```", re.IGNORECASE)
_LINE = re.compile(
    rf"^[ ]*(?:- )*(?:[\"']?{_KEY}[\"']?:(?:[ \t]|$)|- |#|$|---|\.\.\.)|^[ ]{{2,}}\S"
)
_SENTENCE = re.compile(r"^[ ]*[A-Z][a-z]+ [a-z]+ ", re.MULTILINE)
_ALIAS = re.compile(r"(?:^|[\s\[,{:\-])\*[A-Za-z0-9_]", re.MULTILINE)
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_STACKED = re.compile(r"(?:[-?][ ]+){8}|^[ ]{100}", re.MULTILINE)
_BRACKET = re.compile(r"[\[{}\]]")
_TEXT_MAX = 60_000
_KEYS_MAX = 24


def split(text: str) -> list[Piece] | None:
    """Cut YAML into its scalars; where it stands amid words or in a fence, it is one piece."""
    start, end = _stretch(text)
    body = text[start:end]
    documents = _documents(body)
    if not documents:
        return None
    found = [piece for node in documents for piece in _pieces(node, body, ())]
    if not text[:start].strip() and not text[end:].strip():
        return [
            piece._replace(start=piece.start + start, end=piece.end + start)
            for piece in sorted(found)
        ]
    around = [Piece(0, start, TEXT), Piece(start, end, TEXT), Piece(end, len(text), TEXT)]
    return [piece for piece in around if text[piece.start : piece.end].strip()]


def value(text: str) -> Any:
    """Return the value of a text that is one document of YAML as a whole; None for any other."""
    start, end = _stretch(text)
    if text[:start].strip() or text[end:].strip():
        return None
    documents = _documents(text[start:end])
    return _value(documents[0], 0) if len(documents) == 1 else None


def _stretch(text: str) -> tuple[int, int]:
    """Return where YAML may stand in a text."""
    if ":" not in text or "\n" not in text or len(text) > _TEXT_MAX:
        return 0, 0
    fence = _FENCE.search(text)
    return fence.span("v") if fence else _block(text)


def _documents(body: str) -> list[yaml.Node]:
    """Return the nodes of a body that nests, or says that it is YAML."""
    if not (_NESTED.search(body) or (_STARTED.match(body) and _LINE.match(body.lstrip("- \r\n")))):
        return []
    if _ALIAS.search(body) or _deep(body):
        return []  # a node in many places may be endless, and the composer recurses
    try:
        return [node for node in yaml.compose_all(body, Loader=_LOADER) if node is not None]
    except (yaml.YAMLError, RecursionError, ValueError):
        return []


def _deep(body: str) -> bool:
    """Tell whether a body nests deeper than any record does."""
    if _STACKED.search(body):
        return True
    depth = 0
    for mark in _BRACKET.findall(body):
        depth += 1 if mark in "[{" else -1
        if depth > _KEYS_MAX:
            return True
    return False


def _value(node: yaml.Node, depth: int) -> Any:
    """Return what a node says, with every scalar as it is written."""
    if depth > _KEYS_MAX:
        return None
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): _value(inner, depth + 1) for key, inner in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_value(inner, depth + 1) for inner in node.value]
    return str(node.value).strip() or None


def _block(text: str) -> tuple[int, int]:
    """Return where the lines of YAML stand in a text: from the first key to the last line of them."""
    start = end = at = 0
    began = False
    for line in text.splitlines(keepends=True):
        fits = _LINE.match(line.rstrip("\r\n")) is not None
        if fits and line.strip() and not began:
            start, began = at, True
        if began and not fits:
            return start, end
        at += len(line)
        end = at if began else 0
    return start, end


def _pieces(node: yaml.Node, text: str, names: tuple[str, ...]) -> Iterator[Piece]:
    """Yield the scalars below a node, and the keys."""
    if len(names) > _KEYS_MAX:
        return
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            said = str(key.value) if isinstance(key, yaml.ScalarNode) else ""
            if said:
                yield _scalar(key, text, names)._replace(kind="KEY")
            yield from _pieces(value, text, (*names, said) if said else names)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _pieces(value, text, names)
    elif isinstance(node, yaml.ScalarNode) and str(node.value).strip():
        yield _scalar(node, text, names)


def _scalar(node: yaml.ScalarNode, text: str, names: tuple[str, ...]) -> Piece:
    start, end = node.start_mark.index, node.end_mark.index
    if node.style in {"'", '"'}:
        start, end = start + 1, end - 1
    elif node.style in {"|", ">"}:
        start = text.find("\n", start, end) + 1 or start
    end -= len(text[start:end]) - len(text[start:end].rstrip())
    return Piece(
        start,
        end,
        TEXT,
        names=names,
        coding="string" if node.style == '"' and "\\" in text[start:end] else "",
    )
