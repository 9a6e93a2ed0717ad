"""The directory: what it answers, and the line of each thing that is wrong with it."""

from pathlib import Path

import pytest

from streams.directory import Directory
from streams.errors import SettingsError
from streams.sealing import SealKey
from streams.signing import DECISION, PublicKey, SigningKey, envelope, open_envelope

GATE_SEAL, DB_SEAL = SealKey.new("gate-seal").public.text, SealKey.new("clinic-db").public.text
GRANT, AUDIT, ADA, OLD, BOB, DB = (
    SigningKey.new(name) for name in ("grant", "audit", "ada", "ada", "bob", "clinic-db")
)
ADA_AS_BOB = PublicKey("bob", ADA.public.raw)  # the same key under another name
TEXT = f"""\
gate:
  id: gate-of-tests
  seal: {GATE_SEAL}
  grants:
    - {GRANT.public.text}
  audit: [{AUDIT.public.text}]
people:
  ada:
    title: Privacy officer
    groups: [privacy, security]
    keys:
      - {ADA.public.text}
      - {OLD.public.text}
  bob:
    groups: [security]
    keys: [{BOB.public.text}]
    status: suspended
agents:
  bot: {{owner: ada}}
  sleeper: {{owner: bob, status: suspended}}
executors:
  clinic-db:
    keys: [{DB.public.text}]
    seal: {DB_SEAL}
resources:
  - {{type: table, id: "clinic/*", executor: clinic-db, attributes: {{env: prod, open: no}}}}
  - {{type: table, id: "clinic/lab/*", executor: clinic-db}}
  - {{type: table, id: clinic/lab/, executor: other}}
  - {{type: topic, id: "*", executor: clinic-db}}
"""


def parsed(text: str = TEXT) -> Directory:
    """Return the directory of this text."""
    return Directory.parse(text, "d.yaml")


def refused(text: str) -> SettingsError:
    """Return the error of this text."""
    with pytest.raises(SettingsError) as caught:
        parsed(text)
    return caught.value


def line(part: str, text: str = TEXT) -> int:
    """Return the number of the first line with this part."""
    return next(n for n, found in enumerate(text.splitlines(), 1) if part in found)


def test_answers_who_is_who() -> None:
    """Agents, people and executors are found by name, and nobody else is."""
    found = parsed()
    agent = found.agent("bot")
    assert agent is not None
    assert ("ada", True) == (agent.owner, agent.active)
    sleeper = found.agent("sleeper")
    assert sleeper is not None
    assert not sleeper.active
    executor = found.executor("clinic-db")
    assert executor is not None
    assert (DB.public,) == executor.keys
    assert DB_SEAL == executor.seal.text
    assert (None, None, None) == (found.agent("x"), found.person("x"), found.executor("x"))


def test_finds_the_person_of_a_key() -> None:
    """Each key leads to its person, a suspended one too, and a foreign key to nobody."""
    found = parsed()
    assert ("ada", found.person("ada")) == found.person_of_key(OLD.public.key_id)
    bob = found.person_of_key(BOB.public.key_id)
    assert bob is not None
    assert ("bob", False) == (bob[0], bob[1].active)
    assert None is found.person_of_key(DB.public.key_id)


def test_a_suspended_person_approves_nothing_more() -> None:
    """A suspended person's keys are asked for the past alone."""
    found = parsed()
    assert [ADA.public, OLD.public] == found.approver_keys()
    assert [ADA.public, OLD.public, BOB.public] == found.approver_keys(suspended=True)


def test_its_keys_open_envelopes() -> None:
    """A decision of somebody in the directory is opened with the keys it gives."""
    made = envelope(b"{}", DECISION, OLD)
    assert OLD.public == open_envelope(made, DECISION, parsed().approver_keys())[0]


def test_groups_hold_active_people() -> None:
    """A group is there as long as anybody is in it, with those who may act."""
    assert {"privacy": ("ada",), "security": ("ada",)} == parsed().groups


@pytest.mark.parametrize(
    ("kind", "name", "expected"),
    [
        ("table", "clinic/patients", "clinic/*"),
        ("table", "clinic/lab/blood", "clinic/lab/*"),
        ("table", "clinic/lab/", "clinic/lab/"),
        ("table", "clinic/", None),  # an empty name is none
        ("table", "clinic", None),
        ("topic", "", None),
        ("topic", "a", "*"),
        ("Table", "clinic/patients", None),
    ],
)
def test_the_longest_entry_speaks_for_a_resource(
    kind: str, name: str, expected: str | None
) -> None:
    """The exact entry, else the longest beginning, else nothing."""
    entry = parsed().resource(kind, name)
    assert expected == (entry.id if entry else None)


def test_yaml_has_no_surprises() -> None:
    """`no` is the word no."""
    entry = parsed().resource("table", "clinic/x")
    assert entry is not None
    assert {"env": "prod", "open": "no"} == entry.attributes


def test_an_empty_section_is_an_empty_section() -> None:
    """Sections may be missing, or have only comments in them; the gate's may not."""
    gate = TEXT[: TEXT.index("people:")]
    assert {} == parsed(gate + "people:\n#  ada:\nagents:\nresources:\n").people
    assert () == parsed(gate).resources
    assert "d.yaml:1: gate: Field required" == str(refused("people:\n"))


def test_comes_back_from_json() -> None:
    """A directory written as JSON reads as the same directory."""
    found = parsed()
    assert found == Directory.model_validate_json(found.model_dump_json())


@pytest.mark.parametrize(
    ("old", "new", "part", "why"),
    [
        ("owner: ada", "owner: eve", "bot:", "the owner `eve` of agent `bot` is not among"),
        ("groups: [privacy", "grups: [privacy", "grups", "there is no such field here"),
        (DB.public.text, ADA.public.text, "    keys: [ada+", "is person ada's already"),
        (BOB.public.text, ADA.public.text, "    keys: [ada+", "is person ada's already"),
        (AUDIT.public.text, GRANT.public.text, "audit:", "is the gate (grants)'s already"),
        (DB_SEAL, GATE_SEAL, "    seal:", "is the gate (seal)'s already"),
        (BOB.public.text, ADA_AS_BOB.text, "keys: [bob", "is person ada's already"),
        (BOB.public.text, BOB.public.text[:-2], "keys: [bob", "base64 is damaged"),
        (BOB.public.text, DB_SEAL, "keys: [clinic", "this is a sealing key"),
        (GATE_SEAL, GRANT.public.text, "seal:", "this is a signing key"),
        ("status: suspended\nagents", "status: away\nagents", "away", "'active' or 'suspended'"),
        ("  bob:", "  ada:", "  ada:", "`ada` stands here a second time"),
        ("clinic/lab/*", "clinic/*", "clinic/*", "table `clinic/*` stands here a second time"),
        ("clinic/lab/*", "clinic/*/lab", "clinic/*/lab", "write a name"),
        ("executor: other", "executor: a b", "a b", "write a name"),
        ("  bot:", "  b ot:", "  b ot:", "write a name"),
        ("people:", "people: &p", "people", ""),
        ("  bob:", "  *p :", "", "aliases are not allowed"),
        ("agents:", "\tagents:", "", "cannot start any token"),
        ("  grants:", "  ? [a]\n  : b\n  grants:", "? [a]", "a name is text"),
    ],
)
def test_each_fault_has_its_line(old: str, new: str, part: str, why: str) -> None:
    """File, line, field and reason of what is wrong."""
    text = TEXT.replace(old, new, 1)
    if not why:
        assert parsed(text)
        return
    error = refused(text)
    assert why in str(error)
    lines = [n for n, found in enumerate(text.splitlines(), 1) if (part or new) in found]
    assert str(error).startswith(tuple(f"d.yaml:{n}: " for n in lines))


def test_a_typing_error_gets_the_nearest_field() -> None:
    """The hint names the field that was meant."""
    assert "did you mean `groups`?" == refused(TEXT.replace("groups: [p", "grups: [p")).hint


@pytest.mark.parametrize(
    "text", ["", "[]", "a", "gate: []", "{" * 5_000, "\x00", "- " * 5_000, "x" * 5_000_000]
)
def test_what_is_no_directory_is_refused(text: str) -> None:
    """Any other text is a SettingsError with the file's name, whatever YAML makes of it."""
    assert str(refused(text)).startswith("d.yaml")


def test_reads_a_file_and_says_what_is_wrong_with_it(tmp_path: Path) -> None:
    """A file that is not there, no text or a folder: each a SettingsError with its path."""
    path = tmp_path / "directory.yaml"
    path.write_text(TEXT)
    assert parsed() == Directory.load(path)
    path.write_bytes(b"\xff\xff")
    for wrong in (path, tmp_path, tmp_path / "none"):
        with pytest.raises(SettingsError, match=str(wrong)):
            Directory.load(wrong)


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    """The hint names the command that makes one."""
    with pytest.raises(SettingsError) as caught:
        Directory.load(tmp_path / "none")
    assert "no_directory" == caught.value.code
    assert "phigate init" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("petra", "pеtra"),  # noqa: RUF001 - Cyrillic, that is the point
        ("petra", "Petra"),
        ("petra", "ｐetra"),  # noqa: RUF001 - full width
        ("zoë", "zoe"),
        ("bot1", "botl"),
        ("carne", "came"),
    ],
)
def test_names_that_look_alike_cannot_both_stand_here(name: str, other: str) -> None:
    """Where a reader sees one, a rule about people would count two."""
    people = f"people:\n  {name}:\n    groups: []\n  {other}:\n    groups: []\n"
    error = refused(TEXT[: TEXT.index("people:")] + people)
    assert f"`{other}` cannot be told from `{name}`" in str(error)
    assert str(error).startswith("d.yaml:10")


ISSUER = "https://id.example/realms/clinic"
OIDC = f"""
oidc:
  - issuer: {ISSUER}
    audience: phigate
    groups: {{staff-privacy: [privacy]}}
"""
WHO = "  bob:\n    groups: [security]\n"


def with_login(subject: str, more: str = "") -> str:
    """Return a directory in which Ada is this subject."""
    ada = f"  ada:\n    oidc: [{{issuer: {ISSUER}, {subject}}}]\n{more}"
    return TEXT.replace("  ada:\n", ada) + OIDC


def test_a_login_is_somebody() -> None:
    """By subject, or by a verified address in any case; another issuer's is nobody."""
    found = parsed(with_login("subject: abc"))
    assert {"ada"} == found.people_of_subject(ISSUER, "abc", None)
    assert set() == found.people_of_subject(ISSUER, "ABC", None)
    assert set() == found.people_of_subject("https://id.example", "abc", None)
    by_address = parsed(with_login("email: Ada@Clinic.example"))
    assert {"ada"} == by_address.people_of_subject(ISSUER, "x", "ada@clinic.example")
    assert set() == by_address.people_of_subject(ISSUER, "x", None)
    pinned = found.provider(ISSUER)
    assert pinned is not None
    assert {"staff-privacy": ("privacy",)} == pinned.groups
    assert found.provider(ISSUER + "/") is None


@pytest.mark.parametrize(
    ("text", "part"),
    [
        (with_login("subject: abc").replace(OIDC, ""), "none of those under `oidc`"),
        (with_login("subject: a, email: b"), "either `subject` or `email`"),
        (with_login("subject: a").replace("https://id", "http://id"), "https address"),
        (with_login("subject: a") + OIDC.replace("oidc:\n", ""), "a second time"),
        (with_login("subject: a") + "    algorithms: [none]\n", "algorithms"),
        (with_login("subject: a") + "    algorithms: [HS256]\n", "algorithms"),
        (with_login("subject: a") + "    algorithms: [EdDSA]\n", "EdDSA only with keys pinned"),
        (with_login("subject: a") + "    algorithms: []\n", "algorithms"),
        (with_login("subject: a") + "    scopes: [email]\n", "openid"),
        (with_login("subject: a", "    delegates: [{to: zoe, until: 2027-01-01T00:00:00Z}]\n"),
         "not another one of the people"),
        (with_login("subject: a", "    delegates: [{to: ada, until: 2027-01-01T00:00:00Z}]\n"),
         "not another one of the people"),
        (with_login("subject: a", "    delegates: [{to: bob, until: 2027-01-01T00:00:00}]\n"),
         "write a time"),
        (with_login("subject: a", "    delegates: [{to: bob, until: soon}]\n"), "write a time"),
    ],
)  # fmt: skip
def test_a_login_that_cannot_be(text: str, part: str) -> None:
    """Issuers, subjects, algorithms and delegations are checked when the file is read."""
    assert part in str(refused(text))


def test_one_subject_is_one_person() -> None:
    """Two people with one login, or one address, are refused."""
    for subject in ("subject: abc", "email: a@clinic.example"):
        bob = f"  bob:\n    oidc: [{{issuer: {ISSUER}, {subject}}}]\n"
        text = with_login(subject).replace("  bob:\n", bob)
        assert "is ada's already" in str(refused(text))


def test_a_delegate_acts_until_then() -> None:
    """Groups and identity of the delegator are the delegate's until the end, and not passed on."""
    end = "2027-01-01T00:00:00Z"
    end_ms = 1_798_761_600_000
    people = (
        f"  carl:\n    delegates: [{{to: dina, until: {end}}}]\n    groups: [it]\n"
        "  dina: {groups: []}\n  bob:\n"
    )
    text = TEXT.replace("  bob:\n", people)
    text = text.replace("  ada:\n", f"  ada:\n    delegates: [{{to: carl, until: {end}}}]\n")
    found = parsed(text)
    assert ("ada",) == found.stands_for("carl", end_ms - 1)
    assert {"it", "privacy", "security"} == found.groups_of("carl", end_ms - 1)
    assert ("ada", "carl") == found.stands_for("dina", end_ms - 1)  # one person, as for rules
    assert ("carl",) == found.delegators("dina", end_ms - 1)
    assert {"it"} == found.groups_of("dina", end_ms - 1)
    assert () == found.stands_for("carl", end_ms)
    assert {"it"} == found.groups_of("carl", end_ms)
    assert frozenset() == found.groups_of("bob", 0)  # suspended
