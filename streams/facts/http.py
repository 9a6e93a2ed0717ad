"""HTTP requests (RFC 9110): methods, and hosts where the catalogue knows them."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from streams.facts import names
from streams.facts.fact import MANY, NO, NONE, ONE, UNKNOWN, YES, HttpFacts, bounded
from streams.facts.leaves import ParamLeaf

_SAFE: Final = frozenset({"get", "head", "options", "trace"})  # section 9.2.1
_METHODS: Final = _SAFE | {"post", "put", "patch", "delete", "connect"}
_URL = re.compile(r"(?:https?|wss?)://([^\s/?#\"'<>\\]{1,255})", re.IGNORECASE)


def http_facts(every: Iterable[ParamLeaf], attributes: Mapping[str, str]) -> HttpFacts:
    """Return what requests there are; a URL without a method may be any request."""
    methods: set[str] = set()
    hosts: list[str] = []
    relative = 0
    for leaf in every:
        if not isinstance(leaf.value, str):
            continue
        name = leaf.names[-1] if leaf.names else ""
        found = _URL.findall(leaf.value)
        hosts += found
        if name in names.METHOD:
            method = leaf.value.strip().lower()
            methods.add(method if method in _METHODS else "other")
        elif name in names.URL and not found and not leaf.is_key:
            relative += 1
    calls = max(len(hosts) + relative, int(bool(methods)))
    if not calls:
        return HttpFacts(calls=NONE, writes=NO)
    return HttpFacts(
        calls=ONE if calls == 1 else MANY,
        methods=bounded(methods),
        hosts=bounded(_told(hosts, relative, names.listed(attributes, "hosts"))),
        writes=_writes(methods),
    )


def _writes(methods: set[str]) -> str:
    if not methods or "other" in methods:
        return UNKNOWN
    return NO if methods <= _SAFE else YES


def _told(hosts: list[str], relative: int, known: frozenset[str]) -> set[str]:
    """Return the hosts as the catalogue names them; user and port are no part of a host."""
    plain = {host.rpartition("@")[2].split(":")[0].lower() for host in hosts}
    told = {host[:40] if host in known else names.OTHER for host in plain}
    return told | ({UNKNOWN} if relative else set())
