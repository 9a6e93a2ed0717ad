"""Copies of `streams.facts` with one thing wrong each: the statements here must be able to tell.

A mutant is the product's own source with one piece of text replaced. Where a text is not found any
more the mutant must be written anew, or what it proved is proved no longer.
"""

import importlib
import importlib.abc
import importlib.util
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import streams.facts

ROOT = Path(streams.facts.__file__).parent
ROOM = "streams.facts"
Read = Callable[[object, Mapping[str, str]], Any]

COUNT = "SELECT count(*) FROM visits"
# None of these is one plain read of counts and averages by coarse groups.
CLOSED: tuple[tuple[object, dict[str, str]], ...] = (
    *(
        ({"sql": text}, {"dialect": "postgres"})
        for text in (
            "SELECT count(*) FROM visits; DELETE FROM visits",
            "SELECT count(*) FROM visits WHERE do_it(id) > 1",
            "SELECT * FROM patients",
            "SELECT count(*), name FROM patients GROUP BY name",
            "SELECT mrn FROM patients GROUP BY mrn",
            "SELECT max(name) FROM patients",
            "SELECT count(*) FROM patients WHERE mrn = '1'",
            "SELECT count(*) FROM patients WHERE height = 181",
            "SELECT sum(cost) OVER (PARTITION BY ward) FROM visits",
            "SELECT n FROM (SELECT name AS n FROM patients) t",
            "SELECT gender FROM (SELECT name FROM patients) AS t(gender)",
            "SELECT gender FROM patients",
            "SELECT count(*) FROM visits GROUP BY id",
            "SELECT count(*) FROM (SELECT name FROM patients) t",
            "SELECT avg(cost) FROM patients GROUP BY ROLLUP (ward)",
            "UPDATE visits SET a = 1",
            "SELECT avg(cost) FROM (SELECT cost FROM visits) t",
            "SELECT count(*) FROM patients WHERE mrn > 1",
            "SELECT max(height) FROM patients",
            "SELECT count(*) INTO t FROM visits",
        )
    ),
    ({"sql": COUNT, "where": "1=1 OR x > 2"}, {"dialect": "sqlite"}),
    ({"sql": COUNT, "cmd": "rm"}, {"dialect": "sqlite"}),
    ({"sql": COUNT, "and_then": "DELETE FROM visits"}, {"dialect": "sqlite"}),
    ({"sql": "SELECT count(*) FROM visits WHERE a RLIKE 'x' XOR b"}, {}),
    ({"sql": "SELECT count(*) FROM visits WHERE a ~ 'x'"}, {}),
    ({"sql": "SELECT count(*) FROM visits QUALIFY 1 = 1"}, {}),
    ({"sql": COUNT}, {"dialect": "nobody knows"}),
)  # fmt: skip
OPEN = tuple(
    ({"sql": text}, {"dialect": dialect})
    for dialect in ("postgres", "sqlite", "")
    for text in (COUNT, "SELECT ward, avg(cost) FROM visits GROUP BY ward")
)

MUTANTS: tuple[tuple[str, str, str], ...] = (
    ("sql/judge.py", "YES if reads == {YES} else", "YES if YES in reads else"),
    ("sql/judge.py", 'if readings == ("",) or too_long', "if too_long"),
    ("sql/find.py", "elif not leaf.is_key and _is_beside(leaf):", "elif False:"),
    ("sql/find.py", "or any(name in _SHELL for name in leaf.names)", ""),
    ("sql/aggregate.py", "or inner or tree.find(exp.Window)", "or tree.find(exp.Window)"),
    ("sql/aggregate.py", "if any(is_identifying(", "if 0 and any(is_identifying("),
    ("sql/aggregate.py", "if any(_picks_out(", "if 0 and any(_picks_out("),
    ("sql/aggregate.py", "YES if selects and figures and", "YES if selects and"),
    ("sql/aggregate.py", "figures and all(_is_grouped(one, coarse) for one in selects)", "figures"),
)  # fmt: skip


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads the room anew, one file of it changed."""

    def __init__(self, file: str, old: str, new: str) -> None:
        self._change = file, old, new

    def find_spec(self, name: str, *_: object) -> Any:
        """Find a module of the room."""
        if name != ROOM and not name.startswith(f"{ROOM}."):
            return None
        file = ROOT.joinpath(*name.removeprefix(ROOM).strip(".").split("."))
        folder = file.is_dir()
        path = file / "__init__.py" if folder else file.with_suffix(".py")
        places = [str(file)] if folder else None
        return importlib.util.spec_from_file_location(
            name, path, loader=self, submodule_search_locations=places
        )

    def exec_module(self, module: ModuleType) -> None:
        """Run it."""
        path = Path(str(module.__file__))
        text = path.read_text(encoding="utf-8")
        file, old, new = self._change
        if path == ROOT / file:
            assert 1 == text.count(old), f"{old}: rewrite this mutant"
            text = text.replace(old, new)
        exec(compile(text, str(path), "exec"), module.__dict__)  # noqa: S102 - ours


@contextmanager
def built(file: str, old: str, new: str) -> Iterator[Read]:
    """Run the room, changed; the modules are forgotten afterwards."""

    def ours() -> dict[str, ModuleType]:
        return {n: m for n, m in sys.modules.items() if n == ROOM or n.startswith(f"{ROOM}.")}

    kept, finder = ours(), _Finder(file, old, new)
    for name in kept:
        del sys.modules[name]
    sys.meta_path.insert(0, finder)
    try:
        yield importlib.import_module(ROOM).read
    finally:
        sys.meta_path.remove(finder)
        for name in ours():
            del sys.modules[name]
        sys.modules |= kept
        streams.facts = kept[ROOM]  # the import above has set the package's name too


def opens(read: Read, params: object, attributes: Mapping[str, str]) -> bool:
    """Tell whether an example policy would permit it at once."""
    sql = read(params, attributes).sql
    return bool(sql.read == "yes" and sql.aggregate == "yes" and not sql.beside)


def let_through(read: Read) -> list[object]:
    """Return which of the closed ones it would open."""
    return [params for params, attributes in CLOSED if opens(read, params, attributes)]


def test_the_room_itself_opens_what_is_plain_and_nothing_else() -> None:
    """Else the mutants below would prove nothing."""
    assert [] == let_through(streams.facts.read)
    assert all(opens(streams.facts.read, *each) for each in OPEN)


@pytest.mark.parametrize(("file", "old", "new"), MUTANTS)
def test_a_fault_in_the_facts_is_seen(file: str, old: str, new: str) -> None:
    """With one condition left out, a statement comes through that must not."""
    with built(file, old, new) as read:
        assert let_through(read)
