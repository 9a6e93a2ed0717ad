"""Signatures and envelopes: golden bytes of others, and each way to get one wrong."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from securesystemslib.dsse import Envelope
from securesystemslib.signer import SSlibKey

from streams.errors import KeyringError, SignatureError
from streams.signing import (
    DECISION,
    GRANT,
    OUTCOME,
    PublicKey,
    SigningKey,
    envelope,
    open_envelope,
    pae,
)

# RFC 8032 section 7.1, test 2.
SEED = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"
PUBLIC = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
SIGNED_72 = (
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)
KEY = SigningKey._named("rfc8032", Ed25519PrivateKey.from_private_bytes(bytes.fromhex(SEED)))
OTHER = SigningKey.new("other")
GOLDEN = Path(__file__).parent / "vectors" / "dsse-hello-world.json"


def refused(data: bytes, *keys: PublicKey, payload_type: str = DECISION) -> str:
    """Return the code with which this envelope is refused."""
    with pytest.raises(SignatureError) as caught:
        open_envelope(data, payload_type, keys or (KEY.public,))
    return caught.value.code


def changed(**parts: Any) -> bytes:
    """Return a good envelope with some parts changed, in the same spelling."""
    whole = json.loads(envelope(b"{}", DECISION, KEY)) | parts
    return json.dumps(whole, sort_keys=True, separators=(",", ":")).encode()


def test_signs_as_rfc_8032_does() -> None:
    """Section 7.1, test 2: public key and signature."""
    assert PUBLIC == KEY.public.raw.hex()
    assert SIGNED_72 == KEY.sign(b"\x72").hex()
    KEY.public.verify(b"\x72", bytes.fromhex(SIGNED_72))


def test_verifies_a_note_signed_by_somebody_else() -> None:
    """The signed note in the documentation of Go's note package verifies with its key."""
    key = PublicKey.parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    text = (
        b"If you think cryptography is the answer to your problem,\n"
        b"then you don't know what your problem is.\n"
    )
    line = (
        "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZIn"
        "NIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    )
    key.verify(text, base64.b64decode(line)[4:])


def test_pae_is_that_of_the_standard() -> None:
    """The test vector of DSSE's protocol.md."""
    expected = b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    assert expected == pae(b"hello world", "http://example.com/HelloWorld")


def test_envelope_has_the_committed_bytes() -> None:
    """The same payload under the same key gives the bytes it gave when this was written."""
    made = envelope(b"hello world", "http://example.com/HelloWorld", KEY)
    assert GOLDEN.read_bytes().rstrip(b"\n") == made


@given(st.binary(max_size=300), st.sampled_from([DECISION, OUTCOME, GRANT]))
def test_round_trip(payload: bytes, payload_type: str) -> None:
    """What is signed comes out, with its signer, and signing again gives the same bytes."""
    made = envelope(payload, payload_type, KEY)
    assert (KEY.public, payload) == open_envelope(made, payload_type, [OTHER.public, KEY.public])
    assert made == envelope(payload, payload_type, KEY)


@given(st.binary(max_size=300))
def test_securesystemslib_verifies_what_we_sign(payload: bytes) -> None:
    """An independent DSSE implementation reads the envelope and verifies it with the key."""
    theirs = Envelope.from_dict(json.loads(envelope(payload, DECISION, KEY)))
    value = {"keytype": "ed25519", "scheme": "ed25519", "keyval": {"public": PUBLIC}}
    key = SSlibKey.from_dict(KEY.public.key_id, value)
    assert {KEY.public.key_id: key} == theirs.verify([key], 1)
    assert payload == theirs.payload


@given(st.data())
def test_no_byte_of_an_envelope_can_be_changed(data: st.DataObject) -> None:
    """Change any byte to any other: refused, the key id and the base64's spare bits included."""
    whole = bytearray(envelope(b'{"intent_id":"1"}', DECISION, KEY))
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= data.draw(st.integers(1, 255))
    refused(bytes(whole), KEY.public, OTHER.public)


@given(st.data())
def test_no_byte_can_be_taken_or_added(data: st.DataObject) -> None:
    """Cut it short, or put a byte in anywhere, and it is refused."""
    whole = envelope(b"{}", DECISION, KEY)
    at = data.draw(st.integers(0, len(whole) - 1))
    refused(whole[:at])
    refused(whole[:at] + data.draw(st.binary(min_size=1, max_size=1)) + whole[at:])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"payload":1,"payloadType":1,"signatures":1}',
        b" " + envelope(b"{}", DECISION, KEY),
        envelope(b"{}", DECISION, KEY) + b"\n",
        changed(extra=1),
        changed(payload="e30"),
        changed(payload="e3 0="),
        changed(payload="e31="),
        changed(payloadType=None),
        changed(signatures={}),
        changed(signatures=[1]),
        changed(signatures=[{"sig": "AA=="}]),
        changed(signatures=[{"keyid": KEY.public.key_id, "sig": "AA==", "cert": ""}]),
        bytes(5_000_000),
    ],
    ids=lambda data: repr(data[:40]),
)
def test_garbage_is_a_bad_envelope(data: bytes) -> None:
    """Whatever is not the one spelling of an envelope is refused as such, and nothing else."""
    assert "bad_envelope" == refused(data)


def test_names_each_other_fault() -> None:
    """Each fault of a well-spelled envelope has its own code."""
    good = envelope(b"{}", DECISION, KEY)
    [signed] = json.loads(good)["signatures"]
    foreign = json.loads(envelope(b"{}", DECISION, OTHER))["signatures"][0]
    assert "wrong_payload_type" == refused(good, payload_type=GRANT)
    assert "missing_signature" == refused(changed(signatures=[]))
    assert "missing_signature" == refused(changed(signatures=[signed | {"sig": ""}]))
    assert "several_signatures" == refused(changed(signatures=[signed, foreign]))
    assert "unknown_key" == refused(good, OTHER.public)
    assert "bad_signature" == refused(changed(signatures=[signed | {"sig": "AAAA"}]))
    assert "bad_signature" == refused(changed(signatures=[signed | {"sig": foreign["sig"]}]))
    assert "bad_signature" == refused(changed(payload="e2E9MX0="))


def test_no_keys_means_no() -> None:
    """With no key to try, nothing verifies."""
    with pytest.raises(SignatureError):
        open_envelope(envelope(b"{}", DECISION, KEY), DECISION, [])


def test_key_id_does_not_say_who_signed() -> None:
    """A signature under another's key id is verified with that other's key alone, and fails."""
    forged = json.loads(envelope(b"{}", DECISION, OTHER))["signatures"][0]
    forged["keyid"] = KEY.public.key_id
    assert "bad_signature" == refused(changed(signatures=[forged]), KEY.public, OTHER.public)


def test_another_type_does_not_verify() -> None:
    """The type is signed: an outcome cannot be passed off as a decision."""
    assert "bad_signature" == refused(
        envelope(b"{}", OUTCOME, KEY).replace(OUTCOME.encode(), DECISION.encode())
    )


@pytest.mark.parametrize("sign_bit", [0, 0x80])
@pytest.mark.parametrize(
    "point",
    [
        "00" * 32,
        "01" + "00" * 31,
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ec" + "ff" * 30 + "7f",
        "ed" + "ff" * 30 + "7f",
        "ee" + "ff" * 30 + "7f",
    ],
)
def test_refuses_keys_that_fit_any_signature(point: str, sign_bit: int) -> None:
    """A public key of small order would let its owner deny every signature."""
    raw = bytearray.fromhex(point)
    raw[31] |= sign_bit
    with pytest.raises(KeyringError, match="small order"):
        PublicKey("eve", bytes(raw))


def test_a_key_does_not_show_itself() -> None:
    """The private key is in no repr."""
    secret = KEY._key.private_bytes_raw()
    assert SEED == secret.hex()
    assert repr(secret) not in repr(KEY)
    assert "SigningKey(public=PublicKey(name='rfc8032'))" == repr(KEY)
