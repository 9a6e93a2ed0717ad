"""Every reason code is in the one list, and the list holds no other."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import streams
from streams.reasons import FORBIDDEN, REASONS, TAMPERING, Fault, words

SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
NOT_SAID = {  # by rooms that simulate, or in words that are no codes
    "broken_invariant",
    "because",
}


def literals() -> Iterator[str]:
    """Give each reason code that the package writes as a literal."""
    for path in Path(streams.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                yield from called(node)
            elif isinstance(node, ast.ClassDef):
                for each in node.body:
                    if isinstance(each, ast.Assign) and ast.unparse(each.targets[0]) == "code":
                        yield from texts(each.value)


def called(node: ast.Call) -> Iterator[str]:
    """Give the codes among a call's arguments."""
    for keyword in node.keywords:
        if keyword.arg in {"code", "reason"}:
            yield from texts(keyword.value)
    name = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
    if name == "_refused":
        yield from (text for each in node.args[1:] for text in texts(each))


def texts(node: ast.expr) -> Iterator[str]:
    """Give a literal's text, where it is written as codes are."""
    value = node.value if isinstance(node, ast.Constant) else None
    if isinstance(value, str) and SNAKE.fullmatch(value):
        yield value


def test_every_code_is_listed() -> None:
    """What is raised or recorded has its fault and its words."""
    assert set() == set(literals()) - set(REASONS) - NOT_SAID


@pytest.mark.parametrize("code", REASONS)
def test_each_code_says_something(code: str) -> None:
    """A code is snake case; its words go on a sentence and say no more than one line."""
    found = REASONS[code]
    assert SNAKE.fullmatch(code)
    assert found.words == words(code)
    assert found.words[-1] not in ".!"
    assert "\n" not in found.words
    assert found.fault in set(Fault)


def test_what_was_forbidden_is_told_apart() -> None:
    """Exports and reports use the list's own marks."""
    assert {"not_a_reviewer", "bad_signature", "unknown_agent"} <= FORBIDDEN
    assert {"action_mismatch", "display_mismatch", "view_mismatch"} <= TAMPERING
    assert "case_closed" not in FORBIDDEN


def test_an_unknown_code_is_still_a_sentence() -> None:
    """A code of another version is told as what it is."""
    assert "for this reason" in words("something_new")
