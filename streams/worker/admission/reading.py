"""Steps that all inputs share: sizes, ids, keys, JSON, sealed text. Each refusal has a code."""

import hashlib
import json
import re
import uuid
from hmac import compare_digest
from typing import Any, Final, NoReturn

from streams import numerals
from streams.errors import RefusedError
from streams.sealing import Purpose, SealKey
from streams.worker.record import Record

JSON_DEPTH_MAX = 64
TEXT_BYTES_MAX = 8_192  # of a rationale or a message: some pages
SALT_BYTES: Final = 16  # of every salted digest that is signed
CODE = re.compile(r"[a-z][a-z0-9_]{0,63}")


def is_intent_id(text: str) -> bool:
    """Return whether this is a UUID in its canonical form (RFC 9562 section 4)."""
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False


def claimed_id(record: Record) -> str | None:
    """Return the intent id that the record's key claims, where it is one."""
    try:
        text = record.key.decode("ascii")
    except UnicodeDecodeError:
        return None
    return text if is_intent_id(text) else None


def check_size(record: Record, bytes_max: int) -> None:
    """Refuse what is too large (`too_large`)."""
    if len(record.value) > bytes_max:
        raise RefusedError(f"the record is larger than {bytes_max} bytes", code="too_large")


def check_key(record: Record, intent_id: str) -> None:
    """Refuse an id of the wrong form (`bad_intent_id`) or a foreign key (`key_mismatch`)."""
    if not is_intent_id(intent_id):
        raise RefusedError("the intent id is no canonical UUID", code="bad_intent_id")
    if record.key != intent_id.encode():
        raise RefusedError("the record's key is not its intent id", code="key_mismatch")


def check_code(code: str) -> None:
    """Refuse a reason code that is none (`bad_code`)."""
    if not CODE.fullmatch(code):
        raise RefusedError(
            "the reason code is not snake case of 64 letters at most", code="bad_code"
        )


def is_salted(digest: str, salt: bytes, text: bytes) -> bool:
    """Return whether this is the signed digest of the text: SHA-256(salt || text).

    The salt has one length. Otherwise the beginning of a signed text could be called salt, and what
    is left would be signed as well.
    """
    found = hashlib.sha256(salt + text).hexdigest()
    return len(salt) == SALT_BYTES and compare_digest(found.encode(), digest.encode())


def unseal_text(key: SealKey, blob: bytes, intent_id: str, purpose: Purpose) -> str:
    """Open sealed text. Refuses what does not open, is too long or no UTF-8 (`unsealable`, …)."""
    plain = key.open(blob, intent_id, purpose) if blob else b""
    if len(plain) > TEXT_BYTES_MAX:
        raise RefusedError(f"the text is longer than {TEXT_BYTES_MAX} bytes", code="too_large")
    try:
        return plain.decode()
    except UnicodeDecodeError:
        raise RefusedError("the text is not UTF-8", code="bad_text") from None


def parse_params(data: bytes) -> Any:
    """Parse an agent's params: strict JSON, one meaning only, bounded in depth.

    A duplicate key means one thing to one parser and another to the next, so a reviewer could be
    shown what an executor does not run (RFC 8259 section 4). The same holds for numbers out of
    range and for halves of surrogate pairs (sections 6 and 8.2). A number that would not come back
    as it was written is kept by its text (`numerals`). Codes: `bad_json`, `too_deep`.
    """
    try:
        value = json.loads(
            data.decode(),  # section 8.1: UTF-8 and no other; bytes would be guessed at
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            parse_float=_finite,
            parse_int=numerals.whole,
        )
        _check_depth(value)
        numerals.dumps(value).encode()
    except RecursionError:
        raise RefusedError("params are nested too deep", code="too_deep") from None
    except ValueError:  # UnicodeError is one
        raise RefusedError("params are not JSON", code="bad_json") from None
    return value


def items_total(value: Any) -> int:
    """Return the length of the longest list in a JSON value: how much one action is done to."""
    longest = 0
    waiting = [value]
    while waiting:
        here = waiting.pop()
        if isinstance(here, dict):
            waiting.extend(here.values())
        elif isinstance(here, list):
            longest = max(longest, len(here))
            waiting.extend(here)
    return longest


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(JSON_DEPTH_MAX + 1):
        level = [each for each in level if isinstance(each, dict | list)]
        if not level:
            return
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    raise RefusedError(f"params are nested deeper than {JSON_DEPTH_MAX}", code="too_deep")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise RefusedError("params name a key twice", code="bad_json")
    return value


def _finite(text: str) -> float | numerals.Number:
    try:
        return numerals.fraction(text)
    except ValueError:
        raise RefusedError("params hold a number that is out of range", code="bad_json") from None


def _no_constant(_: str) -> NoReturn:
    raise RefusedError("params hold NaN or Infinity, which JSON has not", code="bad_json")
