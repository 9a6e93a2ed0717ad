"""What a walk over a shard says: kinds of break, and the report."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from streams.audit.checkpoint import Head


class Flaw(StrEnum):
    """What can be wrong with the evidence; each is told from the others."""

    # one record
    UNDECODABLE = "undecodable"  # no audit record, or a leaf that is none
    OVERSIZED = "oversized"
    WRONG_KEY = "wrong_key"  # a record under a key that is not its own
    WRONG_SHARD = "wrong_shard"  # a record in a partition that is not its shard's
    DIGEST_MISMATCH = "digest_mismatch"  # the event beside the leaf is not the one in it
    WRONG_FACTS = "wrong_facts"  # the leaf says of its event what the event does not say
    # an entry in its place
    MISSING_ENTRY = "missing_entry"
    CONFLICTING_ENTRY = "conflicting_entry"  # two leaves for one place
    BACK_DATED = "back_dated"  # far earlier than the entry before it
    POST_DATED = "post_dated"  # later than a witness saw it
    WRONG_CONSEQUENCE = "wrong_consequence"  # the gate's rules make something else of it
    DUPLICATE_GRANT = "duplicate_grant"
    # who signed what
    BAD_DECISION = "bad_decision"  # a decision whose signature does not verify
    UNKNOWN_APPROVER = "unknown_approver"  # by a person, or a key, that was not pinned
    WRONG_DECISION = "wrong_decision"  # signed for another intent, or with another content
    BAD_OUTCOME = "bad_outcome"
    UNKNOWN_EXECUTOR = "unknown_executor"
    WRONG_OUTCOME = "wrong_outcome"
    BAD_ORDER = "bad_order"  # a halt, resume, revocation or cancel
    UNKNOWN_OFFICER = "unknown_officer"
    WRONG_ORDER = "wrong_order"
    BAD_INTENT = "bad_intent"  # an intent that its agent signed
    UNKNOWN_AGENT = "unknown_agent"
    WRONG_INTENT = "wrong_intent"
    UNKNOWN_POLICY = "unknown_policy"  # a ruling by rules that its policy set does not have
    # the tree and its notes
    ROOT_MISMATCH = "root_mismatch"  # the entries do not give the root that was signed
    TRUNCATED = "truncated"  # a signed or pinned tree is larger than what is there
    REWRITTEN = "rewritten"  # not the tree that was pinned earlier
    BAD_NOTE = "bad_note"
    UNKNOWN_KEY = "unknown_key"
    BAD_SIGNATURE = "bad_signature"
    RETIRED_KEY = "retired_key"  # signed by a key of the gate after its end
    FORKED = "forked"  # two signed trees of one size
    MISSING_CHECKPOINT = "missing_checkpoint"  # one that was due is not there
    MISSING_SHARD = "missing_shard"  # the note over all shards names one that is not there
    STALE_CHECKPOINT = "stale_checkpoint"  # the note over all shards is too far behind
    BAD_COSIGNATURE = "bad_cosignature"
    UNWITNESSED = "unwitnessed"  # fewer witnesses than demanded
    BAD_PROOF = "bad_proof"  # a proof that does not lead from its leaf to its root


@dataclass(frozen=True)
class Break:
    """The first thing found wrong: where, what, and in words without anybody's data.

    `index` is the log's; for a note that of the last entry it speaks of; -1 where there is none.
    Shard -1 is the note over all shards.
    """

    shard: int
    index: int
    kind: Flaw
    detail: str


@dataclass(frozen=True)
class Unreadable:
    """A record that is no audit entry; `index` is what its key claims, or -1."""

    index: int
    detail: str
    kind: Flaw = Flaw.UNDECODABLE


@dataclass(frozen=True)
class ShardReport:
    """What a walk found. `head` is the tree as far as it is good: pin it.

    `unsigned` counts the newest entries that no checkpoint covers yet, `erased` those whose event
    is gone, `followed` those whose consequence was checked; `stamps` holds the log time at each
    size that was signed.
    """

    shard: int
    entries: int
    repeats: int
    first: int | None
    head: Head | None
    broken: Break | None
    unsigned: int = 0
    erased: int = 0
    followed: int = 0
    log_ms: int = 0
    stamps: Mapping[int, int] = field(default_factory=dict, repr=False)
    grants: frozenset[str] = field(default=frozenset(), repr=False)


class Broken(Exception):  # noqa: N818 - it is an answer on its way up, not an error
    """Carries a break up to the walk; never leaves this room."""

    def __init__(self, index: int, kind: Flaw, detail: str) -> None:
        super().__init__(detail)
        self.index, self.kind, self.detail = index, kind, detail
