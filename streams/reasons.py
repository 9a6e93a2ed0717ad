"""Every reason code, once: who is at fault, and what a person is told.

A code is stable and safe to publish; it stands in errors, the log, verdicts, the audit and JSON.
 Who is at fault says who can mend it:

    SENDER      whoever sent it: an agent, an approver, an executor, an officer
    OPERATOR    whoever runs phigate: a setting, a file, a key, the cluster
    NOBODY      nobody: it was too late, it was decided, or it is away for a while
    US          us: something that cannot be

`forbidden` marks what was tried by somebody who may not; exports tell it apart.
`tampering` marks an answer over something else than what was shown.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

__all__ = ["FORBIDDEN", "REASONS", "TAMPERING", "Fault", "Reason", "words"]


class Fault(StrEnum):
    """Who can mend it."""

    SENDER = "sender"
    OPERATOR = "operator"
    NOBODY = "nobody"
    US = "us"


@dataclass(frozen=True, slots=True)
class Reason:
    """One code: who is at fault, and the words for a person, as the end of a sentence."""

    fault: Fault
    words: str
    forbidden: bool = False
    tampering: bool = False


def _all(fault: Fault, said: dict[str, str], *, forbidden: bool = False) -> dict[str, Reason]:
    return {code: Reason(fault, text, forbidden) for code, text in said.items()}


_DECISIONS: Final = {
    **_all(
        Fault.SENDER,
        {
            "requester_may_not_review": "you, or somebody for you, ask for it: you can only say no",
            "not_a_reviewer": "you are in none of the groups that this request asks",
            "unknown_key": "the gate does not know this key: ask the operator to add it",
            "bad_signature": "the signature is not that key's",
            "missing_signature": "it is not signed",
            "unknown_person": "the directory does not know this person, or they are suspended",
            "unknown_agent": "the directory does not know this agent",
            "agent_suspended": "the agent is suspended",
            "wrong_executor": "it is granted to another executor class",
            "no_grant": "there is no grant for it",
            "not_an_officer": "whoever signed it is no officer",
            "officer_suspended": "the officer is suspended, and can only stop things",
            "wrong_topic": "agents cancel in `cancels`, officers order in `controls`",
            "not_its_agent": "it is another agent's intent",
            "action_not_allowed": "the directory does not let this agent ask for this action",
            "unsigned": "this agent has to sign what it asks for",
            "wrong_signer": "it was signed by another agent",
            "intent_mismatch": "it was signed for another request",
            "not_allowed_for": "the directory does not let this agent act for that person",
            "proof_mismatch": "the person's proof is for another request",
            "foreign_id": "the id belongs to another agent",
            "owner_suspended": "the agent's owner is suspended",
            "requester_suspended": "the person for whom it is asked is suspended",
            "other_gate": "it was signed for another gate: look at your settings",
        },
        forbidden=True,
    ),
    **{
        code: Reason(Fault.SENDER, text, forbidden=code != "policy_mismatch", tampering=True)
        for code, text in {
            "action_mismatch": "your answer names another action than the request; read it again",
            "display_mismatch": "your answer names another view than the gate's; read it again",
            "view_mismatch": "your answer names another request than the gate's; read it again",
            "policy_mismatch": "the policy has changed since you read it; read it again",
        }.items()
    },
    **_all(
        Fault.SENDER,
        {
            "already_decided": "you have agreed to it before, and one person counts once",
            "same_person": "you and somebody who has agreed act for one person, and count once",
            "assurance_too_low": "the policy demands a login for this one: run phigate login first",
            "unknown_intent": "the gate knows no such request",
            "masker_mismatch": "your answer names another masking than the gate's; read it again",
            "preview_incomplete": "a part could not be shown: it cannot be approved; deny is open",
            "bad_identity": "what your login sent cannot be read: log in again",
            "bad_token": "what your identity provider gave is no ID token: log in again",
            "nonce_mismatch": "your login is bound to another key: log in again, by browser",
            "token_algorithm": "your identity provider signs in a way that is not allowed here",
            "token_expired": "your login is over: phigate login",
            "token_not_yet": "your login is from the future: is a clock wrong?",
            "token_signature": "your identity provider did not sign this login",
            "unknown_kid": "your identity provider's key has changed: phigate login",
            "wrong_audience": "your login is for another application",
            "wrong_issuer": "your login is of an identity provider that is not known here",
            "rationale_mismatch": "the reason that came is not the one you signed",
            "reason_mismatch": "the reason that came is not the one that was signed",
            "bad_rationale": "a reason is a text of some sentences, and not empty",
            "bad_code": "a code is written in snake_case",
            "clock_skew": "it comes from the future: is a clock wrong?",
            "decision_too_old": "your answer is older than any open request: is a clock wrong?",
            "control_too_old": "the order is old: it was sent before",
        },
    ),
    **_all(
        Fault.NOBODY,
        {
            "clock_or_workers": "by this machine's clock its time ran out, and the gate has not "
            "closed it: is the clock right, do the workers run? (--anyway sends it)",
            "case_closed": "it was decided, or its time ran out, before your answer came",
            "revoked": "an officer has revoked it",
            "cancelled": "its agent has cancelled it",
            "halted": "an officer has halted it: ask again later",
            "already_reported": "its outcome was reported before",
            "not_due": "its time is not over yet",
            "shredded": "what could open it was destroyed",
            "keys_unavailable": "the gate cannot get your identity provider's keys: try again soon",
        },
    ),
    "ambiguous_person": Reason(
        Fault.OPERATOR, "your login is several people's in the directory: ask the operator"
    ),
}

_INPUTS: Final = _all(
    Fault.SENDER,
    {
        "admission_failed": "admission failed: the worker's log says more",
        "bad_envelope": "the signed envelope cannot be read",
        "bad_input": "it cannot be taken as it is",
        "bad_intent": "the file is no intent: `phigate try --help` shows one",
        "bad_intent_id": "the id of an intent is a UUID, written in its one form",
        "bad_json": "it is not JSON",
        "bad_mark": "the row's mark of the audit cannot be read",
        "bad_name": "a name is one short line",
        "bad_params": "the params cannot be read",
        "bad_resource": "a resource is written Type/id",
        "bad_scope": "a scope is all, agent:, action: or resource:",
        "bad_statement": "the signed statement cannot be read",
        "bad_status": "a status is ok, failed or unknown",
        "bad_text": "a text cannot be read",
        "bad_traceparent": "a traceparent is as W3C writes it",
        "bad_ttl": "a time limit is written 90s, 15m, 4h or 2d",
        "body_mismatch": "what came is not what was signed",
        "content_conflict": "the same key was used for something else before: choose another key",
        "content_mismatch": "what came is not what was signed",
        "forged_request": "the gate did not sign this request",
        "inflates_too_far": "what is packed in it is too large when unpacked",
        "key_mismatch": "the record's key is not the id that it names",
        "masking_failed": "it could not be masked, so nobody can review it",
        "masking_timeout": "masking it took too long",
        "message_mismatch": "the message that came is not the one that was signed",
        "no_executor_key": "no executor of this class could open it",
        "no_request": "there is no such request",
        "no_such_field": "the request has no such field",
        "no_such_move": "nothing comes of it where the case stands",
        "not_avro": "the bytes are no message of phigate",
        "not_halted": "there is no halt on exactly this",
        "not_sealed": "this gate takes sealed intents alone",
        "not_signed": "it is not signed by a key that counts",
        "odd_resource": "the resource's id is odd: write it as the catalogue does",
        "over_budget": "this agent asks too often: wait, and ask again",
        "phi_in_resource": "the resource's id holds what may be PHI",
        "refused": "it may not do what it asks",
        "request_mismatch": "the request is not the one that the gate signed",
        "scope_mismatch": "the id is not that of the scope",
        "several_signatures": "one signature is expected",
        "too_deep": "it is nested too deeply",
        "too_large": "it is too large",
        "too_many_cancels": "this agent cancels too often: wait a minute",
        "ttl_out_of_range": "the time limit is too short or too long",
        "ttl_passed": "its time was over when it came",
        "undecodable": "the bytes are no message of phigate",
        "unknown_action": "the policy knows no such action",
        "unknown_resource": "the catalogue has no such resource",
        "unknown_schema": "it was written by a version that is not known here",
        "unknown_scope": "the directory has nothing of that name",
        "unreadable_event": "the log's record cannot be read",
        "unsealable": "what is sealed does not open",
        "wrong_payload_type": "it was signed for something else",
    },
)
_RUNS: Final = _all(
    Fault.NOBODY,
    {
        "gate_busy": "the gate has much to do: ask again soon",
        "grant_expired": "the grant's time was over",
        "handler_raised": "the executor's handler failed",
        "interrupted": "the executor stopped in between: somebody must look",
        "ledger_busy": "another process uses the ledger",
        "login_timeout": "nobody logged in in time",
        "not_serving": "the executor does not serve now",
        "not_unknown": "its outcome is known",
        "provider_away": "who wraps keys does not answer now",
        "resolved": "a person has settled it",
        "wait_timeout": "there is no verdict yet",
    },
)
_OPERATORS: Final = _all(
    Fault.OPERATOR,
    {
        "ambiguous": "it begins several ids: write more of it",
        "bad_credential": "the credential's file cannot be read",
        "bad_export": "the file is no export of an audit",
        "bad_fields": "fields are named justification, params, params.name",
        "bad_file": "the file cannot be read",
        "bad_heads": "the file holds no heads",
        "bad_holds": "the register of holds cannot be read",
        "bad_kafka_setting": "a setting of Kafka is wrong",
        "bad_key": "a key cannot be read",
        "bad_pins": "the file of pins cannot be read",
        "bad_policy": "the policy does not load",
        "bad_settings": "a setting is wrong",
        "bad_state": "the embedded broker's state cannot be read",
        "bad_time": "times are written 2026-11-01 or 2026-11-01T14:30",
        "bad_tls": "a certificate or its key cannot be read",
        "bad_topics": "the cluster's topics are not fit for use",
        "broker": "the broker cannot be reached, started or stopped",
        "controls_lost": "orders may be forgotten: see with the officers what is to be halted",
        "empty_hold": "a hold names what it holds",
        "extra_missing": "a part of phigate is not installed",
        "file_exists": "the file is there already",
        "full": "the key file is full",
        "hold_exists": "there is a hold of that name",
        "home_busy": "another process changes the embedded broker",
        "index_stale": "the index is of another audit, and is made anew",
        "jar_mismatch": "a jar is not the one that is locked",
        "jar_unavailable": "a jar cannot be fetched",
        "key_exists": "there is a key already",
        "key_exposed": "others can read the key",
        "key_unreadable": "the key's file cannot be read",
        "ledger": "the ledger's file fails",
        "locked": "another process does it now",
        "login_refused": "your identity provider refused the login",
        "no_acls": "the brokers keep no access rights",
        "no_broker": "no broker is configured",
        "no_credential": "there is no credential for this role",
        "no_directory": "there is no directory file",
        "no_file": "the file cannot be read or written",
        "no_hold": "there is no such hold",
        "already_up": "`phigate up` runs in this home already",
        "lost_key": "a key of the gate is gone: put its backup back",
        "broker_away": "the broker is away",
        "no_key": "there is no key",
        "no_login": "you are not logged in",
        "no_pins": "there is no file of pins",
        "no_reveal": "there is no such reveal",
        "no_seal_key": "the person has no seal key in the directory",
        "no_secret": "the agent has no secret for its ids",
        "no_token": "the cluster's identity provider gave no token",
        "no_topic": "the cluster has no such topic",
        "not_delivered": "the cluster did not take it",
        "open_credential": "others can read the credential",
        "operator": "somebody must act",
        "own_topic": "that topic is the gate's own",
        "passphrase_needed": "the key is locked by a passphrase",
        "provider_unreachable": "the identity provider cannot be reached",
        "retired_key": "the gate's key has ended",
        "ssh_agent": "the SSH agent does not answer as it should",
        "wrong_passphrase": "the passphrase is another",
    },
)
_EVIDENCE: Final = _all(
    Fault.US,
    {
        "audit_out_of_order": "the audit's entries do not follow",
        "bad_cosignature": "a witness's signature does not hold",
        "bad_note": "a note of the audit cannot be read",
        "bad_ocsf": "an event does not fit the schema of OCSF",
        "bad_proof": "the proof does not hold",
        "error": "something failed",
        "invariant": "something that cannot be, is",
        "oversized": "an entry is too large",
        "truncated": "the audit ends before what was seen earlier",
        "wrong_intent": "an event stands under another intent",
    },
)

REASONS: Final = dict(sorted({**_INPUTS, **_RUNS, **_OPERATORS, **_EVIDENCE, **_DECISIONS}.items()))

FORBIDDEN: Final = frozenset(code for code, each in REASONS.items() if each.forbidden)
TAMPERING: Final = frozenset(code for code, each in REASONS.items() if each.tampering)


def words(code: str) -> str:
    """Return what a code means for the person who reads it."""
    found = REASONS.get(code)
    return found.words if found else "the gate refused it for this reason"
