"""Is this address this machine? One answer, for whoever lets plain text pass there. Pure.

Only an address of the loopback range, or the very name `localhost`: a name that merely begins so,
or an address that an attacker's DNS would give, is somebody else.
"""

from ipaddress import ip_address

__all__ = ["is_this_machine", "of_broker"]


def is_this_machine(host: str | None) -> bool:
    """Tell whether a host, without its port, is this machine; IPv6 with or without brackets."""
    name = (host or "").strip().removeprefix("[").removesuffix("]")
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name.lower() == "localhost"


def of_broker(address: str) -> str:
    """Return the host of `HOST:PORT`, or of `PROTOCOL://HOST:PORT`."""
    return address.strip().rpartition("//")[2].rpartition(":")[0]
