"""Signed notes (C2SP signed-note) and witnesses' cosignatures (C2SP tlog-cosignature).

A note is a text of lines, a blank line, and signature lines: an em dash, the key's name, base64 of
the key's 4-byte hash and the signature. A signature of type 01 is Ed25519 over the text. One of
type 04 is a cosignature: 8 bytes of seconds since 1970, then Ed25519 over `cosignature/v1`, the
time, and the text. A line by a key that nobody here knows says nothing, and is passed over.
"""

import base64
import binascii
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from streams.errors import SignatureError
from streams.keyring import COSIGNING
from streams.signing import PublicKey, SigningKey

NOTE_BYTES_MAX: Final = 1_000_000  # golang.org/x/mod/sumdb/note refuses longer ones
SIGNATURES_MAX: Final = 100  # as there
_DASH: Final = "\u2014 "
_HASH_BYTES: Final = 4
_TIME_BYTES: Final = 8


class WitnessKey(PublicKey):
    """A witness's public key: the same Ed25519, for cosignatures alone."""

    KIND = COSIGNING

    @classmethod
    def of(cls, key: PublicKey) -> "WitnessKey":
        """Return the witness key of a signing key."""
        return cls(key.name, key.raw)


@dataclass(frozen=True, slots=True)
class NoteLine:
    """One signature line: who claims to have signed, and what stands there."""

    name: str
    hash: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A parsed note; `text` ends in a newline. Nothing about it is verified yet."""

    text: str
    lines: tuple[NoteLine, ...]


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A verified cosignature: whose, and when by the witness's clock (seconds since 1970)."""

    witness: WitnessKey
    time_s: int


def sign(text: str, key: SigningKey) -> str:
    """Return the note of `text` under one signature. Deterministic."""
    signature = key.sign(text.encode())
    return f"{text}\n{_line(key.public, signature)}"


def cosign(note: str, key: SigningKey, time_s: int) -> str:
    """Return the note with a witness's cosignature at its end; SignatureError if it is none."""
    text = parse(note).text
    witness = WitnessKey.of(key.public)
    signature = key.sign(_cosigned(text, time_s))
    return note + _line(witness, time_s.to_bytes(_TIME_BYTES, "big") + signature)


def parse(note: str) -> Note:
    """Take a note apart; SignatureError `bad_note` where it is none."""
    text, blank, rest = note.rpartition("\n\n")
    if not blank or not text or not rest.endswith("\n") or len(note) > NOTE_BYTES_MAX:
        raise _bad("it has no text, no blank line, or no end")
    if any(ord(char) < ord(" ") and char != "\n" for char in note):
        raise _bad("it holds control characters")
    lines = tuple(_parsed(line) for line in rest[:-1].split("\n"))
    if len(lines) > SIGNATURES_MAX:
        raise _bad("it has too many signatures")
    return Note(text + "\n", lines)


def verified(note: Note, keys: Iterable[PublicKey]) -> PublicKey:
    """Return which of `keys` signed the note.

    SignatureError: `unknown_key` where none of them did, `bad_signature` where a line names one of
    them and does not verify.
    """
    signer = None
    for line, key in _meet(note.lines, keys):
        key.verify(note.text.encode(), line.signature)
        signer = signer or key
    if signer is None:
        raise SignatureError("it is not signed by a key that is known", code="unknown_key")
    return signer


def cosignatures(note: Note, witnesses: Iterable[WitnessKey]) -> list[Cosignature]:
    """Return the cosignatures of these witnesses, one each.

    SignatureError `bad_cosignature` where a line names one of them and does not verify.
    """
    found: dict[bytes, Cosignature] = {}
    for line, key in _meet(note.lines, witnesses):
        stamp, signature = line.signature[:_TIME_BYTES], line.signature[_TIME_BYTES:]
        time_s = int.from_bytes(stamp, "big")
        try:
            key.verify(_cosigned(note.text, time_s), signature)
        except SignatureError:
            raise SignatureError(
                f"the cosignature is not {key.key_id}'s", code="bad_cosignature"
            ) from None
        witness = WitnessKey(key.name, key.raw)
        known = found.setdefault(key.raw, Cosignature(witness, time_s))
        if time_s < known.time_s:
            found[key.raw] = Cosignature(witness, time_s)
    return list(found.values())


def merged(notes: Sequence[str]) -> str:
    """Return one note with every signature line of notes that have the same text."""
    texts = {parse(note).text for note in notes}
    if len(texts) != 1:
        raise _bad("notes of different texts cannot be made one")
    lines = dict.fromkeys(
        line for note in notes for line in note.rpartition("\n\n")[2][:-1].split("\n")
    )
    return texts.pop() + "\n" + "".join(f"{line}\n" for line in lines)


def _meet(lines: Iterable[NoteLine], keys: Iterable[PublicKey]) -> list[tuple[NoteLine, PublicKey]]:
    by_id = {(key.name, _hash(key)): key for key in keys}
    return [(line, by_id[name]) for line in lines if (name := (line.name, line.hash)) in by_id]


def _parsed(line: str) -> NoteLine:
    name, _, coded = line.removeprefix(_DASH).partition(" ")
    try:
        data = base64.b64decode(coded, validate=True)
    except (ValueError, binascii.Error):
        raise _bad("a signature's base64 is damaged") from None
    if not line.startswith(_DASH) or not name or len(data) <= _HASH_BYTES:
        raise _bad("a signature line is damaged")
    return NoteLine(name, data[:_HASH_BYTES], data[_HASH_BYTES:])


def _line(key: PublicKey, signature: bytes) -> str:
    return f"{_DASH}{key.name} {base64.b64encode(_hash(key) + signature).decode()}\n"


def _hash(key: PublicKey) -> bytes:
    return bytes.fromhex(key.key_id.rpartition("+")[2])


def _cosigned(text: str, time_s: int) -> bytes:
    return f"cosignature/v1\ntime {time_s}\n{text}".encode()


def _bad(why: str) -> SignatureError:
    return SignatureError(f"this is no signed note: {why}", code="bad_note")
