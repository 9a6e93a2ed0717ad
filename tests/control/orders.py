"""Orders for tests: signed as officers and agents sign them, and as attackers do."""

import hashlib
from typing import Any

from streams import signing
from streams.control.scope import Scope
from streams.directory import Directory
from streams.events import Control, ControlKind, ControlStatement
from streams.sealing import Purpose
from streams.signing import SigningKey
from tests.agent.rig import GATE_ID, Keys

NOW_MS = 1_700_000_000_000
SKEW_MS = 300_000
INTENT_ID = "0198c1a2-7d3e-7c55-9f3a-3f1d2b8a9c10"
OTHER_ID = "0198c1a2-7d3e-7c55-9f3a-3f1d2b8a9c11"


def directory(keys: Keys, **changes: tuple[str, str]) -> Directory:
    """Return the rig's directory; each change replaces a piece of its text."""
    text = keys.directory_text()
    for old, new in changes.values():
        assert old in text
        text = text.replace(old, new)
    return Directory.parse(text, "test")


def order(  # noqa: PLR0913 - an order's parts, most by name
    keys: Keys,
    kind: ControlKind,
    what: str = "all",
    *,
    key: SigningKey | None = None,
    reason: str = "an incident",
    payload_type: str = signing.CONTROL,
    **changes: Any,
) -> Control:
    """Return a signed order on a scope, or on an intent; `changes` are of the statement."""
    scoped = kind in {ControlKind.HALT, ControlKind.RESUME}
    subject = Scope.parse(what).id if scoped else what
    sealed = keys.gate_seal.public.seal(reason.encode(), subject, Purpose.ORDER)
    whole: dict[str, Any] = {
        "gate": GATE_ID,
        "control": kind,
        "subject_id": subject,
        "scope": what if scoped else "",
        "reason_digest": hashlib.sha256(sealed).hexdigest(),
        "at_ms": NOW_MS,
    }
    said = ControlStatement(**{**whole, **changes}).model_dump_json().encode()
    signer = key or (keys.agent if kind is ControlKind.CANCEL else keys.officer)
    return Control(
        subject_id=subject,
        envelope=signing.envelope(said, payload_type, signer),
        reason=sealed,
    )
