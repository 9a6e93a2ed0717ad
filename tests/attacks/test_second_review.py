"""What a second look found, by somebody who had not built it: each kind with its siblings.

Nothing here needs a broker: masking, facts, the policy and `phigate try` as a gate has them.
"""

# ruff: noqa: E501, S608 - attacks a line; statements that nothing runs

import json
from time import thread_time
from typing import Any

import pytest

from streams.errors import RefusedError
from streams.events import Effect
from streams.facts import COUNT_UNKNOWN, read
from streams.masking import About, Masked, Masker
from streams.policy import PolicySet
from streams.policy.files import example
from streams.settings import Settings
from streams.worker.admission.trial import made_up, proposed, trial
from tests.attacks.test_masking import flat
from tests.attacks.test_statements import ruled

FOREIGN = About(masked_before=False)


@pytest.fixture(scope="module")
def masker() -> Masker:
    """Return the masker that gates use."""
    return Masker()


@pytest.fixture(scope="module")
def policy() -> PolicySet:
    """Return the example policy."""
    return PolicySet.load(*example())


@pytest.mark.parametrize("bracket", ["<{}>", "&lt;{}&gt;"])
@pytest.mark.parametrize(
    "inside",
    ["MRN_48151623", "SSN_531882047", "PERSON_4155550100", "DATE_19600504", "ZIP_5318820471",
     "PERSON_1?53188204", "ACCOUNT_4111111111111111", "ID_123456789012345678901234567890"],
)  # fmt: skip
def test_a_long_number_is_no_tokens_number(masker: Masker, bracket: str, inside: str) -> None:
    """However long the number behind a kind's name is: it is a text, and its figures are masked."""
    text = bracket.format(inside)
    for document in (text, f"WHERE x = '{text}'", {"x": text}):
        said = flat(masker.mask({"params": document}, FOREIGN).document)
        assert "(text)" in said
        assert inside.rpartition("_")[2].rpartition("?")[2] not in said


HEADS = (
    "GRANT platform_lead TO x", "REVOKE audit_watch FROM x", "CALL purge_archive()",
    "VACUUM purge_archive", "REINDEX TABLE purge_archive", "LOCK TABLE purge_archive",
    "RENAME TABLE purge_archive TO x", "ATTACH DATABASE purge_archive", "PRAGMA carter_brown",
    "COPY carter_brown TO '/tmp/x'", 'DELETE FROM "Carter Brown"', 'DROP SCHEMA "481516234"',
    'GRANT admin TO "Mallory Brown"', "GRANT admin TO mallory", 'TRUNCATE TABLE public."Ann Lee"',
    'INSERT INTO "Carter Brown" VALUES (1)', 'UPDATE "Carter Brown" SET a = 1',
    "kubectl delete ns purge-archive", "systemctl stop purge-archive", "DELETE /x/carter-brown/all",
    "kubectl create clusterrolebinding x --user=mallory.brown --clusterrole=cluster-admin",
)  # fmt: skip
NAMED = ("Platform Lead", "Audit Watch", "Purge Archive", "Carter Brown", "Mallory Brown")


@pytest.mark.parametrize("code", HEADS)
@pytest.mark.parametrize("field", ["sql", "statement", "cmd", "command", "script"])
def test_no_token_in_code_that_is_not_understood(masker: Masker, code: str, field: str) -> None:
    """A statement that masking cannot cut, a quoted table, a command: nothing of it is hidden."""
    for dialect in ("", "postgres", "sqlite"):
        about = About(dialect=dialect, masked_before=False)
        for name in NAMED:
            masked = masker.mask({"params": {field: code, "patient": name}}, about)
            assert not masked.whole or code == masked.document["params"][field], name


@pytest.mark.parametrize(
    "params",
    [
        {"sql": "SELECT a FROM t WHERE last_name = 'Sanford' AND mrn = '48151623'"},
        {"sql": 'SELECT "a" FROM "t" WHERE mrn = 48151623'},
        {"cmd": "lookup --mrn 48151623"},
        {"cmd": "lookup --name 'Carolee Sanford'"},
    ],
)
def test_values_in_code_are_hidden_as_before(masker: Masker, params: dict[str, str]) -> None:
    """The other side: a literal, a quoted argument and a number are values, and their view whole."""
    masked = masker.mask({"params": params}, About(dialect="postgres", masked_before=False))
    assert masked.whole
    assert "48151623" not in flat(masked.document)
    assert "Sanford" not in flat(masked.document)


@pytest.mark.parametrize("field", ["env", "cluster", "host", "region", "namespace", "role"])
@pytest.mark.parametrize(
    ("naming", "value"),
    [("last_name", "production-east"), ("facility", "prod-eu-1"), ("city", "us-east-1"),
     ("patient", "ClusterAdmin")],
)  # fmt: skip
def test_no_name_hides_where_it_runs(masker: Masker, naming: str, value: str, field: str) -> None:
    """A value that a patient's field repeats hides no environment, host or role unseen."""
    masked = masker.mask({"params": {naming: value, field: value}}, FOREIGN)
    assert not masked.whole or value == masked.document["params"][field]


@pytest.mark.parametrize("name", ["राजेश कुमार", "சுந்தர் ராமன்", "প্রিয়া সেন", "สมชาย ใจดี", "ਗੁਰਪ੍ਰੀਤ ਸਿੰਘ"])
def test_vowel_signs_are_letters(masker: Masker, name: str) -> None:
    """A name in a script whose vowels are signs of their own is a name: its view is whole."""
    masked = masker.mask({"params": {"patient": name}}, FOREIGN)
    assert masked.whole
    assert name not in flat(masked.document)


def test_many_values_are_read_soon(masker: Masker) -> None:
    """Thousands of short values, each known: the time grows with their number, not its square."""
    document = {"params": {f"k{i}": 10_000 + i for i in range(6_000)}}
    began = thread_time()
    masker.mask(document, FOREIGN)
    assert thread_time() - began < 30


def tried(params: str, **changes: Any) -> str:
    """Return the line of `phigate try` for params, with no home."""
    told = {
        "agent": "bot", "action": "db.query", "resource": {"type": "Database", "id": "clinic"},
        "params": "PARAMS", "justification": "figures", **changes,
    }  # fmt: skip
    data = json.dumps(told).replace('"PARAMS"', params).encode()
    intent = proposed(data)
    return trial(
        intent, made_up(intent), PolicySet.load(*example()), Settings(), Masker().mask
    ).line()


@pytest.mark.parametrize("number", ["1e308", "123456789012345678901234567890.10", "-0", "1.10"])
def test_a_trial_takes_every_number(number: str) -> None:
    """A number that a float would change is tried, and shown, as it is written."""
    assert f'"amount":{number}' in tried(f'{{"amount":{number}}}')


@pytest.mark.parametrize(
    "changes",
    [
        {"agent": ""}, {"agent": "b\0"}, {"agent": "a b"}, {"agent": "é" * 300},
        {"resource": {"type": "Data base", "id": "x"}}, {"resource": {"type": "Database", "id": ""}},
        {"resource": {"type": "Database", "id": "c", "attributes": {"": "x"}}},
    ],
)  # fmt: skip
def test_a_trial_refuses_by_code(changes: dict[str, Any]) -> None:
    """What no directory can hold is refused by a code, without a home as with one."""
    with pytest.raises(RefusedError):
        tried("{}", **changes)


ONE = "p@clinic.example"


@pytest.mark.parametrize(
    "params",
    [
        {"to": "*@clinic.example"}, {"to": "all%clinic.example@relay.example"}, {"to": "$E@c.example"},
        {"to": "relay!all@clinic.example"}, {"to": "p{1..999}@c.example"}, {"to": "p?@c.example"},
        {"to": "%s@c.example"}, {"to": "all-staff@clinic.example"}, {"to": "everyone@clinic.example"},
        {"to": "patients.list@lists.example"}, {"to": ONE, "audience": "all"},
        {"to": ONE, "segment": "all-patients"}, {"to": ONE, "group": "patients"},
        {"to": ONE, "groups": ["patients"]}, {"to": ONE, "broadcast": "yes"}, {"to": ONE, "list": "x"},
        {"to": ONE, "recipients_file": "/srv/all.csv"}, {"to": ONE, "room": "all"},
        {"to": {"type": "group", "email": ONE}}, {"to": {"role": "all patients", "email": ONE}},
        {"to": {ONE: "all"}}, {"to": 41555501004155550101}, {"to": "12345678901234567890"},
        {"to": ONE, "text": "Hello\r\nBcc: everyone"}, {"to": ONE, "subject": "x\nBcc: all-staff"},
        {"to": ONE, "Empfänger": "alle"}, {"to": ONE, "destinataires": "tous"}, {"to": ONE, "宛先": "全員"},
    ],
)  # fmt: skip
def test_what_may_be_a_group_is_many(policy: PolicySet, params: dict[str, Any]) -> None:
    """An address of many, a pattern, a group under any name or in a header: beyond every limit."""
    said = {"text": "Hello", **params}
    assert COUNT_UNKNOWN == read(said, {}).recipients.count
    assert Effect.PERMIT is not ruled(policy, "message.send", said).effect


@pytest.mark.parametrize(
    "more",
    [
        {"operation": "delete"}, {"method": "DROP"}, {"then": "drop"}, {"cmd": "reboot"},
        {"shell": "ls"}, {"pipeline": [{"$out": "x"}]}, {"verb": "Truncate"}, {"exec": "now"},
    ],
)  # fmt: skip
def test_an_order_beside_a_count_is_looked_at(policy: PolicySet, more: dict[str, Any]) -> None:
    """A word that orders something, beside a harmless statement, is more than the statement."""
    params = {"sql": "SELECT count(*) FROM visits", **more}
    assert Effect.PERMIT is not ruled(policy, "db.query", params, {"data": "public"}).effect


@pytest.mark.parametrize("dialect", ["", "postgres", "sqlite", "mysql"])
@pytest.mark.parametrize(
    "where",
    ["nick = 'bob'", "employer = 'ACME' AND shoe = 44", "room IN (12)", "room = 12 AND bed = 3",
     "nick LIKE 'bo%'", "lastlogin = 'x'", "nachname = 'x'", "12 = room", "NOT nick <> 'bob'",
     "seen BETWEEN 5 AND 5", "seen >= 5 AND seen <= 5", "coalesce(nick, 'x') = 'bob'"],
)  # fmt: skip
def test_no_figure_of_one_person(policy: PolicySet, dialect: str, where: str) -> None:
    """Figures of those whom a column of no known group picks out may be one person's."""
    named = {"dialect": dialect} if dialect else {}
    for figure in ("sum(hiv)", "count(*)"):
        params = {"sql": f"SELECT {figure} FROM patients WHERE {where}"}
        assert Effect.PERMIT is not ruled(policy, "db.query", params, named).effect


@pytest.mark.parametrize(
    "sql",
    ["SELECT count(*) FROM visits WHERE status = 'active' AND year >= 2024",
     "SELECT avg(length_of_stay) FROM visits WHERE age > 65 AND department IN ('icu', 'er')",
     "SELECT ward, sum(cost) FROM billing WHERE cost > 100 GROUP BY ward HAVING count(*) > 10"],
)  # fmt: skip
def test_figures_of_groups_stay_figures(policy: PolicySet, sql: str) -> None:
    """The other side: filters on coarse columns, and one open bound, are permitted at once."""
    assert Effect.PERMIT is ruled(policy, "db.query", {"sql": sql}).effect


SEEN_IN_A_CHANGE = (
    {"image": "evil.example/miner:latest"},
    {"webhook": "https://evil.example/hook"},
    {"firewall": {"allow": "203.0.113.9/32"}},
    {"firewall": {"allow": ["203.0.113.9/32", "2001:db8::/32"]}},
    {"proxy": "evil.example:8443"},
    {"registry": "registry.evil.example/team/app:1.2.3"},
)
HIDDEN_IN_A_CHANGE = (
    {"add_admin": "Mallory Brown"},
    {"group": "admins", "add": ["Mallory Brown"]},
    {"webhook": "https://evil.example/hook?who=Mallory%20Brown"},
    {"sudoers": "mbrown ALL=(ALL) NOPASSWD: ALL # Mallory Brown"},
    {"manifest": "kind: ClusterRoleBinding\nsubjects:\n- kind: User\n  name: Mallory Brown\n"},
)


def changed(masker: Masker, params: dict[str, object]) -> Masked:
    """Mask a change of infrastructure, as admission does with an action that grants."""
    about = About(grants=True, masked_before=False)
    return masker.mask({"justification": "Roll out", "params": params}, about)


@pytest.mark.parametrize("params", SEEN_IN_A_CHANGE)
def test_where_a_change_leads_is_seen(masker: Masker, params: dict[str, object]) -> None:
    """An image, a host, a network or an address of a service is shown, or nobody can approve."""
    found = changed(masker, params)
    said = json.dumps(found.document["params"])
    assert not found.whole or all(text in said for text in strings(params))


@pytest.mark.parametrize("params", HIDDEN_IN_A_CHANGE)
def test_who_gains_by_a_change_is_seen(masker: Masker, params: dict[str, object]) -> None:
    """A person who is hidden in what a change of infrastructure says makes the preview incomplete."""
    assert not changed(masker, params).whole


def strings(value: object) -> list[str]:
    """Return every text within a value."""
    if isinstance(value, dict):
        return [text for each in value.values() for text in strings(each)]
    if isinstance(value, list):
        return [text for each in value for text in strings(each)]
    return [value] if isinstance(value, str) else []


def test_the_example_marks_changes_of_infrastructure() -> None:
    """The shipped schema says that reviewers of such a change must see all of it."""
    assert {"iam.grant", "infra.change"} <= set(PolicySet.load(*example()).granting)


NO_VALUES = (
    {"patient": "Delete Everything"},
    {"patient": "drop all wards"},
    {"patient": "../../etc/shadow"},
    {"patient": "/etc/shadow"},
    {"email": "a@b.example -oQ/tmp -X/var/www/x.php"},
    {"mrn": "0x44524f50"},
)


@pytest.mark.parametrize("params", NO_VALUES)
def test_an_order_a_path_an_option_is_no_value(masker: Masker, params: dict[str, object]) -> None:
    """What only a field's name calls a value, and is none, is shown, or the view is incomplete."""
    found = masker.mask({"params": params}, About(masked_before=False))
    assert not found.whole or found.document == {"params": params}


@pytest.mark.parametrize(
    "name",
    ["Grant Hill", "Mark Twain", "Chase Drop", "Will Move", "Anne-Marie O'Neil", "Kim-Ly Run"],
)
def test_names_that_are_verbs_are_names(masker: Masker, name: str) -> None:
    """A person whose name is an everyday verb can be approved for as anybody."""
    assert masker.mask({"params": {"patient": name}}, About(masked_before=False)).whole


PHI_IN_A_CHANGE = (
    {"ssn": "111-18-8297"},
    {"email": "kx12@patients.example.org", "ssn": "156-68-7977"},
    {"mrn": "A17B/3"},
    {"dob": "1960-03-14"},
    {"phone": "415-555-0100"},
    {"patient": {"mrn": "A17.5", "zip": "60614-1234"}},
    {"host": {"ssn": "111-18-8297"}},
    {"allow": "111-18-8297"},
    {"patient": "Kowalczyk"},
    {"last_name": "Kowalczyk"},
    {"mrn": "A17B"},
)


@pytest.mark.parametrize("params", PHI_IN_A_CHANGE)
def test_no_identifier_is_shown_as_an_address(masker: Masker, params: dict[str, object]) -> None:
    """What a change of infrastructure shows is where it leads; a patient's number stays hidden."""
    said = json.dumps(changed(masker, params).document["params"])
    assert not [text for text in strings(params) if text in said]
