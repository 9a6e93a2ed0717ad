"""Short audit chains to break, for the tests of this room."""

from streams.audit.sequence import Head, append, head_of
from streams.events import AuditEntry, Consequence, Effected, State
from streams.signing import SigningKey

KEY = SigningKey.new("audit-test")
STRANGER = SigningKey.new("stranger")
KEYS = (KEY.public,)


def told(
    effected: Effected = Effected.OPENED,
    reason: str = "phi_export",
    grant_id: str | None = None,
) -> Consequence:
    """Return a consequence, by default that of an opened case."""
    return Consequence(effected=effected, reason=reason, state=State.PENDING, grant_id=grant_id)


GRANTED = told(Effected.GRANTED, "approved", "grant-1")
UNREADABLE = Consequence(
    effected=Effected.REFUSED, reason="unreadable_event", state=None, grant_id=None
)


def chain(count: int, *, shard: int = 3, first: int = 0, key: SigningKey = KEY) -> list[AuditEntry]:
    """Return `count` good entries; each event is its index as text."""
    entries: list[AuditEntry] = []
    head: Head | None = None
    for index in range(first, first + count):
        event = f"event {index}".encode()
        entry = append(head, shard, index, f"intent-{index}", event, told(), key)
        entries.append(entry)
        head = head_of(entry)
    return entries
