"""Which parts of an intent's body a person asks to see: dotted paths, picked out exactly.

justification        params        params.name        params.patients.0.ssn
"""

import json
import re
from collections.abc import Sequence
from typing import Any, Final

from streams.errors import RefusedError
from streams.events import IntentBody

FIELDS_MAX: Final = 32
PATH: Final = re.compile(r"justification|params(\.[^.\s]{1,64}){0,16}")


def checked(fields: Any) -> tuple[str, ...]:
    """Return the fields if they are some, and paths; RefusedError `bad_fields`."""
    listed = isinstance(fields, list | tuple) and 0 < len(fields) <= FIELDS_MAX
    if not listed or not all(isinstance(each, str) and PATH.fullmatch(each) for each in fields):
        raise RefusedError(
            f"fields are 1 to {FIELDS_MAX} paths: justification, params or params.NAME",
            code="bad_fields",
        )
    return tuple(dict.fromkeys(fields))


def pick(body: IntentBody, fields: Sequence[str]) -> dict[str, Any]:
    """Return the named parts of a body; RefusedError `no_such_field`, which names none of them."""
    whole = {"justification": body.justification, "params": json.loads(body.params)}
    return {field: _at(whole, field.split(".")) for field in fields}


def _at(value: Any, path: Sequence[str]) -> Any:
    for step in path:
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            raise RefusedError("the intent has no field of that name", code="no_such_field")
    return value
