"""What an agent says, parsed once at the door into frozen types.

No error here holds a value of the caller's: params and justification may be PHI, and a parser's own
exception keeps the text it failed on. So each is raised outside the `except`, with no cause.
"""

import json
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from streams.errors import InputError
from streams.events import Resource

TTL_MS_DEFAULT = 3_600_000  # one hour

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalLimits:
    """How large and how long a proposal may be: bytes of params, milliseconds to live."""

    params_bytes_max: int
    input_bytes_max: int
    ttl_ms_min: int
    ttl_ms_max: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One proposal, checked. `params` is exact JSON; `key` is the caller's idempotency key."""

    agent: str
    on_behalf_of: str | None
    action: str
    resource: Resource
    params: bytes
    justification: str
    ttl_ms: int
    key: str | None
    traceparent: str | None


def parse_name(what: str, name: object) -> str:
    """Return a name that is text and not blank. Raises InputError `bad_name`."""
    if not isinstance(name, str) or not name.strip():
        raise InputError(f"{what} must be text that is not blank", code="bad_name")
    return parse_text(what, name)


def parse_text(what: str, text: object) -> str:
    """Return text that UTF-8 can hold. Raises InputError `bad_text`."""
    if not isinstance(text, str) or any("\ud800" <= char <= "\udfff" for char in text):
        raise InputError(f"{what} must be text without lone surrogates", code="bad_text")
    return text


def parse_resource(resource: object) -> Resource:
    """Return the resource of "Type/id" or (type, id). Raises InputError `bad_resource`."""
    parts = resource.split("/", 1) if isinstance(resource, str) else resource
    if (
        not isinstance(parts, (tuple, list))
        or len(parts) != 2  # noqa: PLR2004 - a pair
        or not all(isinstance(part, str) and part.strip() for part in parts)
    ):
        raise InputError(
            'the resource must be "Type/id" or (type, id), both not blank', code="bad_resource"
        )
    return Resource(
        type=parse_text("the resource's type", parts[0]),
        id=parse_text("the resource's id", parts[1]),
    )


def parse_ttl(ttl: float | timedelta | None, limits: ProposalLimits) -> int:
    """Return the time to live in milliseconds, of seconds or a timedelta. InputError `bad_ttl`."""
    if ttl is None:
        return TTL_MS_DEFAULT
    seconds = ttl.total_seconds() if isinstance(ttl, timedelta) else ttl
    low, high = limits.ttl_ms_min, limits.ttl_ms_max
    # the comparison comes before the conversion: NaN and infinity fail it
    if isinstance(seconds, bool) or not low <= seconds * 1000 <= high:
        raise InputError(
            f"the time limit must be from {low / 1000:g} to {high / 1000:g} seconds",
            code="bad_ttl",
        )
    return int(seconds * 1000)


def parse_traceparent(traceparent: str | None) -> str | None:
    """Return a W3C Trace Context header value. Raises InputError `bad_traceparent`."""
    if traceparent is not None and not _TRACEPARENT.fullmatch(traceparent):
        raise InputError(
            "traceparent must be version-traceid-parentid-flags in lower-case hex (W3C)",
            code="bad_traceparent",
        )
    return traceparent


def parse_params(params: Any, limits: ProposalLimits) -> bytes:
    """Return the JSON bytes of params: exact bytes as they are, any other value written compactly.

    Raises InputError: `too_large` (the limit counts bytes of JSON), `bad_json` (not UTF-8, not JSON
    as in RFC 8259, a name twice in one object, NaN), `too_deep` (nested past the parser's depth).
    """
    if not isinstance(params, bytes):
        return _bounded(_written(params), limits)
    checked = _bounded(params, limits)
    problem = _fault(checked)
    if problem:
        raise problem
    return checked


def _bounded(data: bytes, limits: ProposalLimits) -> bytes:
    if len(data) > limits.params_bytes_max:
        raise InputError(
            f"the params take {len(data)} bytes of JSON; the limit is {limits.params_bytes_max}. "
            "Nothing was sent. Put the data where the executor can read it and name it instead",
            code="too_large",
        )
    return data


def _written(value: Any) -> bytes:
    """Return compact JSON. A value that JSON lacks is an InputError that does not show it."""
    problem = InputError("the params are no JSON value (RFC 8259)", code="bad_json")
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return text.encode()
    except RecursionError:
        problem = InputError("the params are nested too deep, or in a circle", code="too_deep")
    except (TypeError, ValueError):  # UnicodeEncodeError is a ValueError
        pass
    raise problem


def _fault(data: bytes) -> InputError | None:
    """Return what is wrong with exact bytes, without the bytes."""
    try:
        json.loads(data.decode(), parse_constant=_no_constant, object_pairs_hook=_no_repeats)
    except RecursionError:
        return InputError("the params are nested too deep", code="too_deep")
    except json.JSONDecodeError as error:
        return InputError(
            f"the params are no JSON: line {error.lineno}, column {error.colno}", code="bad_json"
        )
    except ValueError:  # UnicodeDecodeError among them
        return InputError(
            "the params are no JSON as in RFC 8259: they must be UTF-8, name nothing twice in one "
            "object, and hold no NaN or Infinity",
            code="bad_json",
        )
    return None


def _no_constant(_: str) -> None:
    raise ValueError


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a name twice: readers differ on which counts, so a reviewer might see the other."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found
