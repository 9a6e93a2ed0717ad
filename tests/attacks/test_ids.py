"""Ids of resources and addresses: one spelling each, and nothing that could be read as another."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.control.scope import Scope
from streams.directory import ResourceEntry
from streams.directory.alike import is_plain, normal, skeleton
from streams.directory.catalogue import is_odd, nearest
from streams.directory.identity import ProviderSubject
from streams.events import InputRefused, IntentAdmitted, Resource
from tests.attacks.door import Gate
from tests.gatehouse import EXECUTOR

ISSUER = "https://id.example/realms/clinic"
PROD, LAB = "clinic/prod", "clinic/lab/"
# Look-alikes of Latin letters: Cyrillic, Greek, full-width, mathematical, with marks, long s.
TWINS = {
    "a": "\u0430\uff41\u0251\U0001d41a\u00e1",
    "c": "\u0441\uff43\U0001d5bc",
    "d": "\u0501\uff44",
    "i": "\u0456\u0131\uff49",
    "l": "1|\uff4c",
    "n": "\uff4e\u00f1",
    "o": "0\u043e\u03bf\uff4f",
    "p": "\u0440\u03c1\uff50",
    "r": "\uff52\U0001d5cb",
    "b": "\uff42",
}
UNSEEN = ("\u200b", "\u200d", "\ufe0f", "\u00ad", "\u2060", "\U000e0101", "\u0301")


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Gate:
    """Return a gate with a production entry beside patterns that are none."""
    base = {"type": "Database", "executor": EXECUTOR}
    entries = [
        {**base, "id": PROD, "attributes": {"env": "prod"}},
        {**base, "id": f"{LAB}*", "attributes": {"env": "prod"}},
        {**base, "id": "clinic/*", "attributes": {"env": "dev"}},
        {"type": "Topic", "id": "pre-*", "executor": EXECUTOR, "attributes": {"env": "dev"}},
    ]
    return Gate(Path(tmp_path_factory.mktemp("gate")) / "home", resources=entries)


def said(gate: Gate, name: str, kind: str = "Database") -> str:
    """Return why an id is refused, or under which entry's environment it comes in."""
    gate.propose(
        "db.drop", {"table": "p"}, resource=Resource(type=kind, id=name), on_behalf_of=None
    )
    body = gate.last.body
    if isinstance(body, InputRefused):
        return body.reason
    assert isinstance(body, IntentAdmitted)
    return "prod" if body.ruling.reason == "destructive_in_production" else "dev"


def spellings(name: str) -> Iterator[str]:
    """Yield what a file system, a database, a driver or a reader could take for this name."""
    head, _, last = name.rpartition("/")
    yield from (name.upper(), name.title(), f"{head}/{last.upper()}", f"{head}/{last.title()}")
    yield from (f"{head}/{last[:at]}{last[at:].upper()}" for at in range(1, len(last)))
    yield from (f"{head}/dev/../{last}", f"{head}/./{last}", f"{head}//{last}", f"{head}/{last}/.")
    yield from (f"{head}/{last}/", f"{head}/{last}//", f"{head}/{last}/x/..", f"{head}\\{last}")
    yield from (
        f"{head}/{last}{end}" for end in (" ", ".", "..", "\t", "\n", "\x00", ";", "?x=1", "#x")
    )
    yield from (f"{head}/{start}{last}" for start in (" ", ".", "./", "~", "$", "%00"))
    for at, char in enumerate(last):
        before, after = f"{head}/{last[:at]}", last[at + 1 :]
        yield f"{before}%{ord(char):02x}{after}"
        yield f"{before}%25{ord(char):02X}{after}"
        yield from (f"{before}{twin}{after}" for twin in TWINS.get(char, ""))
        yield from (f"{before}{char}{hidden}{after}" for hidden in UNSEEN)
    yield quote(name, safe="")
    yield f"{head}/{quote(last.upper())}"


@pytest.mark.parametrize("name", sorted(set(spellings(PROD))), ids=ascii)
def test_production_has_one_name(gate: Gate, name: str) -> None:
    """Nothing that could be read as the production entry comes in as development."""
    assert said(gate, name) in {"odd_resource", "unknown_resource"}


@pytest.mark.parametrize("name", sorted(set(spellings(f"{LAB}blood"))), ids=ascii)
def test_no_way_round_a_longer_pattern(gate: Gate, name: str) -> None:
    """What could be read as a part of the laboratory is the laboratory's, or refused."""
    assert said(gate, name) in {"odd_resource", "unknown_resource", "prod"}


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        (PROD, "Database", "prod"),
        ("clinic/lab/blood", "Database", "prod"),
        ("clinic/dev", "Database", "dev"),
        ("clinic/dev-1/orders_2026.v2", "Database", "dev"),
        ("clinic/production", "Database", "dev"),  # another word
        ("clinic/laboratory", "Database", "dev"),
        ("pre-lab", "Topic", "dev"),
        ("pre-", "Topic", "dev"),
        ("pre-lab/../x", "Topic", "odd_resource"),
        ("pre-lab/x", "Topic", "dev"),
        ("pre-/x", "Topic", "dev"),
        ("clinic", "Database", "unknown_resource"),
        ("other/prod", "Database", "unknown_resource"),
    ],
)
def test_plain_ids_come_in(gate: Gate, name: str, kind: str, expected: str) -> None:
    """What has one spelling and means nothing else is what its entry says."""
    assert expected == said(gate, name, kind)


@given(st.text(max_size=12))
def test_what_is_plain_is_its_own_normal_form(text: str) -> None:
    """However forgiving a reader is, a plain id stays what it is, but for look-alikes."""
    if is_plain(text):
        assert text.isascii()
        assert normal(text) == "/".join(skeletonless(part) for part in text.split("/"))


def skeletonless(text: str) -> str:
    """Return a plain segment as `normal` folds it."""
    return text.lower().replace("0", "o").replace("1", "l")


@given(st.sampled_from(sorted(set(spellings(PROD)))), st.sampled_from(["", "/x"]))
def test_a_halt_reaches_whatever_means_it(name: str, more: str) -> None:
    """A halt of the exact entry, and of each pattern it is in, covers all these spellings."""
    found = Resource(type="Database", id=name + more)
    reached = normal(name + more) == normal(PROD)
    assert reached is Scope("resource", f"Database/{PROD}").covers("bot", "db.drop", found)
    if normal(name).startswith("clinic/"):
        assert Scope("resource", "Database/clinic/*").covers("bot", "db.drop", found)
    assert Scope("resource", "Database/*").covers("bot", "db.drop", found)


@pytest.mark.parametrize(
    "name",
    [
        *("clinic/PROD", "clinic/dev/../prod", "clinic//prod", "clinic/%70rod"),
        *("clinic/prod\ufe0f", "clinic/\u0440rod", "clinic/prod ", "clinic/./prod"),
        *("clinic/x/%2e%2e/prod", "clinic\\prod"),
    ],
    ids=ascii,
)
def test_a_halt_on_production_reaches_its_other_spellings(name: str) -> None:
    """Whatever an executor may take for the halted entry does not run."""
    scope = Scope.parse(f"resource:Database/{PROD}")
    assert scope.covers("bot", "db.drop", Resource(type="Database", id=name))


@pytest.mark.parametrize("name", ["clinic/dev", "clinic/production", "clinic/prod/x", "prod", "x"])
def test_a_halt_stops_no_more_than_that(name: str) -> None:
    """Another resource goes on."""
    scope = Scope.parse(f"resource:Database/{PROD}")
    assert not scope.covers("bot", "db.drop", Resource(type="Database", id=name))


# ---------------------------------------------------------------- addresses of a login


def addresses() -> Iterator[tuple[str, bool]]:
    """Yield addresses, and whether they are kim@clinic.example's."""
    yield from (("kim@clinic.example", True), ("Kim@Clinic.Example", True))
    yield from (("\u212aim@clinic.example", False), ("k\u0131m@clinic.example", False))
    yield from (("K\u0130M@clinic.example", False), ("kim@clinic.example ", False))
    yield from (("\uff4bim@clinic.example", False), ("kim@clin\u0456c.example", False))
    yield from (("kim@clinic.example.", False), ("", False))


@pytest.mark.parametrize(("address", "same"), list(addresses()), ids=ascii)
def test_an_address_is_compared_letter_by_letter(address: str, *, same: bool) -> None:
    """Only ASCII case is overlooked: what Unicode folds together is two addresses."""
    kim = ProviderSubject(issuer=ISSUER, email="kim@clinic.example")
    assert same is kim.fits(ISSUER, "s", address)
    if address:
        assert same is (kim.mark == ProviderSubject(issuer=ISSUER, email=address).mark)


@given(st.lists(st.text(max_size=6), max_size=6))
def test_a_directory_finds_entries_exactly(names: list[str]) -> None:
    """An entry's own name is always its own, however odd it is."""
    entries = [
        {"type": "T", "id": name, "executor": "e"}
        for name in dict.fromkeys(names)
        if name and "*" not in name
    ]
    held = tuple(map(ResourceEntry.model_validate, entries))
    for entry in entries:
        mine = nearest(held, "T", entry["id"])
        assert mine is not None
        assert (entry["id"], False) == (mine.id, is_odd(held, mine, entry["id"]))


def test_skeletons_are_taken_for_each_other() -> None:
    """The look-alikes of these tests are look-alikes to the directory as well."""
    for letter, twins in TWINS.items():
        for twin in twins:
            assert skeleton(letter) == skeleton(twin), (letter, ascii(twin))
