"""What counts as this machine, where plain text may pass."""

import pytest

from streams.hosts import is_this_machine, of_broker


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST", "127.0.0.1", "127.0.0.2", "::1", "[::1]"]
)
def test_this_machine(host: str) -> None:
    """The loopback range and the name localhost, as a host or within a broker's address."""
    assert is_this_machine(host)
    assert is_this_machine(of_broker(f" {host if '::' not in host else '[::1]'}:9092"))


@pytest.mark.parametrize(
    "host",
    [
        "localhost.example.org",
        "127.0.0.1.example.org",
        "mylocalhost",
        "0.0.0.0",  # noqa: S104 - every address of this machine is not this machine alone
        "10.0.0.1",
        "::",
        "",
        None,
        "127.1",
        "2130706433",
        "localhost\n.example.org",
    ],
)
def test_somebody_else(host: str | None) -> None:
    """A name that begins or ends so, a number, nothing at all: not this machine."""
    assert not is_this_machine(host)
