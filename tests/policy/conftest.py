"""The example set, a small schema, and a request to change."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from streams.policy import PolicyRequest, PolicySet
from streams.policy.files import example
from tests.facts import samples

SCHEMA = """
entity Agent = { owner: String, on_behalf_of: String };
entity Resource = { "type": String, id: String, env: String } tags String;
type Context = {
  phi: { present: Bool, kinds: Set<String>, count: Long, unsure: Long },
  reviews: Set<String>, whole: Bool, items: Long, on_behalf_of: String, facts: Facts,
  requester: String,
};
type Facts = {
  sql: {
    read: String, statements: String, aggregate: String, kinds: Set<String>,
    effects: Set<String>, tables: Set<String>, columns: Set<String>, functions_unknown: Long,
    filter: String, limit: String, rows: Long, beside: Long,
    active_comment: Bool, odd_characters: Bool, settings_dependent: Bool,
  },
  recipients: { count: Long, external: Long, shape: String },
  http: { calls: String, methods: Set<String>, hosts: Set<String>, writes: String },
  files: { count: Long, outside: String },
  amounts: { largest: Long, rows: Long },
  shell: { commands: String, chained: String, programs: Set<String> },
  fhir: { interactions: Set<String>, types: Set<String>, writes: String },
};
action reading;
action "read", "write" in [reading]
  appliesTo { principal: Agent, resource: Resource, context: Context };
"""

Load = Callable[..., PolicySet]
Ask = Callable[..., PolicyRequest]


@pytest.fixture(scope="session")
def hospital() -> PolicySet:
    """Return the shipped example set."""
    return PolicySet.load(*example())


@pytest.fixture(scope="session")
def load() -> Load:
    """Return a loader of one text, or of several, against the small schema."""

    def load_texts(*texts: str, schema: str = SCHEMA) -> PolicySet:
        return PolicySet.load({f"{i}.cedar": text for i, text in enumerate(texts)}, schema)

    return load_texts


@pytest.fixture(scope="session")
def ask() -> Ask:
    """Return a maker of requests: harmless unless said otherwise."""

    def make(**changes: Any) -> PolicyRequest:
        behalf = changes.get("on_behalf_of", "jon")
        harmless = {
            "agent": "reporter",
            "owner": "mira",
            "on_behalf_of": "jon",
            "requester": "none" if behalf is None else "allowed",
            "action": "read",
            "resource_type": "table",
            "resource_id": "patients",
            "attributes": {"env": "prod"},
            "phi": {},
            "whole": True,
            "items": 1,
            "facts": samples.FIGURES,
        }
        return PolicyRequest.model_validate({**harmless, **changes})

    return make


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """Return a directory with the example set written to it."""
    texts, schema = example()
    for name, text in {**texts, "schema.cedarschema": schema}.items():
        (tmp_path / name).write_text(text)
    return tmp_path
