"""Kafka's rights by role, on a real broker: each tries everything, and the table alone holds."""

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from streams.cluster import access, acls, quotas, roles
from streams.cluster.access_plan import AccessChange, AccessState, plan
from streams.cluster.roles import Right
from streams.errors import BrokerError, SettingsError
from streams.settings import Settings
from streams.wire import client, credential, topics
from streams.wire.credential import as_role
from tests.cluster import guarded
from tests.cluster.guarded import Trial

README = (Path(__file__).parents[2] / "docs" / "operator.md").read_text()
CLASSES = ("clinic", "mail")
ROLES = [role.name for role in roles.roles(CLASSES)]


@pytest.fixture(scope="module")
def admin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Return the admin's settings on a guarded cluster with topics, users and rights."""
    settings = guarded.make(tmp_path_factory.mktemp("guarded") / "home", *CLASSES)
    with guarded.running(settings):
        yield settings


# ---------------------------------------------------------------- the table


def test_the_readme_shows_the_table() -> None:
    """What the README promises is what the table says, to the letter."""
    assert roles.matrix() in README


def test_each_topic_has_the_writers_and_readers_it_should() -> None:
    """The lines that the gate stands on, said once more by hand."""

    def who(of: str, label: str) -> set[str]:
        return {role.name for role in roles.TABLE if label in getattr(role, of)}

    assert {"fold"} == who("writes", "approved.<class>") == who("writes", "verdicts")
    assert {"approver"} == who("writes", "decisions")
    assert {"agent"} == who("writes", "intents")
    assert {"admit"} == who("reads", "intents") == who("reads", "decisions")
    assert {"admit", "fold"} == who("writes", "cases")
    assert {"fold", "audit"} == who("reads", "cases")
    assert {"executor-<class>"} == who("reads", "approved.<class>") == who("writes", "outcomes")
    assert {"executor-<class>"} == who("reads", "begun.<class>") == who("writes", "begun.<class>")
    assert {"audit"} == who("writes", "audit")


def test_a_class_writes_and_reads_what_it_has_begun_and_no_other(tmp_path: Path) -> None:
    """What another class notes of its grants is neither to be read nor to be forged."""
    settings = Settings(home=tmp_path)
    rights = {
        (right.principal, right.operation)
        for role in roles.roles(("mail", "sql"))
        for right in roles.rights(settings, role, topics.table(("mail", "sql")))
        if right.name == "phigate.begun.sql" and right.operation in {"read", "write"}
    }
    own = f"User:{roles.user(settings, 'executor-sql')}"
    assert {(own, "read"), (own, "write")} == rights


def test_every_topic_is_somebodys_to_write_and_to_read() -> None:
    """No topic is left out of the table."""
    for topic in topics.table(("clinic",)):
        head, _, _ = topic.name.partition(".")
        of_a_class = {"approved": roles.CLASSES, "begun": roles.BEGUN}
        label = of_a_class.get(head, roles.short_name(topic))
        assert any(label in role.writes for role in roles.TABLE), label
        assert any(label in role.reads for role in roles.TABLE), label


# ---------------------------------------------------------------- the plan, without a broker


def state(settings: Settings) -> AccessState:
    """Return a cluster as the table has it."""
    users = {roles.user(settings, role.name) for role in roles.ours(settings)}
    return AccessState(frozenset(roles.wanted(settings)), frozenset(users))


def test_a_cluster_as_the_table_has_it_needs_nothing(tmp_path: Path) -> None:
    """And one that lacks one right needs that one."""
    settings = Settings(home=tmp_path)
    there = state(settings)
    assert [] == plan(settings, there)
    missing = min(there.rights)
    less = dataclasses.replace(there, rights=there.rights - {missing})
    assert [("allow", missing)] == [(x.kind, x.right) for x in plan(settings, less)]


def test_only_what_is_ours_is_removed(tmp_path: Path) -> None:
    """Another's ACLs and users stay, also on our topics; what is denied stays."""
    settings = Settings(home=tmp_path)
    there = state(settings)
    ours = Right("User:phigate-agent", "topic", "phigate.intents", "read")
    theirs = Right("User:backup", "topic", "phigate.audit", "read")
    more = dataclasses.replace(
        there, rights=there.rights | {ours, theirs}, users=there.users | {"backup"}
    )
    assert [("remove", ours)] == [(x.kind, x.right) for x in plan(settings, more)]


def test_a_class_that_has_gone_loses_its_user_and_its_rights(tmp_path: Path) -> None:
    """Its credential opens nothing any more."""
    settings = Settings(home=tmp_path)
    there = state(settings)
    left = Right("User:phigate-executor-old", "topic", "phigate.outcomes", "write")
    more = dataclasses.replace(
        there, rights=there.rights | {left}, users=there.users | {"phigate-executor-old"}
    )
    found = [(x.kind, x.user) for x in plan(settings, more)]
    assert [("remove", "phigate-executor-old"), ("remove_user", "phigate-executor-old")] == found


def test_a_role_whose_name_is_made_elsewhere_gets_rights_and_no_user(tmp_path: Path) -> None:
    """The name of a certificate or a token is used, and no password is drawn."""
    settings = Settings(home=tmp_path, principals={"agent": "CN=agents,O=Clinic"})
    nothing = AccessState(frozenset(), frozenset())
    changes = plan(settings, nothing)
    assert "agent" not in {x.role for x in changes}
    assert "CN=agents,O=Clinic" in {x.user for x in changes if x.kind == "allow"}
    assert not [x for x in plan(settings, nothing, users=False) if x.kind == "create_user"]


def test_who_sends_to_the_gate_has_a_quota_and_nobody_else(tmp_path: Path) -> None:
    """Missing, wrong, too many; another's users and what cannot be asked are left alone."""
    settings = Settings(home=tmp_path, quota_bytes=1_000)
    there = state(settings)
    assert [] == plan(settings, dataclasses.replace(there, rates=None))

    def limits(rates: dict[str, float]) -> dict[str, int]:
        todo = plan(settings, dataclasses.replace(there, rates=rates))
        assert {"limit"} >= {x.kind for x in todo}
        return {x.user: x.rate for x in todo}

    assert {"phigate-agent": 1_000, "phigate-approver": 1_000} == limits({})
    right = {"phigate-agent": 1_000.0, "phigate-approver": 1_000.0}
    assert {} == limits({**right, "backup": 5.0})
    assert {"phigate-agent": 1_000} == limits({**right, "phigate-agent": 9.0})
    gone = {"phigate-fold": 7.0, "phigate-executor-old": 7.0}
    assert {"phigate-fold": 0, "phigate-executor-old": 0} == limits({**right, **gone})
    none = settings.model_copy(update={"quota_bytes": 0})
    assert [] == plan(none, dataclasses.replace(there, rates={}))


@pytest.mark.kafka
def test_quotas_are_set_read_and_taken_away(admin: Settings) -> None:
    """On the broker itself, for each who sends to the gate."""
    users = {"phigate-agent", "phigate-approver", *(f"phigate-executor-{x}" for x in CLASSES)}
    assert dict.fromkeys(users, float(admin.quota_bytes)) == quotas.read(admin)
    none = admin.model_copy(update={"quota_bytes": 0})
    assert users == {x.user for x in access.apply(none) if x.kind == "limit"}
    assert {} == quotas.read(admin)
    assert users == {x.user for x in access.changes(admin)}
    access.apply(admin)
    assert [] == access.changes(admin)


# ---------------------------------------------------------------- the matrix


@pytest.mark.kafka
@pytest.mark.parametrize("role", ROLES)
def test_each_role_can_do_what_the_table_says_and_nothing_else(admin: Settings, role: str) -> None:
    """Reading, writing, describing, changing, creating, deleting, groups, users, transactions."""
    trial = Trial(as_role(admin, role))
    assert guarded.expected(admin, role, trial) == trial.everything()


@pytest.mark.kafka
def test_a_right_too_many_is_seen_named_and_removed(admin: Settings) -> None:
    """By the matrix, by `check`, by `plan`; `apply` takes it away."""
    wide = Right("User:phigate-agent", "topic", "phigate.intents", "read")
    acls.apply(admin, [AccessChange("allow", "phigate-agent", right=wide)], {})
    acls.wait(admin, lambda found: wide in found.rights)
    trial = Trial(as_role(admin, "agent"))
    trial.read()
    assert ("read", "phigate.intents") in trial.did
    assert ["phigate-agent may do more than the table says: read topic phigate.intents"] == (
        access.check(admin)
    )
    assert [("remove", wide)] == [(x.kind, x.right) for x in access.apply(admin)]
    assert [] == access.changes(admin)
    assert [] == access.check(admin)
    again = Trial(as_role(admin, "agent"))
    again.read()
    assert ("read", "phigate.intents") not in again.did


@pytest.mark.kafka
def test_a_stranger_on_our_topics_is_named_and_left(admin: Settings) -> None:
    """What somebody else allowed is theirs: `check` says it, `apply` does not touch it."""
    theirs = Right("User:backup", "topic", "phigate.aud", "read", prefixed=True)
    acls.apply(admin, [AccessChange("allow", "backup", right=theirs)], {})
    acls.wait(admin, lambda found: theirs in found.rights)
    assert [] == access.apply(admin)
    assert ["User:backup is none of ours and may read phigate.aud*"] == access.check(admin)
    acls.apply(admin, [AccessChange("remove", "backup", right=theirs)], {})


# ---------------------------------------------------------------- who is let in


@pytest.mark.kafka
def test_nobody_comes_in_without_a_credential(admin: Settings) -> None:
    """Neither unnamed, nor with a wrong password, nor under a name that is not there."""
    plain = admin.model_copy(update={"kafka": {"security.protocol": "PLAINTEXT"}})
    with pytest.raises(BrokerError):
        client.reach(client.admin(plain), plain, 3)
    for name, password in (("phigate-agent", "wrong"), ("admin", ""), ("nobody", "x")):
        kafka = {
            "security.protocol": "SASL_PLAINTEXT",
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": name,
            "sasl.password": password or "x",
        }
        false = admin.model_copy(update={"kafka": kafka})
        with pytest.raises(BrokerError):
            client.reach(client.admin(false), false, 3)


@pytest.mark.kafka
def test_a_new_password_ends_the_old_one(admin: Settings) -> None:
    """`--rotate` draws anew: whoever holds the old file is not let in again."""
    before = credential.read(admin.credentials, "officer")
    access.apply(admin, rotate=["officer"])
    after = credential.read(admin.credentials, "officer")
    assert before
    assert after
    assert before.password != after.password
    officer = as_role(admin, "officer")
    client.reach(client.admin(officer), officer)
    credential.write(admin.credentials, "officer", before)
    with pytest.raises(BrokerError):
        client.reach(client.admin(officer), officer, 3)
    credential.write(admin.credentials, "officer", after)
    with pytest.raises(SettingsError, match="nobody"):
        access.apply(admin, rotate=["nobody"])


@pytest.mark.kafka
def test_a_user_keeps_the_password_whose_file_is_elsewhere(admin: Settings) -> None:
    """`apply` on a machine without the file does not lock out the one that has it."""
    file = credential.path(admin.credentials, "witness")
    kept = file.rename(file.with_suffix(".elsewhere"))
    assert [] == access.apply(admin)
    assert not file.exists()
    kept.rename(file)


@pytest.mark.kafka
def test_no_password_stands_in_a_log(admin: Settings) -> None:
    """Passwords are in the credentials, and in the brokers' own settings, and nowhere else."""
    secrets = {
        line.split(b"=", 1)[1]
        for file in admin.home.rglob("*.properties")
        for line in file.read_bytes().splitlines()
        if line.startswith(b"sasl.password=")
    }
    assert len(ROLES) + 3 == len(secrets)
    holders = {
        file.relative_to(admin.home).parts[-1]
        for file in admin.home.rglob("*")
        if file.is_file() and any(secret in file.read_bytes() for secret in secrets)
    }
    named = (*ROLES, "admin", "broker", "controller", "server")
    assert {f"{name}.properties" for name in named} == holders
    shared = [f for f in admin.home.rglob("*.properties") if f.stat().st_mode & 0o077]
    assert {"log4j2.properties"} == {f.name for f in shared}


@pytest.mark.kafka
def test_a_class_that_leaves_the_directory_is_locked_out(admin: Settings) -> None:
    """`apply` follows the directory, both ways."""
    text = admin.directory.read_text()
    directory = yaml.safe_load(text)
    del directory["executors"]["mail"]
    admin.directory.write_text(yaml.safe_dump(directory))
    access.apply(admin)
    gone = as_role(admin, "executor-mail")
    with pytest.raises(BrokerError):
        client.reach(client.admin(gone), gone, 3)
    admin.directory.write_text(text)
    access.apply(admin)
    client.reach(client.admin(gone), gone)


def test_passwords_are_drawn_long_and_shown_by_nothing() -> None:
    """A login's form for logs and errors has no password."""
    login = credential.KafkaLogin("agent", "hush")
    assert "hush" not in repr(login)
    assert not re.search("hush", str(login))
