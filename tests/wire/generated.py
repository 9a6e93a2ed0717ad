"""Any message of any model, for Hypothesis: built from the models' own annotations."""

import types
import typing
from enum import Enum
from typing import Any, get_args, get_origin

from hypothesis import strategies as st
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from streams import events
from streams.events import Message
from streams.gate.case import Case
from streams.wire import schemas

LONG = st.integers(min_value=-(1 << 63), max_value=(1 << 63) - 1)
POSITIVE = st.integers(min_value=1, max_value=(1 << 63) - 1)
PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    bytes: st.binary(max_size=8),
    bool: st.booleans(),
    int: LONG,
    type(None): st.none(),
}
AVRO = {
    "string": PLAIN[str],
    "bytes": PLAIN[bytes],
    "boolean": PLAIN[bool],
    "long": LONG,
    "null": st.none(),
}


def model_of(name: str) -> type[Message]:
    """Return the model of a record's name."""
    model: type[Message] = Case if name == "Case" else getattr(events, name)
    return model


def messages(name: str) -> st.SearchStrategy[Message]:
    """Return a strategy for messages of the record `name`."""
    return of_model(model_of(name))


def of_model(model: type[BaseModel]) -> st.SearchStrategy[Any]:
    """Return a strategy for one model."""
    return st.builds(
        model,
        **{
            name: POSITIVE if _at_least_one(field) else of_type(field.annotation)
            for name, field in model.model_fields.items()
        },
    )


def _at_least_one(field: FieldInfo) -> bool:
    return field.annotation is int and bool(field.metadata)


def of_type(kind: Any) -> st.SearchStrategy[Any]:
    """Return a strategy for one annotation."""
    if kind in PLAIN:
        return PLAIN[kind]
    parts = get_args(kind)
    match get_origin(kind):
        case None if issubclass(kind, Enum):
            strategy: st.SearchStrategy[Any] = st.sampled_from(list(kind))
        case None:
            strategy = of_model(kind)
        case typing.Annotated:
            strategy = of_type(parts[0])
        case typing.Union | types.UnionType:
            strategy = st.one_of(*(of_type(part) for part in parts))
        case typing.Literal:
            strategy = st.sampled_from(parts)
        case _:
            strategy = st.lists(of_type(parts[0]), max_size=3).map(tuple)
    return strategy


def of_schema(schema: Any) -> st.SearchStrategy[Any]:
    """Return a strategy for the values of one Avro schema, self-contained and parsed."""
    return _of_schema(schema, {})


def _of_schema(schema: Any, named: dict[str, Any]) -> st.SearchStrategy[Any]:
    if isinstance(schema, list):
        return st.one_of(*(_branch(each, named) for each in schema))
    if isinstance(schema, str):
        return _of_schema(named[schema], named) if schema in named else AVRO[schema]
    if schema["type"] == "array":
        return st.lists(_of_schema(schema["items"], named), max_size=3)
    named[schema["name"]] = schema
    if schema["type"] == "enum":
        return st.sampled_from(schema["symbols"])
    fields = {field["name"]: _of_schema(field["type"], named) for field in schema["fields"]}
    return st.fixed_dictionaries(fields)


def _branch(schema: Any, named: dict[str, Any]) -> st.SearchStrategy[Any]:
    strategy = _of_schema(schema, named)
    name = schema if isinstance(schema, str) else schema.get("name")
    return strategy.map(lambda value: (name, value)) if name in named else strategy


ANY = st.sampled_from(schemas.ROOTS).flatmap(messages)
