"""How a link follows a link."""

import pytest

from streams.audit.entry import digest_of
from streams.audit.sequence import GENESIS, append, head_of
from streams.errors import InvariantError
from tests.audit.chains import KEY, UNREADABLE, chain, told


def test_same_log_gives_same_bytes() -> None:
    """A worker that starts again writes exactly the entries it wrote before (I7)."""
    assert chain(5) == chain(5)


def test_log_may_begin_anywhere() -> None:
    """A shard whose audit starts late begins with GENESIS at that index."""
    assert chain(1, first=40)[0].previous == GENESIS


@pytest.mark.parametrize("index", [0, 4, 6, 7])
def test_gap_or_step_back_is_never_signed(index: int) -> None:
    """Only the next index follows a head."""
    head = head_of(chain(5)[-1])
    with pytest.raises(InvariantError, match="cannot follow entry 4"):
        append(head, 3, index, "i", b"e", told(), KEY)
    assert append(head, 3, 5, "i", b"e", told(), KEY).index == 5


def test_unreadable_bytes_are_not_kept() -> None:
    """What nobody could read may hold anything, so only its digest stays."""
    entry = append(None, 3, 0, "i", b"not avro", UNREADABLE, KEY)
    assert entry.event == b""
    assert digest_of(b"not avro") == entry.event_digest
