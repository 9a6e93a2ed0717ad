"""Where a provider's document may lead: to its own host or to what is public, in any spelling."""

from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.identity.line import _public

INSIDE = [
    ip_network(each)
    for each in ("10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16")
]
WRAPPED = {
    "mapped": lambda four: (0xFFFF << 32) | four,
    "compatible": lambda four: four,
    "6to4": lambda four: (0x2002 << 112) | (four << 80),
    "nat64": lambda four: (0x64FF9B << 96) | four,
    "local nat64": lambda four: (0x64FF9B << 96) | (1 << 80) | four,
}


def inside() -> st.SearchStrategy[int]:
    """Return any IPv4 address of a network of one's own."""
    spans = [(int(net[0]), int(net[-1])) for net in INSIDE]
    return st.one_of(*(st.integers(low, high) for low, high in spans))


@pytest.mark.parametrize("how", WRAPPED)
@given(four=inside())
def test_no_way_inside_by_another_spelling(how: str, four: int) -> None:
    """An IPv6 address that carries one of a private network is no more public than that."""
    assert not _public((str(IPv4Address(four)), 443))
    assert not _public((str(IPv6Address(WRAPPED[how](four))), 443))


@pytest.mark.parametrize("host", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"])
def test_what_is_public_is_asked(host: str) -> None:
    """Public addresses stay so, also behind the translation that a network has for IPv4."""
    assert _public((host, 443))
