"""phigate: an action gate for AI agents in healthcare, on Kafka.

The rooms, in the order in which a newcomer reads them:

    events      every message as a frozen model; `CaseEvent`, the closed union of the log
    facts/      what an action would do, as typed facts (pure)
    policy/     Cedar: load, validate, rule (pure)
    masking/    find and change PHI: structure first, then text (no I/O)
    gate/       the fold: case, quorum, transition table, projections (pure)
    audit/      what makes the log provable to a stranger (pure)
    wire/       bytes <-> messages, topics, Kafka clients
    control/    the kill switch: halt, resume, revoke, cancel
    worker/     Faust hosts the core and decides nothing: admit, fold, audit
    agent/      the agent's SDK            approver/   inbox, screen, decisions
    executor/   the executor's SDK         auditor/    verification against Kafka or a file
    identity/   approvers' logins: OIDC    operator/   keys, directory, policy
    doctor/     how a gate really stands   reveal/     showing a reviewer more, under policy
    embedded/   a real Kafka on this machine

Below them all: `signing`, `sealing`, `settings`, `directory`, `errors`, `extras`, `clock`, and
`commandline`, what all commands have in common. The import contracts in pyproject.toml hold the
order. Nothing heavy is imported here.
"""

__all__ = ["__version__"]

__version__ = "0.2.0"
