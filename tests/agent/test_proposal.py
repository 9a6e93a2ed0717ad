"""What an agent says is parsed once, and no error quotes it."""

import json
import math
import traceback
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.agent import proposal
from streams.errors import InputError
from streams.events import Resource

LIMITS = proposal.ProposalLimits(
    params_bytes_max=1_000, input_bytes_max=4_000, ttl_ms_min=1_000, ttl_ms_max=10_000
)
SECRET = "Maria Musterfrau"

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda each: (
        st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=3), each, max_size=3)
    ),
    max_leaves=10,
)


def _code(params: Any) -> str:
    with pytest.raises(InputError) as caught:
        proposal.parse_params(params, LIMITS)
    assert SECRET not in "".join(traceback.format_exception(caught.value, chain=True))
    assert caught.value.__context__ is None
    return caught.value.code


@given(json_values)
def test_a_json_value_reads_back(value: Any) -> None:
    """Any JSON value goes there and back: its bytes parse to itself, and are taken as they are."""
    data = proposal.parse_params(value, LIMITS)
    assert value == json.loads(data)
    assert data == proposal.parse_params(data, LIMITS)


def test_exact_bytes_are_kept() -> None:
    """Space, order and number format of exact bytes stay: digests are over them."""
    data = b' {"b": 1.50,\n "a": 1e2} '
    assert data == proposal.parse_params(data, LIMITS)


@pytest.mark.parametrize(
    ("code", "params"),
    [
        ("too_large", b'"' + b"x" * 1_000 + b'"'),
        ("too_large", "x" * 1_000),
        ("bad_json", b"{'name': 'Maria Musterfrau'}"),
        ("bad_json", b'"Maria Musterfrau'),
        ("bad_json", '"Maria Musterfrau ü"'.encode("latin-1")),
        ("bad_json", "﻿1".encode()),
        ("bad_json", b"NaN"),
        ("bad_json", b"-Infinity"),
        ("bad_json", b'{"a": 1, "a": "Maria Musterfrau"}'),
        ("bad_json", b""),
        ("bad_json", math.nan),
        ("bad_json", {"a": {SECRET}}),
        ("bad_json", {SECRET: "\ud800"}),
        ("bad_json", {(1, SECRET): 1}),
    ],
)
def test_bad_params_are_refused_without_being_quoted(code: str, params: Any) -> None:
    """Each kind of bad params has its code, and its error's whole chain holds nothing of them."""
    assert code == _code(params)


def test_deep_params_are_refused_in_both_forms() -> None:
    """JSON nested past the parser's depth is an InputError, never a crash."""
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    limits = proposal.ProposalLimits(
        params_bytes_max=500_000, input_bytes_max=1, ttl_ms_min=1, ttl_ms_max=1
    )
    for params in (deep, b"[" * 100_000 + b"]" * 100_000):
        with pytest.raises(InputError) as caught:
            proposal.parse_params(params, limits)
        assert "too_deep" == caught.value.code


def test_too_large_names_size_and_limit() -> None:
    """Whoever sent too much is told how much it was and how much may be."""
    with pytest.raises(InputError, match=r"50000002 bytes.*limit is 1000"):
        proposal.parse_params("x" * 50_000_000, LIMITS)


@pytest.mark.parametrize("resource", ["Dataset/a/b", ("Dataset", "a/b"), ["Dataset", "a/b"]])
def test_a_resource_is_text_or_a_pair(resource: Any) -> None:
    """Both forms name the same; the id may hold slashes."""
    assert Resource(type="Dataset", id="a/b") == proposal.parse_resource(resource)


@pytest.mark.parametrize("resource", ["Dataset", "/a", "a/", " /a", ("a",), ("a", 1), None, 7])
def test_half_a_resource_is_refused(resource: Any) -> None:
    """A resource lacks neither type nor id."""
    with pytest.raises(InputError) as caught:
        proposal.parse_resource(resource)
    assert "bad_resource" == caught.value.code


def test_ttl_is_seconds_or_a_timedelta() -> None:
    """Seconds, fractions and timedeltas become milliseconds; none is an hour."""
    assert [1_500, 2_000, 3_600_000] == [
        proposal.parse_ttl(1.5, LIMITS),
        proposal.parse_ttl(timedelta(seconds=2), LIMITS),
        proposal.parse_ttl(None, LIMITS),
    ]


@pytest.mark.parametrize("ttl", [0, -1, 0.5, 10.001, math.inf, math.nan, 1e308, True])
def test_an_absurd_ttl_is_refused(ttl: float) -> None:
    """Past, endless, absurd: not a number of seconds within the limits."""
    with pytest.raises(InputError) as caught:
        proposal.parse_ttl(ttl, LIMITS)
    assert "bad_ttl" == caught.value.code


@pytest.mark.parametrize("name", ["", " ", None, 3])
def test_a_blank_name_is_refused(name: Any) -> None:
    """Names are text, and not blank."""
    with pytest.raises(InputError):
        proposal.parse_name("the agent", name)


def test_a_traceparent_is_w3c_or_refused() -> None:
    """A header of ours carries a trace context and nothing else."""
    good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    assert good == proposal.parse_traceparent(good)
    with pytest.raises(InputError):
        proposal.parse_traceparent("Maria\n")
