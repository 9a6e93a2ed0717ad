"""One intent's proof in one file: made from the log, checked with public keys and nothing else.

The file is JSON. What is in it: every entry of the intent, each with its event and its inclusion
proof (C2SP tlog-proof) up to one signed checkpoint of its shard; the note over all shards, and a
consistency proof between the two; witnesses' cosignatures, in the notes; the approvers' and the
executor's DSSE envelopes; the policy's text, where the one that ruled is at hand; the masker's
revision.

What it cannot show: that the intent has no further entries. Only a walk over the whole log does.
"""

import base64
import binascii
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from streams import extras
from streams.audit import merkle, note, tlogproof
from streams.audit.checkpoint import ALL, Head, TreeStatement, read
from streams.audit.entry import is_unreadable
from streams.audit.report import Break, Broken, Flaw
from streams.audit.verify import Item, check_alone
from streams.auditor.proof.check import Evidence
from streams.auditor.proof.follow import Follower
from streams.auditor.proof.pins import Pins
from streams.errors import OperatorError, PhigateError, SignatureError, WireError
from streams.events import (
    AuditEntry,
    CaseEvent,
    ControlAdmitted,
    DecisionAdmitted,
    IntentAdmitted,
    OutcomeAdmitted,
)
from streams.policy.revision import revision_of
from streams.wire import codec

FORM: Final = "audit-proof"
VERSION: Final = 1
FILE_BYTES_MAX: Final = 256 * 1024 * 1024
Texts = tuple[Mapping[str, str], str]
"""A policy set's files by name, and its schema."""


@dataclass(frozen=True)
class Checked:
    """What a proof shows, or its first break."""

    intent_id: str
    entries: tuple[AuditEntry, ...]
    broken: Break | None
    signed_by: str = ""
    witnesses: tuple[str, ...] = ()
    approvers_checked: bool = False
    policy: str = "not in the proof"
    size: int = 0


# ---------------------------------------------------------------- making


def prove(evidence: Evidence, entries: Sequence[AuditEntry], policy: Texts | None) -> str:
    """Return the proof's text for all entries of one intent, which `evidence` has walked.

    OperatorError `not_signed` where no checkpoint covers the newest of them yet.
    """
    shard = entries[0].shard
    walk, notes = evidence.walk(shard), evidence.notebook
    first = notes.firsts.get(shard, 0)
    needed = max(entry.index for entry in entries) - first + 1
    signed = _shard_note(evidence, shard, needed)
    over = _all_note(evidence, shard, needed)
    if signed is None or over is None:
        raise OperatorError(
            "the newest of its entries are not signed yet", code="not_signed", hint="try again"
        )
    size, text = signed
    all_head, all_text = over
    hashes = walk.hashes()
    small, large = sorted((size, all_head.size))
    revision = _revisions(entries)[0]
    whole = {
        "phigate": FORM,
        "version": VERSION,
        "intent_id": entries[0].intent_id,
        "shard": shard,
        "entries": [_entry(each, hashes[:size], first, text) for each in entries],
        "checkpoint": text,
        "all": all_text,
        "consistency": [_b64(h) for h in merkle.consistency_proof(hashes[:large], small)],
        "envelopes": [found for each in entries if (found := _envelope(each))],
        "policy": _policy(policy, revision),
        "policy_revision": revision,
        "masker_revision": _revisions(entries)[1],
    }
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def _entry(entry: AuditEntry, hashes: Sequence[bytes], first: int, text: str) -> dict[str, Any]:
    at = entry.index - first
    return {
        "index": entry.index,
        "leaf": _b64(entry.leaf),
        "event": _b64(entry.event),
        "proof": tlogproof.write(at, merkle.inclusion_proof(hashes, at), text),
    }


def _shard_note(evidence: Evidence, shard: int, needed: int) -> tuple[int, str] | None:
    """Return the size and note of the shard's newest checkpoint, cosigned before not."""
    notes = evidence.notebook
    seen = {each.said.head.size for each in notes.seen if each.said.shard == shard}
    known = [size for number, size in notes.texts if number == shard and size >= needed]
    best = max(known, key=lambda size: (size in seen, size), default=None)
    found = notes.note_of(shard, best) if best is not None else None
    return None if best is None or found is None else (best, found)


def _all_note(evidence: Evidence, shard: int, needed: int) -> tuple[Head, str] | None:
    """Return the shard's head and the note of the newest over all, cosigned before not."""
    notes = evidence.notebook
    seen = {each.said.shards for each in notes.seen if each.said.shard == ALL}
    known = [h for h in notes.alls if shard < len(h) and h[shard].size >= needed]
    best = max(known, key=lambda heads: (heads in seen, sum(h.size for h in heads)), default=None)
    if best is None:
        return None
    text = notes.note_of(ALL, sum(head.size for head in best)) or notes.alls[best]
    return best[shard], text


def _revisions(entries: Iterable[AuditEntry]) -> tuple[str, str]:
    for entry in entries:
        said = entry.said.facts
        if "policy_revision" in said and "masker_revision" in said:
            return said["policy_revision"], said["masker_revision"]
    return "", ""


def _envelope(entry: AuditEntry) -> dict[str, Any] | None:
    found = _signed(entry)
    return None if found is None else {"index": entry.index, "envelope": found.decode()}


def _signed(entry: AuditEntry) -> bytes | None:
    if not entry.event or is_unreadable(entry.consequence):
        return None
    body = codec.decode(entry.event, CaseEvent).body
    signed = DecisionAdmitted | OutcomeAdmitted | ControlAdmitted | IntentAdmitted
    return (body.envelope or None) if isinstance(body, signed) else None


def _policy(texts: Texts | None, revision: str) -> dict[str, Any] | None:
    if texts is None or revision_of(*texts) != revision:
        return None
    return {"files": dict(texts[0]), "schema": texts[1]}


# ---------------------------------------------------------------- checking


def load(path: Path) -> dict[str, Any]:
    """Read a proof's file. Raises OperatorError."""
    try:
        with path.open("rb") as file:
            data = file.read(FILE_BYTES_MAX + 1)
        found = json.loads(data)
        known = (found["phigate"], found["version"]) == (FORM, VERSION)
    except OSError as error:
        raise OperatorError(f"{path} cannot be read: {error.strerror}", code="no_file") from None
    except (ValueError, TypeError, KeyError, RecursionError):
        known = False
    if not known or len(data) > FILE_BYTES_MAX:
        raise OperatorError(f"{path} is no proof of a version known here", code="bad_file")
    return dict(found)


def check(proof: Mapping[str, Any], pins: Pins, quorum: int = 0) -> Checked:
    """Check a proof with pinned keys alone."""
    intent_id, shard = str(proof.get("intent_id")), proof.get("shard")
    try:
        return _check(proof, pins, quorum)
    except Broken as found:
        at = shard if isinstance(shard, int) else -1
        return Checked(intent_id, (), Break(at, found.index, found.kind, found.detail))
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error):
        why = "the file lacks a part, or one is damaged"
        return Checked(intent_id, (), Break(-1, -1, Flaw.BAD_PROOF, why))


def _check(proof: Mapping[str, Any], pins: Pins, quorum: int) -> Checked:
    said, signer, _ = _note(proof["checkpoint"], pins)
    over, _, seen = _note(proof["all"], pins)
    if over.shard != ALL or said.shard != proof["shard"] or over.log != said.log:
        raise Broken(-1, Flaw.BAD_PROOF, "its notes are not on its shard")
    _meet(said, over, [_raw(each) for each in proof["consistency"]])
    if len(seen) < quorum:
        why = f"{len(seen)} of the {quorum} witnesses demanded have seen it"
        raise Broken(-1, Flaw.UNWITNESSED, why)
    names, policy = _policy_of(proof)
    entries = tuple(_entries(proof, said, Follower(pins, policies=names)))
    if _revisions(entries) != (proof["policy_revision"], proof["masker_revision"]):
        raise Broken(-1, Flaw.BAD_PROOF, "it names other revisions than its entries")
    return Checked(
        intent_id=proof["intent_id"],
        entries=entries,
        broken=None,
        signed_by=signer,
        witnesses=tuple(seen),
        approvers_checked=bool(pins.people),
        policy=policy,
        size=said.head.size,
    )


def _note(text: str, pins: Pins) -> tuple[TreeStatement, str, list[str]]:
    try:
        parsed = note.parse(text)
        signer = note.verified(parsed, pins.audit)
        said = read(parsed.text)
        seen = [each.witness.key_id for each in note.cosignatures(parsed, pins.witnesses)]
    except SignatureError as error:
        raise Broken(-1, Flaw(error.code), str(error)) from error
    if said.log != signer.name:
        raise Broken(-1, Flaw.BAD_NOTE, "its origin is not of the log whose key signed it")
    return said, signer.key_id, seen


def _meet(said: TreeStatement, over: TreeStatement, hashes: Sequence[bytes]) -> None:
    """Check that the shard's tree and the one named by the note over all are one history."""
    if said.shard >= len(over.shards):
        raise Broken(-1, Flaw.MISSING_SHARD, "the note over all shards lacks its shard")
    small, large = sorted((said.head, over.shards[said.shard]), key=lambda head: head.size)
    sound = merkle.consistent(small.size, large.size, small.root, large.root, hashes)
    if not sound or small.first != large.first:
        raise Broken(-1, Flaw.FORKED, "its shard's checkpoint and the note over all are at odds")


def _entries(
    proof: Mapping[str, Any], said: TreeStatement, follow: Follower
) -> Iterable[AuditEntry]:
    last = -1
    envelopes = {each["index"]: each["envelope"].encode() for each in proof["envelopes"]}
    if not proof["entries"]:
        raise Broken(-1, Flaw.BAD_PROOF, "it has no entries")
    for each in proof["entries"]:
        item = Item.of(_raw(each["leaf"]), _raw(each["event"]))
        if item.index <= last or item.said["intent_id"] != proof["intent_id"]:
            raise Broken(item.index, Flaw.BAD_PROOF, "it is not the intent's next entry")
        last = item.index
        _included(item, each["proof"], proof["checkpoint"], said)
        follow(item)
        entry = AuditEntry(leaf=item.leaf, event=item.event, signature=b"")
        if _signed(entry) != envelopes.pop(item.index, None):
            raise Broken(item.index, Flaw.BAD_PROOF, "the envelope beside it is not the one in it")
        yield entry
    if envelopes:
        raise Broken(-1, Flaw.BAD_PROOF, "an envelope belongs to no entry")


def _included(item: Item, text: str, checkpoint: str, said: TreeStatement) -> None:
    hashed = check_alone(item, said.shard)
    try:
        found = tlogproof.parse(text)
    except SignatureError as error:
        raise Broken(item.index, Flaw.BAD_PROOF, str(error)) from error
    head = said.head
    sound = merkle.included(found.index, head.size, hashed, found.hashes, head.root)
    if found.note != checkpoint or found.index != item.index - head.first or not sound:
        why = "its proof does not lead from its leaf to the signed root"
        raise Broken(item.index, Flaw.BAD_PROOF, why)


def _policy_of(proof: Mapping[str, Any]) -> tuple[dict[str, frozenset[str]], str]:
    """Return the rules' names of the policy in the proof, and how it stands with it."""
    if proof["policy"] is None:
        return {}, "its text is not in the proof"
    texts = proof["policy"]["files"], proof["policy"]["schema"]
    if revision_of(*texts) != proof["policy_revision"]:
        raise Broken(-1, Flaw.UNKNOWN_POLICY, "the policy in it is not the one that ruled")
    if not extras.has("gate"):
        return {}, "its text is the one that ruled; its rules were not read (phigate[gate])"
    from streams.policy import PolicySet  # noqa: PLC0415 - Cedar is of the gate's extra

    try:
        found = PolicySet.load(*texts)
    except PhigateError:
        raise Broken(-1, Flaw.UNKNOWN_POLICY, "the policy in it does not load") from None
    return {found.revision: frozenset(rule.id for rule in found.rules)}, found.revision


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _raw(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


__all__ = ["Checked", "WireError", "check", "load", "prove"]
