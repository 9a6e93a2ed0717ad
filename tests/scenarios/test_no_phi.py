"""Values that identify a patient are put wherever a sender can put them, and then looked for.

They may stand in the raw topic `intents`, in what their sender wrote elsewhere with its own hand,
and nowhere else: no other topic, key or header, no log, no ledger, no table on the disk.
"""

import base64
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from rocksdict import AccessType, Options, Rdict

from streams.agent import Agent
from streams.errors import InputError
from streams.events import Answer, Effected, Resource, Status
from streams.wire import client
from tests.scenarios import sweep
from tests.scenarios.house import LAB_DATABASE, House, Sent, new_id

pytestmark = pytest.mark.kafka

NAME, SSN, PHONE, MAIL, MRN = (
    "Wilhelmina Oosterhuis",
    "536-22-8741",
    "206-555-0187",
    "w.oosterhuis@example.org",
    "80417263",
)
TEXT = f"Patient {NAME}, SSN {SSN}, phone {PHONE}, {MAIL}, MRN {MRN}"
PARAMS = {"patient": NAME, "ssn": SSN, "phone": PHONE, "email": MAIL, "mrn": MRN, "note": TEXT}
VALUES = (*NAME.split(), SSN, SSN.replace("-", ""), PHONE, MAIL, MRN)


@pytest.fixture
def planted(house: House) -> list[Sent]:
    """Put the values everywhere; return the records that hold them by their sender's own hand."""
    with house.undisturbed() as beside:
        in_intents(house, beside.partition)
        in_a_failure(house, beside.partition)
        answered = in_answers(house, beside.partition)
        return [answered, *in_garbage(house, beside.partition, beside.request.intent_id)]


def in_intents(house: House, partition: int) -> None:
    """Ask with the values in each part of an intent: sealed, plain, readable or not."""
    for parts in (
        {"params": PARAMS, "justification": TEXT},
        {"params": {NAME: {SSN: [MAIL]}}, "justification": TEXT},
        {"params": PARAMS, "justification": TEXT, "sealed": False},
        {"params": PARAMS, "action": "data.export"},
        {"raw": f'{{"patient": "{TEXT}"'.encode()},
        {"raw": json.dumps(PARAMS).encode("utf-16")},
        {"raw": json.dumps({"patient": NAME}).encode().replace(b"}", b',"patient":1}')},
        {"params": PARAMS, "agent": NAME},
        {"params": PARAMS, "on_behalf_of": NAME},
        {"params": PARAMS, "action": TEXT},
        {"params": PARAMS, "resource": Resource(type="Record", id=NAME)},
        {"params": PARAMS, "resource": Resource(type="Record", id=f"mrn-{MRN}-{SSN}")},
        {"params": PARAMS, "resource": Resource(type=NAME, id=SSN)},
        {"params": PARAMS, "ttl_ms": -1},
    ):
        intent = house.aggregate(intent_id=new_id(partition), **parts)
        house.recorded(house.ask(intent))
    intent = house.aggregate(params=PARAMS)
    headers = {"ce_subject": TEXT.encode(), "traceparent": NAME.encode()}
    house.recorded(house.send("intents", intent.intent_id, intent, headers=headers))
    house.recorded(house.send("intents", NAME, intent))
    house.recorded(house.send("intents", intent.intent_id, TEXT.encode()))
    house.recorded(house.send("intents", TEXT, TEXT.encode()))


def in_a_failure(house: House, partition: int) -> None:
    """Have a handler raise with the values in its exception's text."""
    intent = house.intent("db.update", PARAMS, intent_id=new_id(partition))
    house.ask(intent)
    house.answer(house.decision("dora", house.seen(intent.intent_id), rationale=TEXT))
    assert Status.FAILED is house.ended(intent.intent_id)


def in_answers(house: House, partition: int) -> Sent:
    """Approve, deny and try in vain, with the values in the reason; report with them.

    Return the one that holds them in its signed statement, which nobody seals.
    """
    first, second = house.under_review(partition), house.under_review(partition)
    for decision in (
        house.decision("petra", first, rationale=TEXT),
        house.decision("petra", second, rationale=TEXT, answer=Answer.DENY),
        house.decision("paul", second, rationale=TEXT),
        house.decision("sam", second, rationale=TEXT, signer=house.stranger),
    ):
        house.recorded(house.answer(decision))
    plain = house.answer(house.decision("paul", second, rationale_digest=TEXT))
    assert (Effected.REFUSED, "rationale_mismatch") == house.told(plain)
    house.ended(first.intent_id)
    name = new_id(partition)
    lab = house.aggregate(intent_id=name, resource=LAB_DATABASE)
    assert Effected.GRANTED is house.recorded(house.ask(lab)).effected
    outcome = house.outcome_of(name, house.lab, message=TEXT, status=Status.FAILED)
    assert Effected.REPORTED is house.recorded(house.send("outcomes", name, outcome)).effected
    return plain


def in_garbage(house: House, partition: int, key: str) -> list[Sent]:
    """Write the values plainly where only gates, people and executors write."""
    wrote = []
    for topic in ("decisions", "outcomes"):
        for name in (key, TEXT):
            sent = house.send(
                topic, name, TEXT.encode(), partition=partition, headers={"x": TEXT.encode()}
            )
            house.recorded(sent)
            wrote.append(sent)
    for name in (key, TEXT):
        sent = house.send("cases", name, TEXT.encode(), partition=partition)
        house.unreadable(sent)
        wrote.append(sent)
    sent = house.send("approved.clinic", TEXT, TEXT.encode(), partition=partition)
    house.refused_by_executor(sent)
    return [*wrote, sent]


def records(house: House, but: list[Sent]) -> Iterator[tuple[str, bytes]]:
    """Yield every record of every topic of this gate, changelogs too, but those of `intents`."""
    head = house.settings.prefix.rstrip(".")
    known = client.admin(house.settings).list_topics(timeout=30).topics
    names = sorted(name for name in known if name.startswith(head))
    assert any("changelog" in name for name in names)
    left_out = {(each.topic, each.partition, each.offset) for each in but}
    for name in names:
        if name == house.topic("intents"):
            continue
        for each in client.records(house.settings, name):
            if (name, each.partition, each.offset) in left_out:
                continue
            where = f"{name}/{each.partition}/{each.offset}"
            yield f"{where} key", each.key or b""
            yield f"{where} value", each.value or b""
            for header, value in each.headers:
                yield f"{where} header {header}", header.encode() + b"=" + (value or b"")


def copied(database: Path, copy: Path, tries: int = 20) -> None:
    """Copy a database in use, again where a file of it went away meanwhile."""
    for left in reversed(range(tries)):
        try:
            shutil.copytree(database, copy)
        except shutil.Error:
            shutil.rmtree(copy, ignore_errors=True)
            if not left:
                raise
        else:
            return


def rows(home: Path, copies: Path) -> Iterator[tuple[str, bytes]]:
    """Yield every row of every RocksDB of the workers, read from a copy: blocks are compressed."""
    for current in sorted((home / "workers").rglob("CURRENT")):
        name = str(current.parent.relative_to(home)).replace("/", "_")
        copy = copies / name
        copied(current.parent, copy)
        with Rdict(
            str(copy), options=Options(raw_mode=True), access_type=AccessType.read_only()
        ) as rdict:
            for key, value in rdict.items():
                yield f"{name} {key!r}", bytes(key) + b"=" + bytes(value)


def test_planted_values_are_nowhere(house: House, planted: list[Sent], tmp_path: Path) -> None:
    """Every record, file and row is read, in every spelling; and the values *are* in `intents`."""
    home, keys = house.settings.home, house.settings.keys
    swept = [
        *records(house, planted),
        *sweep.files(home, but=[keys]),
        *rows(home, tmp_path),
    ]
    names = [where for where, _ in swept]
    assert any("cases" in where and "value" in where for where in names)
    assert any(where.endswith("log") for where in names)
    assert any("workers_fold-0" in where for where in names)
    assert [] == [line for where, data in swept for line in sweep.found(where, data, VALUES)]
    intents = b"".join(each.value or b"" for each in house.records("intents"))
    assert sweep.found("intents", intents, VALUES)


@pytest.mark.usefixtures("planted")
def test_the_sweep_sees_what_it_looks_for(house: House, tmp_path: Path) -> None:
    """A value in a log, a key, a header or a table's row is found: the sweep can fail."""
    (tmp_path / "worker").mkdir()
    (tmp_path / "worker" / "log").write_text(f"INFO denied {NAME}\n")
    house.recorded(house.send("outcomes", b"x", b"", partition=0, headers={"x": MAIL.encode()}))
    with Rdict(str(tmp_path / "workers" / "db"), options=Options(raw_mode=True)) as table:
        table[b"row"] = SSN.encode()
    swept = [*records(house, []), *sweep.files(tmp_path), *rows(tmp_path, tmp_path / "copies")]
    seen = [line for where, data in swept for line in sweep.found(where, data, VALUES)]
    assert f"worker/log: {VALUES[0]}" in seen
    assert f"workers_db b'row': {SSN}" in seen
    for part in ("header x", "key", "value"):
        assert any(f" {part}: " in line for line in seen)


@pytest.mark.parametrize("value", [NAME, SSN, PHONE, MAIL, MRN, "Zoë Nyström"])
def test_every_spelling_is_found(value: str) -> None:
    """Each way of writing it, at each alignment, in the middle of something else."""
    for around in ("", "a", "ab", "abc"):
        whole = f"{around}{value}{around}"
        for data in (
            whole.encode(),
            whole.upper().encode(),
            whole.encode("utf-16"),
            whole.encode("utf-16-be"),
            json.dumps({"x": whole}).encode(),
            whole.encode().hex().encode(),
            base64.b64encode(whole.encode()),
        ):
            assert sweep.found("here", data, [value])
    assert [] == sweep.found("here", b"<PERSON_1> <SSN_1> 555-01", [value])


def test_an_error_of_the_sdk_does_not_quote_what_it_refused(house: House) -> None:
    """Neither its text, nor what it was raised from, nor its context."""
    with Agent("bot", house.settings) as agent:
        for params in (
            f'{{"patient": "{TEXT}"'.encode(),
            {"patient": {TEXT}},
            {"patient": f"{TEXT}\ud800"},
            f'{{"a": "{TEXT}", "a": 1}}'.encode(),
        ):
            with pytest.raises(InputError) as refused:
                agent.propose("db.query", "Database/clinic", params, "Figures")
            error: BaseException | None = refused.value
            while error is not None:
                said = f"{error!r} {error} {error.args} {getattr(error, 'hint', '')}"
                assert [] == sweep.found("error", said.encode(), VALUES)
                error = error.__cause__ or error.__context__
