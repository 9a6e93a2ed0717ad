"""Who is who: agents, people, executor classes, the resources they look after, the gate's own keys.

    gate:       {seal: KEY, grants: [KEY], audit: [KEY]}
    people:     {ada: {title: ..., groups: [privacy-officers], keys: [KEY], status: active,
                       oidc: [{issuer: https://id.example, subject: ...}],
                       delegates: [{to: sam, until: 2026-12-24T18:00:00Z}]}}
    agents:     {triage-bot: {owner: ada, acts_for: [privacy-officers], status: active}}
    executors:  {clinic-db: {keys: [KEY], seal: KEY}}
    resources:  [{type: Table, id: patients, executor: clinic-db, attributes: {env: prod}}]
    oidc:       [{issuer: https://id.example, audience: phigate, jwks: id-example.jwks,
                  groups: {privacy: [privacy-officers]}}]

A KEY is one line of text, as `phigate key new` prints it. One key belongs to one owner, whatever it
is for: who signed must never be a question. A suspended person's keys still name the person, for
what was signed before, and approve nothing more. A key and the subjects of a login are one person.

    identity.py  identity providers, subjects, delegations
    part.py    what the models are made of
    alike.py   names that cannot be told apart
    catalogue.py   resources, and which entry speaks of one
    model.py   the frozen models, their cross-checks and the questions they answer
    text.py    YAML without its surprises, and the line of each thing in it
"""

from streams.directory.catalogue import ResourceEntry
from streams.directory.identity import Delegation, Provider, ProviderSubject
from streams.directory.model import (
    AgentEntry,
    Directory,
    ExecutorEntry,
    GateKeys,
    Person,
)

__all__ = [
    "AgentEntry",
    "Delegation",
    "Directory",
    "ExecutorEntry",
    "GateKeys",
    "Person",
    "Provider",
    "ProviderSubject",
    "ResourceEntry",
]
