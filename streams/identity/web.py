"""The only HTTP of this room: to addresses that the directory or a provider's own document names.

https, or http to this machine alone; no redirects; a time limit; a size limit. A proxy of the
environment is used, except to this machine.
"""

import json
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any, Final, Never
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from streams.errors import OperatorError
from streams.hosts import is_this_machine, of_broker

TIMEOUT_S: Final = 10.0
BYTES_MAX: Final = 262_144  # a provider's keys or metadata have some KiB


class WebError(OperatorError):
    """A provider that cannot be reached, or does not answer as the standards say."""

    code = "provider_unreachable"


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        """Follow nothing: an address that a provider did not publish is not asked."""


def get(url: str, timeout_s: float = TIMEOUT_S) -> dict[str, Any]:
    """Return the JSON object at an address; WebError."""
    status, found = _ask(Request(_checked(url)), timeout_s)  # noqa: S310 - https, see _checked
    if status != 200:  # noqa: PLR2004 - RFC 9110 section 15.3.1
        _fail(url, f"it answers {status}")
    return found


def post(url: str, form: Mapping[str, str], timeout_s: float = TIMEOUT_S) -> dict[str, Any]:
    """Send a form and return the JSON object, which may be an OAuth error; WebError."""
    body = urlencode(form).encode()
    asked = Request(_checked(url), body, {"Accept": "application/json"})  # noqa: S310 - the same
    return _ask(asked, timeout_s)[1]


def _checked(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and is_this_machine(parts.hostname)):
        _fail(url, "only https is asked")
    return url


def _ask(request: Request, timeout_s: float) -> tuple[int, dict[str, Any]]:
    handlers = [ProxyHandler({})] if is_this_machine(of_broker(request.host)) else []
    url = request.full_url
    try:
        with build_opener(_Stay, *handlers).open(request, timeout=timeout_s) as answer:
            return answer.status, _json(url, answer.read(BYTES_MAX + 1))
    except HTTPError as error:
        with error:
            return error.code, _json(url, error.read(BYTES_MAX + 1))
    except (OSError, HTTPException, ValueError) as error:
        _fail(url, type(error).__name__)


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
