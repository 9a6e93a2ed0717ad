"""The public doors: what `from streams.ROOM import NAME` offers, and no more."""

import importlib
import inspect
import pkgutil
import subprocess
import sys
import typing
from collections.abc import Iterator
from types import FunctionType
from typing import Any

import pytest

DOORS = ("agent", "approver", "executor", "masking", "policy", "testing")
MORE = ("directory", "errors", "sealing", "settings")  # users import from these too
ROOMS = DOORS[:-1]  # the simulator hands out parts of the product


def names(room: str) -> list[str]:
    """Return what a door offers."""
    listed: list[str] = importlib.import_module(f"streams.{room}").__all__
    return listed


def order(name: str) -> tuple[int, str]:
    """Sort as ruff does: constants, classes, functions, each by the alphabet."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2), name


@pytest.mark.parametrize("room", [*DOORS, *MORE])
def test_a_door_says_what_it_offers(room: str) -> None:
    """`__all__` is there, sorted, without doubles, and each name can be had and says what it is."""
    listed = names(room)
    module = importlib.import_module(f"streams.{room}")

    assert sorted(set(listed), key=order) == listed
    assert [] == [each for each in listed if not inspect.getdoc(getattr(module, each))]


@pytest.mark.parametrize("room", ROOMS)
def test_no_name_is_hidden_by_a_module(room: str) -> None:
    """Importing `streams.ROOM.NAME` would put the module where the name was."""
    package = importlib.import_module(f"streams.{room}")

    assert not set(names(room)) & {each.name for each in pkgutil.iter_modules(package.__path__)}


@pytest.mark.parametrize("room", DOORS)
def test_a_door_offers_nothing_else_by_chance(room: str) -> None:
    """A name that is not there is told as Python tells it, with the room."""
    module = importlib.import_module(f"streams.{room}")
    with pytest.raises(AttributeError, match=f"'streams.{room}' has no attribute 'nobody'"):
        module.nobody  # noqa: B018 - asking is the point


@pytest.mark.parametrize("room", ROOMS)
def test_entering_a_door_loads_nothing_heavy(room: str) -> None:
    """Only a name that is asked for brings its module, and what that needs."""
    code = f"import sys, streams.{room}; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert not {"pydantic", "confluent_kafka", "cedarpy", "spacy"} & set(ran.stdout.split())


def parts(kind: Any) -> Iterator[Any]:
    """Yield a type and the types it is made of."""
    yield kind
    for each in typing.get_args(kind):
        for inner in each if isinstance(each, list) else [each]:
            yield from parts(inner)


def signatures(thing: Any) -> Iterator[Any]:
    """Yield the types of all public fields, methods and properties of a class, or of a function."""
    hinted = [thing]
    if isinstance(thing, type):
        for name, each in vars(thing).items():
            function = getattr(each, "fget", None) or getattr(each, "__func__", each)
            if isinstance(function, FunctionType) and (name == "__init__" or name[0] != "_"):
                hinted.append(function)
    for each in hinted:
        yield from (kind for name, kind in typing.get_type_hints(each).items() if name[0] != "_")


@pytest.mark.parametrize("room", ROOMS)
def test_what_a_signature_names_can_be_imported_from_the_same_door(room: str) -> None:
    """Whoever writes down types needs one import line, and no inner module."""
    module = importlib.import_module(f"streams.{room}")
    offered = {id(getattr(module, each)) for each in module.__all__}
    own = (getattr(module, name) for name in module.__all__)
    needed = {
        kind
        for thing in own
        if thing.__module__.startswith(f"streams.{room}.")
        for signature in signatures(thing)
        for kind in parts(signature)
        if getattr(kind, "__module__", "").startswith("streams.")
    }

    assert set() == {kind for kind in needed if id(kind) not in offered}
