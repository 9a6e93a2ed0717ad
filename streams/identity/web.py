"""The only HTTP of this room: to addresses that the directory or a provider's own document names.

https, or http to this machine alone; no redirects; one deadline for all of it; a size limit. Where
an address comes from a provider's document, it is on the issuer's host or public. A proxy of the
environment is used, except to this machine.
"""

import json
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any, Final, Never
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import (
    HTTPRedirectHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    build_opener,
)

from streams.errors import OperatorError
from streams.hosts import is_this_machine
from streams.identity.line import Connection, proxied

TIMEOUT_S: Final = 10.0
BYTES_MAX: Final = 262_144  # a provider's keys or metadata have some KiB


class WebError(OperatorError):
    """A provider that cannot be reached, or does not answer as the standards say."""

    code = "provider_unreachable"


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        """Follow nothing: an address that a provider did not publish is not asked."""


def get(url: str, timeout_s: float = TIMEOUT_S, issuer: str = "") -> dict[str, Any]:
    """Return the JSON object at an address that the issuer's document names; WebError.

    Without an issuer the address is one that the directory names.
    """
    asked = Request(checked(url, issuer or url))  # noqa: S310 - https, see `checked`
    status, found = _ask(asked, timeout_s, issuer or url)
    if status != 200:  # noqa: PLR2004 - RFC 9110 section 15.3.1
        _fail(url, f"it answers {status}")
    return found


def post(
    url: str, form: Mapping[str, str], timeout_s: float = TIMEOUT_S, issuer: str = ""
) -> dict[str, Any]:
    """Send a form and return the JSON object, which may be an OAuth error; WebError."""
    body = urlencode(form).encode()
    named = checked(url, issuer or url)
    asked = Request(named, body, {"Accept": "application/json"})  # noqa: S310 - the same
    return _ask(asked, timeout_s, issuer or url)[1]


def checked(url: str, issuer: str) -> str:
    """Return an address that this issuer's document may name; WebError otherwise.

    https; http, and this machine, only where the issuer is on this machine itself.
    """
    parts, here = urlsplit(url), is_this_machine(urlsplit(issuer).hostname)
    if parts.scheme != "https" and not (
        parts.scheme == "http" and here and is_this_machine(parts.hostname)
    ):
        _fail(url, "only https is asked")
    if not parts.hostname or parts.username is not None:
        _fail(url, "this is no address of a provider")
    if is_this_machine(parts.hostname) and not here:
        _fail(url, "it is none of the provider's, and not public")
    return url


def _ask(request: Request, timeout_s: float, issuer: str) -> tuple[int, dict[str, Any]]:
    host = urlsplit(request.full_url).hostname
    here = is_this_machine(host)
    pinned = host == urlsplit(issuer).hostname
    line = Connection(timeout_s, anywhere=here or pinned or proxied(request))
    opener = build_opener(_Stay, *([ProxyHandler({})] if here else []), *line.handlers())
    url = request.full_url
    try:
        status, data = line.within(lambda: _read(opener, request, timeout_s))
    except (OSError, HTTPException, ValueError) as error:
        _fail(url, type(error).__name__)
    return status, _json(url, data)


def _read(opener: OpenerDirector, request: Request, timeout_s: float) -> tuple[int, bytes]:
    try:
        with opener.open(request, timeout=timeout_s) as answer:
            return answer.status, answer.read(BYTES_MAX + 1)
    except HTTPError as error:
        with error:
            return error.code, error.read(BYTES_MAX + 1)


def _json(url: str, data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data) if len(data) <= BYTES_MAX else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        _fail(url, "what it answers is no JSON object")
    return found


def _fail(url: str, why: str) -> Never:
    parts = urlsplit(url)
    raise WebError(
        f"{parts.scheme}://{parts.netloc}{parts.path}: {why}",
        hint="is `issuer` in the directory file right, and can this machine reach it?",
    )
