"""A connection that ends in time, and leads only where it may.

urllib's limit is one of each read: whoever sends a byte now and then holds it for days. Here the
whole exchange has one deadline, the name's lookup and the body's last byte included: it runs in a
thread of its own, and at the deadline its connection is shut, so that the thread ends too.

What a provider's own document names is asked only on the issuer's host, or at a public address:
else the document could have this machine ask whatever stands beside it.
"""

import contextlib
import http.client
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any, Final, TypeVar
from urllib.request import HTTPHandler, HTTPSHandler, Request, getproxies, proxy_bypass

R = TypeVar("R")
LAST_FOUR_BYTES: Final = (IPv6Network("64:ff9b::/96"), IPv6Network("::/96"))
LOCAL_NAT64: Final = IPv6Network("64:ff9b:1::/48")
GRACE_S: Final = 0.2  # for what is only just in time


@dataclass
class Connection:
    """One exchange. `anywhere`: the address was checked by name, or a proxy looks it up."""

    timeout_s: float
    anywhere: bool
    _sockets: list[socket.socket] = field(default_factory=list)
    _over: bool = False

    def handlers(self) -> tuple[Any, ...]:
        """Return what urllib connects with."""
        return _Plain(self), _Tls(self)

    def within(self, ask: Callable[[], R]) -> R:
        """Return what `ask` returns or raises; TimeoutError past the deadline."""
        told: list[Callable[[], R]] = []

        def run() -> None:
            try:
                found = ask()
            except Exception as error:  # noqa: BLE001 - raised again, where it is waited for
                told.append(partial(_raise, error))
            else:
                told.append(lambda: found)

        thread = threading.Thread(target=run, daemon=True, name="provider")
        thread.start()
        thread.join(self.timeout_s)
        self._shut()
        if not told:
            thread.join(GRACE_S)
            raise TimeoutError
        return told[0]()

    def connect(
        self, address: tuple[str, int], timeout: float | None = None, source: Any = None
    ) -> socket.socket:
        """Connect to the first address that answers. OSError, also where it may not lead there."""
        host, port = address
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        places = [(str(each[4][0]), port) for each in found]
        if not places or not (self.anywhere or all(map(_public, places))):
            raise OSError("the address is none of the provider's, and not public")
        for number, place in enumerate(places):
            try:
                made = socket.create_connection(place, timeout, source)
            except OSError:
                if number == len(places) - 1 or self._over:
                    raise
                continue
            self._sockets.append(made.dup())
            if self._over:
                self._shut()
            return made
        raise OSError

    def _shut(self) -> None:
        self._over = True
        while self._sockets:
            with contextlib.closing(self._sockets.pop()) as each, contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


def _public(place: tuple[str, int]) -> bool:
    """Tell whether an address is everybody's; one that carries another is as public as that."""
    address = ip_address(place[0].partition("%")[0])
    return all(each.is_global and not each.is_multicast for each in (address, *_carried(address)))


def _carried(address: IPv4Address | IPv6Address) -> Iterator[IPv4Address | IPv6Address]:
    """Yield the IPv4 address to which an IPv6 one may lead on (RFC 4291, 3056, 6052, 8215)."""
    if isinstance(address, IPv4Address):
        return
    if address in LOCAL_NAT64:
        yield IPv4Address(0)  # where it leads is this network's own affair
    for carried in (address.ipv4_mapped, address.sixtofour):
        if carried is not None:
            yield carried
    if any(address in each for each in LAST_FOUR_BYTES):
        yield IPv4Address(int(address) & 0xFFFF_FFFF)


def _raise(error: Exception) -> Any:
    raise error


def _connecting(kind: Any, line: Connection, *arguments: Any, **options: Any) -> Any:
    made = kind(*arguments, **options)
    made._create_connection = line.connect  # noqa: SLF001 - http.client has no other place for it
    return made


class _Plain(HTTPHandler):
    def __init__(self, line: Connection) -> None:
        super().__init__()
        self._line = line

    def http_open(self, req: Request) -> http.client.HTTPResponse:
        made: Any = partial(_connecting, http.client.HTTPConnection, self._line)
        return self.do_open(made, req)


class _Tls(HTTPSHandler):
    def __init__(self, line: Connection) -> None:
        super().__init__(context=ssl.create_default_context())
        self._line = line

    def https_open(self, req: Request) -> http.client.HTTPResponse:
        made: Any = partial(_connecting, http.client.HTTPSConnection, self._line)
        return self.do_open(made, req, context=ssl.create_default_context())


def proxied(request: Request) -> bool:
    """Tell whether the environment names a proxy for this request: it looks up the name then."""
    return request.type in getproxies() and not proxy_bypass(request.host)
