"""What happens in the demonstration: seven intents, the people who judge them, and ten attacks."""

import csv
import json
import textwrap
from collections import Counter
from collections.abc import Iterator
from typing import Any, TypeVar

import attacks
import clinic
import stage

from streams.agent import Agent
from streams.errors import WireError
from streams.events import (
    AuditEntry,
    CaseEvent,
    DecisionAdmitted,
    Effected,
    Message,
    State,
    Status,
    Verdict,
)
from streams.settings import Settings
from streams.wire import client, codec, topics
from streams.wire.credential import ADMIN, as_role

WAIT_S = 60.0
WIDTH = 96
M = TypeVar("M", bound=Message)

CLINIC, MAIL = "Database/clinic", "Mail/patients"


def tell(settings: Settings) -> dict[str, Any]:
    """Play all scenes and return the summary, counted from the topics."""
    research = Agent("research-agent", settings, on_behalf_of="rita")
    helpdesk = Agent("helpdesk-agent", settings)
    outreach = Agent("outreach-agent", settings, on_behalf_of="carla")
    with research, helpdesk, outreach:
        waiting = _ask_and_leave(research)
        _aggregate(research)
        _export(settings, research)
        _drop(research)
        _bulk_message(settings, outreach)
        _role(settings, helpdesk)
        _expired(research, waiting)
    before = _verdicts(settings)
    ends = _attacks(settings)
    return _summary(settings, before) | {"attacks_failed": attacks.failed(ends)}


def as_expected(summary: dict[str, Any]) -> bool:
    """Return whether the story ended as it should."""
    wanted = {
        "permitted": 1,
        "approved": 2,
        "forbidden": 1,
        "denied": 1,
        "expired": 1,
        "self_approvals_refused": 1,
        "executed": 3,
        "attacks_failed": 10,
        "audit_verified": True,
    }
    return wanted.items() <= summary.items() and summary["audit_entries"] > 0


# ---------------------------------------------------------------- scenes


def _ask_and_leave(agent: Agent) -> str:
    _scene("A request that nobody will answer")
    intent_id = agent.propose(
        "data.export",
        CLINIC,
        {"sql": "SELECT * FROM conditions WHERE mrn = 'd88f994a'", "mrn": "d88f994a"},
        "Somebody asked for it in a chat",
        ttl=15,
    )
    _say("research-agent", "asks for one patient's conditions, for 15 s; we come back to it")
    return intent_id


def _aggregate(agent: Agent) -> None:
    _scene("A harmless aggregate query: permitted at once")
    sql = "SELECT gender, count(*) AS patients FROM patients GROUP BY gender"
    _say("research-agent", f"db.query on {CLINIC}: {sql}")
    intent_id = agent.propose(
        "db.query", CLINIC, {"sql": sql}, "Cohort figures for the board report", ttl=600
    )
    _tell(agent.wait(intent_id, WAIT_S, outcome=True))


def _export(settings: Settings, agent: Agent) -> None:
    _scene("An export of identified patients: a privacy officer must agree")
    names = [row[0] for row in clinic.read("SELECT name FROM patients ORDER BY name LIMIT 3")[1]]
    listed = ", ".join(f"'{name}'" for name in names)
    columns = "name, birth_date, ssn, phone"
    sql = f"SELECT {columns} FROM patients WHERE name IN ({listed})"  # noqa: S608 - from ourselves
    why = f"Recall letters for {names[0]} and two others after the device alert"
    _say("research-agent", f"data.export on {CLINIC}, on behalf of rita")
    intent_id = agent.propose("data.export", CLINIC, {"sql": sql}, why, ttl=600)
    request = stage.request(settings, intent_id)
    _say("rita", "is a privacy officer too, and tries to approve what is done for her:")
    _run(settings, "rita", "approve", intent_id, "--reason", "I need it today", "--anyway")
    _say("petra", "looks at what a reviewer sees:")
    _run(settings, "petra", "show", intent_id)
    _say("petra", "approves:")
    _run(settings, "petra", "approve", intent_id, "--reason", "Checked the alert with the ward")
    verdict = agent.wait(intent_id, WAIT_S, outcome=True)
    _tell(verdict)
    _side_by_side(json.loads(request.display)["params"]["sql"], sql)
    with (clinic.FOLDER / "exports" / f"{verdict.grant_id}.csv").open() as file:
        rows = list(csv.reader(file))
    _say("the file", f"{len(rows) - 1} rows: {', '.join(rows[0])}")


def _drop(agent: Agent) -> None:
    _scene("A DROP in production: forbidden, whoever might agree")
    _say("research-agent", f"db.drop on {CLINIC}: the table `conditions`")
    intent_id = agent.propose("db.drop", CLINIC, {"table": "conditions"}, "Clean up", ttl=600)
    _tell(agent.wait(intent_id, WAIT_S))


def _bulk_message(settings: Settings, agent: Agent) -> None:
    _scene("A message to many: denied, with a reason code that the agent is told")
    recipients = [row[0] for row in clinic.read("SELECT email FROM staff")[1]]
    recipients += [row[0] for row in clinic.read("SELECT phone FROM patients")[1]]
    params = {"recipients": recipients, "text": "The portal is down on Sunday."}
    _say("outreach-agent", f"message.send to {len(recipients)} recipients")
    intent_id = agent.propose("message.send", MAIL, params, "Planned maintenance", ttl=600)
    stage.request(settings, intent_id)
    reason = ("--code", "too_broad", "--reason", "Staff only; patients get letters")
    _say("petra", "denies it:")
    _run(settings, "petra", "deny", intent_id, *reason)
    _tell(agent.wait(intent_id, WAIT_S))


def _role(settings: Settings, agent: Agent) -> None:
    _scene("A role: two people of two groups must agree")
    params = {"account": "svc-reporting", "role": "reader"}
    _say("helpdesk-agent", "iam.grant: the role reader for svc-reporting")
    intent_id = agent.propose("iam.grant", CLINIC, params, "Monthly report", ttl=600)
    stage.request(settings, intent_id)
    for person, reason in (("sam", "Read-only, no PHI views"), ("ian", "Needed for the report")):
        _say(person, "approves:")
        _run(settings, person, "approve", intent_id, "--reason", reason)
    _tell(agent.wait(intent_id, WAIT_S, outcome=True))


def _expired(agent: Agent, intent_id: str) -> None:
    _scene("The request that nobody answered: time is in the log, and the default end is no")
    _tell(agent.wait(intent_id, WAIT_S))


def _attacks(settings: Settings) -> dict[str, tuple[str, str]]:
    _scene("Agents that try to lead the gate: nobody says yes for them")
    ends = attacks.attempt(settings)
    for what, (state, reason) in ends.items():
        _say(state, f"{what}: {reason or 'nobody agreed'}")
    return ends


# ---------------------------------------------------------------- what came of it


def _verdicts(settings: Settings) -> dict[str, Verdict]:
    return {each.intent_id: each for each in _read(settings, "verdicts", Verdict)}


def _summary(settings: Settings, told: dict[str, Verdict]) -> dict[str, Any]:
    _scene("The evidence")
    verified = _run(settings, "", "audit", "verify")
    verdicts = told.values()
    entries = {(e.shard, e.index): e for e in _read(settings, "audit", AuditEntry)}.values()
    ends = Counter(_end(verdict) for verdict in verdicts)
    ok = [v for v in verdicts if v.outcome is not None and v.outcome.status is Status.OK]
    return {
        **{
            name: ends[name] for name in ("permitted", "approved", "forbidden", "denied", "expired")
        },
        "self_approvals_refused": sum(map(_is_refused_self_approval, entries)),
        "executed": len(ok),
        "audit_entries": len(entries),
        "audit_verified": verified,
    }


def _end(verdict: Verdict) -> str:
    if verdict.state is State.GRANTED:
        return verdict.reason
    if verdict.state is State.DENIED:
        return "denied" if verdict.decided_by else "forbidden"
    return verdict.state.value


def _is_refused_self_approval(entry: AuditEntry) -> bool:
    told = entry.consequence
    event = codec.decode(entry.event, CaseEvent)
    return (
        isinstance(event.body, DecisionAdmitted)
        and told.effected is Effected.REFUSED
        and told.reason == "requester_may_not_review"
    )


def _read(settings: Settings, name: str, kind: type[M]) -> Iterator[M]:
    whole = as_role(settings, ADMIN)
    for record in client.records(whole, topics.name(settings, name)):
        try:
            yield codec.decode(record.value or b"", kind)
        except WireError:
            continue


# ---------------------------------------------------------------- telling


def _scene(title: str) -> None:
    print(f"\n== {title}", flush=True)


def _say(who: str, what: str) -> None:
    text = textwrap.fill(what, WIDTH, initial_indent=f"{who:>16}  ", subsequent_indent=" " * 18)
    print(text, flush=True)


def _tell(verdict: Verdict) -> None:
    by = f" by {', '.join(verdict.decided_by)}" if verdict.decided_by else ""
    rules = f" [{', '.join(verdict.policies)}]" if verdict.policies else ""
    why = f": {verdict.rationale}" if verdict.rationale else ""
    _say("the gate", f"{verdict.state.value}{by}, {verdict.reason}{why}{rules}")
    if verdict.outcome is not None:
        _say("the executor", f"{verdict.outcome.status.value}: {verdict.outcome.message}")


def _side_by_side(masked: str, plain: str) -> None:
    _say("reviewer saw", masked)
    _say("executor got", plain)


def _run(settings: Settings, person: str, *arguments: str) -> bool:
    """Run `phigate`, show what was typed and printed, and return whether it exited with 0."""
    shown = [argument[:13] if argument.count("-") == 4 else argument for argument in arguments]  # noqa: PLR2004 - a UUID
    _say("", "$ phigate " + " ".join(f'"{a}"' if " " in a else a for a in shown))
    ended = stage.phigate(settings, person, *arguments)
    for line in (ended.stdout + ended.stderr).splitlines():
        print(f"{'':18}| {line}", flush=True)
    return ended.returncode == 0
