"""Steps 1 to 5: only what the gate signed, for us, in time, unchanged, passes."""

from typing import Any

import pytest

from streams.errors import InputError
from streams.events import Grant
from streams.executor.check import authenticate, permit
from streams.executor.request import ActionRequest
from streams.sealing import SealKey
from streams.signing import SigningKey
from streams.wire import codec
from tests.agent.rig import EXECUTOR, Keys
from tests.executor.gate import EXPIRES_MS, ISSUED_MS, MASKED, PARAMS, Gate

KEYS = Keys()
GATE = Gate(KEYS)
NAME = "intent-1"


def _check(
    grant: Grant | bytes,
    *,
    key: str = NAME,
    now_ms: int = ISSUED_MS,
    seal_key: SealKey = KEYS.executor_seal,
) -> ActionRequest:
    value = grant if isinstance(grant, bytes) else codec.encode(grant)
    signed = authenticate(key.encode(), value, [KEYS.grants.public])
    return permit(signed, EXECUTOR, now_ms, seal_key)


def _code(grant: Grant | bytes, **how: Any) -> str:
    with pytest.raises(InputError) as caught:
        _check(grant, **how)
    assert "Maria" not in f"{caught.value!r}{caught.value.__context__!r}"
    return caught.value.code


def test_an_unmasked_grant_gives_the_exact_params() -> None:
    """Where the ruling unmasks, the handler gets the agent's own bytes and text."""
    request = _check(GATE.grant(NAME))
    assert (PARAMS, {"name": "Maria Musterfrau"}, "Recall of Maria", True) == (
        request.params_bytes,
        request.params,
        request.justification,
        request.unmasked,
    )


def test_a_masked_grant_gives_tokens_and_no_justification() -> None:
    """Without unmasking the handler gets what the reviewers saw, and needs no key."""
    request = _check(GATE.grant(NAME, unmask=False), seal_key=SealKey.new("another"))
    assert (MASKED, b'{"name":"<PERSON_1>"}', None, False) == (
        request.params,
        request.params_bytes,
        request.justification,
        request.unmasked,
    )


def test_a_request_shows_no_phi_in_repr() -> None:
    """A request that lands in a log or a traceback says nothing of its params."""
    assert "Maria" not in repr(_check(GATE.grant(NAME)))


def test_any_changed_byte_is_refused_or_changes_nothing() -> None:
    """Flip any bit-pattern of any byte of the record: it is refused, or the action is the same."""
    value = codec.encode(GATE.grant(NAME))
    good = _check(value)
    refused = 0
    for at in range(len(value)):
        changed = value[:at] + bytes([value[at] ^ 0x55]) + value[at + 1 :]
        try:
            assert good == _check(changed)
        except InputError:
            refused += 1
    assert refused > 0.9 * len(value)  # the rest: position, key id, wrapped key - not used here


@pytest.mark.parametrize("length", [0, 1, 2, 9, 10, 50, -1])
def test_a_truncated_record_is_refused(length: int) -> None:
    """Half a grant is none."""
    with pytest.raises(InputError):
        _check(codec.encode(GATE.grant(NAME))[:length])


def test_what_a_foreign_key_signed_is_refused() -> None:
    """Whoever writes to the topic cannot grant: neither under a name of theirs nor under ours."""
    assert "unknown_key" == _code(GATE.grant(NAME, key=SigningKey.new("mallory")))
    assert "unknown_key" == _code(GATE.grant(NAME, key=SigningKey.new("gate-grants")))
    assert "unknown_key" == _code(GATE.grant(NAME, key=KEYS.executor))


def test_ids_outside_of_the_signature_must_agree() -> None:
    """A grant moved to another record, or under other ids, is refused."""
    grant = GATE.grant(NAME)
    assert "key_mismatch" == _code(grant, key="intent-2")
    for change in ({"intent_id": "intent-2"}, {"grant_id": "another"}):
        assert "key_mismatch" == _code(grant.model_copy(update=change))


def test_another_class_is_refused() -> None:
    """A grant for another class, copied to our topic, is not ours to run."""
    assert "wrong_executor" == _code(GATE.grant(NAME, executor="mail"))


def test_expiry_is_exclusive() -> None:
    """In the last millisecond it may begin; at its expiry it may not."""
    assert NAME == _check(GATE.grant(NAME), now_ms=EXPIRES_MS - 1).intent_id
    assert "grant_expired" == _code(GATE.grant(NAME), now_ms=EXPIRES_MS)


def test_a_body_that_was_not_signed_is_refused() -> None:
    """Approve one body, run another: the digest, or the seal, does not fit."""
    grant, other = GATE.grant(NAME), GATE.grant(NAME, params=b'{"rows": 820000}')
    swapped = {"sealed": other.sealed, "release": other.release}
    assert "action_mismatch" == _code(grant.model_copy(update=swapped))
    assert "unsealable" == _code(grant.model_copy(update={"sealed": other.sealed}))
    assert "unsealable" == _code(grant.model_copy(update={"release": None}))
    assert "unsealable" == _code(grant.model_copy(update={"sealed": None}))
    assert "unsealable" == _code(grant, seal_key=SealKey.new("sql-seal"))


def test_a_digest_binds_action_and_resource_too() -> None:
    """The same body for another action, even signed, is not the action that was digested."""
    assert "action_mismatch" == _code(GATE.grant(NAME, action="db.drop"))


def test_a_view_that_was_not_shown_is_refused() -> None:
    """The masked text must be the one whose digest the reviewers signed."""
    assert "display_mismatch" == _code(GATE.grant(NAME, unmask=False, masked='{"params":{}}'))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-8-sig"])
def test_params_in_another_encoding_are_refused(encoding: str) -> None:
    """JSON is UTF-8 (RFC 8259 section 8.1): what is guessed at elsewhere ends no executor here."""
    grant = GATE.grant(NAME, params='{"name": "Maria"}'.encode(encoding))
    assert "bad_params" == _code(grant)


def test_signed_rubbish_is_refused() -> None:
    """Even the gate's signature makes no statement of what is none."""
    from streams import signing  # noqa: PLC0415 - for this one envelope

    grant = GATE.grant(NAME)
    for payload in (b"{}", b"rubbish", b""):
        envelope = signing.envelope(payload, signing.GRANT, KEYS.grants)
        assert "bad_statement" == _code(grant.model_copy(update={"envelope": envelope}))
    foreign = signing.envelope(b"{}", signing.OUTCOME, KEYS.grants)
    assert "wrong_payload_type" == _code(grant.model_copy(update={"envelope": foreign}))


def test_a_grant_opens_for_its_own_class_alone() -> None:
    """Another class's key opens nothing of it, and neither does one that was shredded since."""
    assert "unsealable" == _code(GATE.grant(NAME), seal_key=SealKey.new("another-class"))
    bare = {"release": None, "sealed": None}
    assert "unsealable" == _code(GATE.grant(NAME).model_copy(update=bare))


def test_a_grant_that_does_not_unmask_has_nothing_to_open() -> None:
    """No sealed body, no data key: not even the class's own key finds anything in it."""
    grant = GATE.grant(NAME, unmask=False)
    assert (None, None) == (grant.sealed, grant.release)
    assert PARAMS not in codec.encode(grant)
    assert not _check(grant).unmasked
