"""Facts of recipients, requests, paths, amounts, commands and FHIR; and what is unknown of them."""

from typing import Any

import pytest

from streams.facts import COUNT_UNKNOWN, Facts, codes, read
from streams.facts.fact import NOTHING
from streams.facts.files import normalised

CLINIC = {"domains": "clinic.example", "root": "/srv/exports", "hosts": "fhir.clinic.example"}


def test_nothing_has_no_facts() -> None:
    """Parameters that hold nothing of all this say so, and no code is written for them."""
    assert NOTHING == read({}, {})
    assert () == codes(NOTHING)


def test_a_fact_that_is_missing_is_unknown() -> None:
    """Facts that nobody read say no and none of nothing: each count is beyond every limit."""
    told = Facts().model_dump()
    assert "unknown" == told["sql"]["read"] == told["files"]["outside"] == told["http"]["writes"]
    assert COUNT_UNKNOWN == told["recipients"]["count"] == told["files"]["count"]
    assert not {"yes", "no", "none", "one"} & {
        value for part in told.values() for value in part.values() if isinstance(value, str)
    }


def test_too_many_leaves_are_unknown() -> None:
    """What nobody reads to its end is not known at all."""
    assert Facts() == read([0] * 50_000, {})


@pytest.mark.parametrize(
    ("params", "count", "external"),
    [
        ({"to": "a@clinic.example"}, 1, 0),
        ({"to": ["a@clinic.example", "A@Clinic.example"]}, 1, 0),
        ({"to": "a@clinic.example", "cc": "b@ward.clinic.example", "bcc": "c@else.example"}, 3, 1),
        ({"to": "x@clinic.example.evil.example"}, 1, 1),
        ({"to": "x@notclinic.example"}, 1, 1),
        ({"phone": "+1 (415) 555-0100"}, 1, 1),
        ({"phone": 4155550100}, 1, 1),
        ({"to": "Ann Roe <a@clinic.example>, b@clinic.example"}, 2, 0),
        ({"to": {"name": "Ann", "email": "a@clinic.example"}}, 1, 0),
        ({"to": "everybody"}, COUNT_UNKNOWN, COUNT_UNKNOWN),
        ({"to": "a@clinic.example and the rest"}, COUNT_UNKNOWN, COUNT_UNKNOWN),
        ({"text": "Write to a@clinic.example"}, 1, 0),
        ({"text": "No address here, 12 beds"}, 0, 0),
    ],
)
def test_recipients(params: Any, count: int, external: int) -> None:
    """Distinct addresses over all fields, and how many are not our own."""
    told = read(params, CLINIC).recipients
    assert (count, external) == (told.count, told.external)


@pytest.mark.parametrize(
    ("params", "outside"),
    [
        ({"path": "reports/a.csv"}, "no"),
        ({"path": "./reports/../a.csv"}, "no"),
        ({"path": "/srv/exports/a.csv"}, "no"),
        ({"path": "/srv/exports/../exports/a.csv"}, "no"),
        ({"path": "../a.csv"}, "yes"),
        ({"path": "reports/../../a.csv"}, "yes"),
        ({"path": "/etc/passwd"}, "yes"),
        ({"path": "/srv/exports2/a.csv"}, "yes"),
        ({"path": "/srv/exports/../../etc/passwd"}, "yes"),
        ({"path": "~/a"}, "unknown"),
        ({"path": "%2e%2e/a"}, "unknown"),
        ({"path": "C:\\a"}, "unknown"),
        ({"path": "a\x00.csv"}, "unknown"),
        ({"path": "file:///etc/passwd"}, "unknown"),
        ({"anything": "/etc/passwd"}, "yes"),
        ({"a": "x", "b": {"file": ["ok.csv", "../x"]}}, "yes"),
    ],
)
def test_files(params: Any, outside: str) -> None:
    """A path leaves the root by its text, however it is written; an odd one cannot be told."""
    assert outside == read(params, CLINIC).files.outside


def test_without_a_root_an_absolute_path_is_unknown() -> None:
    """Nobody said what is inside."""
    assert "unknown" == read({"path": "/srv/a"}, {}).files.outside


@pytest.mark.parametrize("path", ["a/./b", "a//b", "a/c/../b", "./a/b", "a/b/"])
def test_paths_are_normalised(path: str) -> None:
    """All of these are one path."""
    assert "a/b" == normalised(path)


@pytest.mark.parametrize(
    ("params", "calls", "writes", "hosts"),
    [
        ({"method": "GET", "url": "https://fhir.clinic.example/x"}, "one", "no",
         ("fhir.clinic.example",)),
        ({"method": "post", "url": "https://fhir.clinic.example:443/x"}, "one", "yes",
         ("fhir.clinic.example",)),
        ({"url": "https://user@evil.example/"}, "one", "unknown", ("other",)),
        ({"url": "https://fhir.clinic.example@evil.example/"}, "one", "unknown", ("other",)),
        ({"method": "BREW", "url": "/pot"}, "one", "unknown", ("unknown",)),
        ({"a": "https://x.example https://y.example"}, "many", "unknown", ("other",)),
        ({}, "none", "no", ()),
    ],
)  # fmt: skip
def test_http(params: Any, calls: str, writes: str, hosts: tuple[str, ...]) -> None:
    """Whether a request may change something, and to which known host."""
    told = read(params, CLINIC).http
    assert (calls, writes, hosts) == (told.calls, told.writes, told.hosts)


@pytest.mark.parametrize(
    ("params", "largest", "rows"),
    [
        ({"amount": 820_000.5, "limit": 10}, 820_001, 10),
        ({"items": [{"amount": 5}, {"amount": "7"}]}, 7, 0),
        ({"amount": "a lot", "rows": True}, COUNT_UNKNOWN, COUNT_UNKNOWN),
        ({"amount": -3}, 3, 0),
        ({"amount": None}, 0, 0),
        ({"amount": 10**30}, COUNT_UNKNOWN, 0),
    ],
)
def test_amounts(params: Any, largest: int, rows: int) -> None:
    """The largest of each, rounded up; what is no number is beyond every limit."""
    told = read(params, {}).amounts
    assert (largest, rows) == (told.largest, told.rows)


@pytest.mark.parametrize(
    ("command", "chained", "program"),
    [
        ("systemctl restart web", "no", "systemctl"),
        ("/usr/bin/systemctl restart web", "no", "systemctl"),
        ("ls; rm -rf /", "yes", "ls"),
        ("echo $(id)", "yes", "echo"),
        ("ls\nrm x", "yes", "ls"),
        ("ls\u2028rm", "yes", "ls"),
        ("carolee_sanford", "no", "other"),
    ],
)
def test_shell(command: str, chained: str, program: str) -> None:
    """Whether a shell would read more in it than one command, and a program known by name."""
    told = read({"cmd": command}, {}).shell
    assert ("one", chained, (program,)) == (told.commands, told.chained, told.programs)


@pytest.mark.parametrize(
    ("params", "interactions", "types", "writes"),
    [
        ({"method": "GET", "url": "https://f.example/Patient/1"}, ("read",), ("Patient",), "no"),
        ({"method": "DELETE", "url": "/Observation/1"}, ("delete",), ("Observation",), "yes"),
        ({"resourceType": "Patient"}, ("unknown",), ("Patient",), "unknown"),
        ({"interaction": "search", "resourceType": "Condition"}, ("search",), ("Condition",), "no"),
        ({"resourceType": "Sanford"}, ("unknown",), ("other",), "unknown"),
        ({}, (), (), "no"),
    ],
)
def test_fhir(params: Any, interactions: Any, types: Any, writes: str) -> None:
    """Which interactions, on which types; a body that says neither could be any of them."""
    told = read(params, {}).fhir
    assert (interactions, types, writes) == (told.interactions, told.types, told.writes)
