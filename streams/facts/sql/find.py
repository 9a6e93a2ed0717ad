"""The statements among parameters: every text that begins as one, wherever it stands."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from streams.facts import names
from streams.facts.leaves import ParamLeaf
from streams.facts.names import words

_FIRST = words(
    "select with insert update delete merge replace upsert create drop alter truncate rename"
    " comment grant revoke deny exec execute call do set reset use begin start commit rollback"
    " savepoint release abort end declare copy load unload import export attach detach pragma"
    " vacuum analyze analyse reindex optimize check repair flush kill shutdown lock unlock"
    " listen notify unlisten prepare deallocate discard checkpoint cluster refresh explain"
    " describe desc show values table handler install uninstall backup restore bulk dbcc waitfor"
    " print raiserror throw reconfigure revert go if while for put get list remove undrop from"
    " assert xa change purge fetch open close security reassign import undo audit noaudit"
    " flashback"
)
_SWITCHES = words(
    "show list get desc describe open close start end check table values for if put use"
)
_SHELL = names.SHELL - names.BOUND - names.SQL
_ALONE = words(
    "commit rollback abort vacuum analyze checkpoint shutdown reconfigure revert begin go"
)
_LEAD = re.compile(
    r"(?:[\s;(\ufeff\x00]|--[^\n]*(?:\n|$)|/\*(?:[^*]|\*(?!/))*+(?:\*/|$)|\#[^\n]*(?:\n|$)|\|)*+"
)
_RUN = re.compile(r"\A[\s;(]*+/\*\s*+M?!", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z_]+")
_PLAIN = re.compile(r"[A-Za-z0-9_.@:+ -]{0,64}")
_TEXT_CHARS_MIN: Final = 6


@dataclass(slots=True)
class FoundStatement:
    """The statements, and how many other texts could become part of one (`beside`)."""

    texts: list[str] = field(default_factory=list)
    beside: int = 0


def find(every: Iterable[ParamLeaf]) -> FoundStatement:
    """Return the statements among the leaves.

    A text under a statement's name is one, whatever it begins with. Any other text is one if it
    begins as one; what is bound to placeholders (`params`, `values`) too, because a gate does not
    know that it will be bound. A plain word is never part of a statement that does something else,
    unless the word orders something itself (`delete`), or stands under a shell's name.
    """
    found = FoundStatement()
    for leaf in every:
        if not isinstance(leaf.value, str):
            continue
        if leaf.is_key and leaf.value.startswith("$"):
            found.beside += 1  # an operator of a document database
        named = not leaf.is_key and _is_named(leaf)
        if named or begins(leaf.value):
            found.texts.append(leaf.value)
        elif not leaf.is_key and _is_beside(leaf):
            found.beside += 1
    return found


def begins(text: str) -> bool:
    """Tell whether a text begins as a statement does, behind blanks, brackets and comments.

    A comment that an engine runs is a beginning of its own.
    """
    if _RUN.match(text):
        return True
    lead = _LEAD.match(text)
    start = lead.end() if lead else 0
    word = _WORD.match(text, start)
    if word is None or word[0].lower() not in _FIRST:
        return False
    rest = text[word.end() :].strip(" \t\r\n;")
    return bool(rest) or word[0].lower() in _ALONE


def _is_named(leaf: ParamLeaf) -> bool:
    """Tell whether it stands under a statement's name, its own or one above that binds nothing."""
    if leaf.names and leaf.names[-1] in names.SQL:
        return True
    return any(name in names.SQL for name in leaf.names) and not any(
        name in names.BOUND for name in leaf.names
    )


def _is_beside(leaf: ParamLeaf) -> bool:
    if any(name in names.BOUND for name in leaf.names):
        return False
    said = leaf.value.strip()
    ordered = said.lower() in _FIRST - _SWITCHES or any(name in _SHELL for name in leaf.names)
    return ordered or not _PLAIN.fullmatch(leaf.value) or " " in said
