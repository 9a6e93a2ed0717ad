"""Copies of `streams.gate` with one thing wrong each: what the tests must be able to see.

A mutant is the product's own source with one piece of text replaced, run under a name of its own.
The product has no switches. Where a text is not found any more, `built` says so: the mutant must
then be written anew, or the check that it proved is proved no longer.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import streams.gate

FILES = ("case", "quorum", "view", "fold", "projections")
SOURCE = Path(streams.gate.__file__).parent


@dataclass(frozen=True)
class Fold:
    """The functions of one version of the gate."""

    step: Callable[..., Any]
    unreadable: Callable[..., Any]
    project: Callable[..., Any]
    deadline_ms: Callable[..., Any]
    table: Mapping[Any, Any]


@dataclass(frozen=True)
class Mutant:
    """`file` with `old` replaced by `new`; the message given for it begins with one of `caught`."""

    name: str
    file: str
    old: str
    new: str
    caught: tuple[str, ...]


@contextmanager
def built(mutant: Mutant | None) -> Iterator[Fold]:
    """Run the gate's source, changed; the modules are forgotten afterwards."""
    prefix = "mutated_gate"
    modules = {name: ModuleType(f"{prefix}.{name}") for name in FILES}
    sys.modules |= {module.__name__: module for module in modules.values()}
    try:
        for name, module in modules.items():
            text = (SOURCE / f"{name}.py").read_text(encoding="utf-8")
            if mutant is not None and mutant.file == name:
                assert 1 == text.count(mutant.old), f"{mutant.name}: rewrite this mutant"
                text = text.replace(mutant.old, mutant.new)
            text = text.replace("from streams.gate.", f"from {prefix}.")
            exec(compile(text, f"<{prefix}.{name}>", "exec"), module.__dict__)  # noqa: S102 - ours
        fold, case, shown = modules["fold"], modules["case"], modules["projections"]
        yield Fold(fold.step, fold.unreadable, shown.project, case.deadline_ms, fold.TABLE)
    finally:
        for module in modules.values():
            del sys.modules[module.__name__]


_FILLED = "filled = assign(routes, reviews)\n    return all(len(people) >= route.quorum"
_BY_GROUP = (
    "filled = [[r for r in reviews if r.answer is Answer.APPROVE and x.group in r.groups]"
    " for x in routes]\n    return all(len(people)"
)

_UNMOVED = "    state = case.state if case else None\n    return Step(case, _told(Effected.REFUSED"

MUTANTS = (
    Mutant(
        "forgets the requester check",
        "fold",
        "not names(decision).isdisjoint(excluded(intent))",
        "False",
        ("I1", "refusal"),
    ),
    Mutant(
        "lets somebody act for the requester",
        "fold",
        "not names(decision).isdisjoint(excluded(intent))",
        "decision.person in excluded(intent)",
        ("I1", "refusal"),
    ),
    Mutant(
        "takes two who act for one for two",
        "case",
        "return frozenset((decision.person, *decision.stands_for))",
        "return frozenset((decision.person,))",
        ("I1", "refusal"),
    ),
    Mutant(
        "counts a low level of assurance",
        "quorum",
        " and decision.assurance.meets(route.assurance)",
        "",
        ("I1", "refusal"),
    ),
    Mutant(
        "refuses a no for its low level of assurance",
        "fold",
        '"assurance_too_low": approves and not any',
        '"assurance_too_low": not any',
        ("log", "quorum"),
    ),
    Mutant(
        "forgets that the owner asks too",
        "case",
        "(intent.agent, intent.owner, intent.on_behalf_of, *intent.delegators)",
        "(intent.agent, intent.on_behalf_of, *intent.delegators)",
        ("I1", "refusal", "shown"),
    ),
    Mutant(
        "forgets whose place they hold who ask",
        "case",
        "(intent.agent, intent.owner, intent.on_behalf_of, *intent.delegators)",
        "(intent.agent, intent.owner, intent.on_behalf_of)",
        ("I1", "refusal", "shown"),
    ),
    Mutant(
        "silences whoever is named as asking",
        "fold",
        '"requester_may_not_review": approves and not names',
        '"requester_may_not_review": not names',
        ("log", "quorum"),
    ),
    Mutant(
        "counts groups instead of people",
        "quorum",
        _FILLED,
        f"{_BY_GROUP} >= route.quorum",
        ("I1", "refusal"),
    ),
    # `>=` and `==` are the same over places, which never hold more people than there are; counted
    # by group they differ, and one approval too many would leave the case without an end
    Mutant(
        "uses == for the quorum",
        "quorum",
        _FILLED,
        f"{_BY_GROUP} == route.quorum",
        ("I1", "quorum"),
    ),
    Mutant(
        "asks one person fewer",
        "quorum",
        "len(people) >= route",
        "len(people) + 1 >= route",
        ("I1", "refusal"),
    ),
    Mutant(
        "moves nobody for another",
        "quorum",
        "or _place(held[place], routes, heard, held, seen)",
        "",
        ("quorum",),
    ),
    Mutant(
        "expires by the clock",
        "fold",
        "    reviews = (*case.reviews, _as_review(decision, event))\n",
        "    if event.at_ms > (deadline_ms(case) or 0):\n"
        '        return _refused(case, "too_late")\n'
        "    reviews = (*case.reviews, _as_review(decision, event))\n",
        ("log", "quorum", "I7", "refusal"),
    ),
    Mutant(
        "accepts a decision on a denied case",
        "fold",
        "(State.DENIED, DecisionAdmitted): _closed",
        "(State.DENIED, DecisionAdmitted): _review",
        ("I4", "refusal"),
    ),
    Mutant(
        "accepts a decision on an expired case",
        "fold",
        "(State.EXPIRED, DecisionAdmitted): _closed",
        "(State.EXPIRED, DecisionAdmitted): _review",
        ("I4", "refusal"),
    ),
    Mutant(
        "takes a granted case back",
        "fold",
        "(State.GRANTED, DecisionAdmitted): _closed",
        "(State.GRANTED, DecisionAdmitted): _review",
        ("I4", "refusal"),
    ),
    Mutant(
        "opens a denied case again",
        "fold",
        "(State.DENIED, IntentAdmitted): _again",
        "(State.DENIED, IntentAdmitted): _open",
        ("I4", "refusal"),
    ),
    Mutant(
        "opens a pending case again",
        "fold",
        "(State.PENDING, IntentAdmitted): _again",
        "(State.PENDING, IntentAdmitted): _open",
        ("log", "quorum", "I7", "refusal"),
    ),
    Mutant(
        "lets a refused input close a pending case",
        "fold",
        "if case or body.kind is not Kind.INTENT",
        "if (case and case.closing) or body.kind is not Kind.INTENT",
        ("log", "quorum", "I7", "refusal"),
    ),
    Mutant(
        "has anybody deny another's intent beforehand",
        "fold",
        "body.kind is not Kind.INTENT or not body.answerable",
        "body.kind is not Kind.INTENT",
        ("refusal", "log"),
    ),
    Mutant(
        "ignores the action's digest",
        "fold",
        "not _same(decision.action_digest, intent.action_digest)",
        "False",
        ("I1", "refusal"),
    ),
    Mutant(
        "ignores the digest of what was shown",
        "fold",
        "decision.display_digest != intent.display_digest",
        "False",
        ("I1", "refusal"),
    ),
    Mutant(
        "ignores the digest of all that was shown",
        "fold",
        "decision.view_digest != case.view_digest",
        "False",
        ("I1", "refusal"),
    ),
    Mutant(
        "leaves the gate out of what is shown",
        "view",
        'view.model_dump(mode="json")',
        'view.model_dump(mode="json", exclude={"gate"})',
        ("shown",),
    ),
    Mutant(
        "shows a deadline that nobody signs",
        "view",
        'view.model_dump(mode="json")',
        'view.model_dump(mode="json", exclude={"deadline_ms"})',
        ("shown",),
    ),
    Mutant(
        "publishes requests unsigned",
        "projections",
        'update={"envelope": envelope}',
        "update={}",
        ("signed",),
    ),
    Mutant(
        "signs a request without who has agreed",
        "view",
        'exclude={"display", "envelope"}',
        'exclude={"display", "envelope", "routes"}',
        ("signed",),
    ),
    Mutant(
        "ignores the masker's revision",
        "fold",
        "decision.masker_revision != intent.masker_revision",
        "False",
        ("I1", "refusal"),
    ),
    Mutant(
        "ignores the policy's revision",
        "fold",
        "decision.policy_revision != intent.ruling.revision",
        "False",
        ("I1", "refusal"),
    ),
    Mutant(
        "lets anybody deny",
        "fold",
        '"not_a_reviewer": not asked,',
        '"not_a_reviewer": False,',
        ("refusal",),
    ),
    Mutant(
        "counts a second approval of one person",
        "fold",
        '"already_decided": decision.person in earlier and approves,\n'
        '        "same_person": bool(earlier)',
        '"already_decided": False,\n        "same_person": False',
        ("refusal",),
    ),
    Mutant(
        "grants what nobody was shown whole",
        "fold",
        "approves and not intent.whole",
        "False",
        ("I1", "refusal"),
    ),
    Mutant(
        "grants what is forbidden",
        "fold",
        "if ruling.effect is Effect.PERMIT",
        "if ruling.effect is not Effect.REVIEW",
        ("I1", "refusal"),
    ),
    Mutant(
        "waits where nobody can be asked",
        "fold",
        "if ruling.effect is Effect.REVIEW and ruling.routes",
        "if ruling.effect is Effect.REVIEW",
        ("log", "quorum", "I7", "refusal"),
    ),
    Mutant(
        "takes the last deadline instead of the first",
        "case",
        "return min([*ends",
        "return max([*ends",
        ("I5", "quorum", "shown"),
    ),
    Mutant(
        "never expires",
        "fold",
        "body.deadline_ms < due",
        "body.deadline_ms <= due",
        ("I5", "quorum"),
    ),
    Mutant(
        "expires too early",
        "fold",
        "or body.deadline_ms < due",
        "",
        ("log", "quorum", "I7", "refusal"),
    ),
    Mutant(
        "forgets which event it has counted",
        "fold",
        "    if any(review.event_id == event.event_id for review in case.reviews):\n"
        "        return _repeated(case)\n    objection",
        "    objection",
        ("I7",),
    ),
    Mutant(
        "moves the row of a refused event",
        "fold",
        _UNMOVED,
        _UNMOVED.replace(
            "return Step(", "case = case and _with(case, opened_at_ms=0)\n    return Step("
        ),
        ("refusal",),
    ),
    Mutant(
        "draws grant ids",
        "fold",
        'return derived_id("grant", intent_id)',
        'return derived_id("grant", intent_id, __import__("secrets").token_hex(8))',
        ("I4", "I7", "I1"),
    ),
    Mutant(
        "believes a foreign executor",
        "fold",
        "case.intent is None or case.intent.executor != body.executor",
        "case.intent is None",
        ("refusal",),
    ),
    Mutant(
        "believes a report on another grant",
        "fold",
        "body.grant_id != grant_id(case.intent_id)",
        "False",
        ("refusal",),
    ),
    Mutant(
        "lets a second report replace the first",
        "fold",
        "case.outcome is not None and case.outcome.status is not Status.UNKNOWN",
        "False",
        ("refusal",),
    ),
    Mutant(
        "moves the grant with every report",
        "projections",
        "position=closing.position,",
        "position=case.applied,",
        ("I4", "refusal"),
    ),
    Mutant(
        "grants for longer than was asked",
        "projections",
        "min(closing.at_ms + intent.grant_ttl_ms, intent.expires_at_ms)",
        "closing.at_ms + intent.grant_ttl_ms",
        ("I1", "refusal"),
    ),
    Mutant(
        "tells nobody of a denial",
        "projections",
        "if ended is not None:\n        outputs",
        "if ended is not None and case.state is State.GRANTED:\n        outputs",
        ("I5", "quorum"),
    ),
    Mutant(
        "lets any agent cancel",
        "fold",
        "(case.intent is None or case.intent.agent != body.by)",
        "False",
        ("refusal",),
    ),
    Mutant(
        "revokes what was reported",
        "fold",
        'return "already_reported" if case.outcome is not None else ""',
        'return ""',
        ("refusal",),
    ),
    Mutant(
        "forgets that it was granted",
        "fold",
        "        state=State.REVOKED,\n        revocation=ordered,",
        "        state=State.REVOKED,\n        closing=None,\n        revocation=ordered,",
        ("I4",),
    ),
    Mutant(
        "opens a revoked case again",
        "fold",
        "(State.REVOKED, IntentAdmitted): _again",
        "(State.REVOKED, IntentAdmitted): _open",
        ("I4", "refusal"),
    ),
    Mutant(
        "counts decisions on a revoked case",
        "fold",
        "(State.REVOKED, DecisionAdmitted): _closed",
        "(State.REVOKED, DecisionAdmitted): _review",
        ("I4", "refusal"),
    ),
    Mutant(
        "lets a halt close a case",
        "fold",
        "in NOTED:\n        return _recorded(body.control.value, case)\n    objection",
        "is None:\n        return _recorded(body.control.value, case)\n    objection",
        ("recorded", "refusal", "I4"),
    ),
    Mutant(
        "records no halt where a revocation stands under its scope",
        "fold",
        "if isinstance(body, ControlAdmitted) and body.control in NOTED:",
        "if isinstance(body, ControlAdmitted) and body.control is ControlKind.SHRED:",
        ("recorded", "refusal", "I4"),
    ),
    Mutant(
        "tells nobody of a revocation",
        "projections",
        "ended = case.revocation or case.closing",
        "ended = case.closing",
        ("I5", "quorum"),
    ),
)
