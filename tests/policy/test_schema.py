"""A schema must parse, and fit what phigate says of an intent."""

from collections.abc import Callable

import cedarpy
import pytest

from streams.errors import PolicyError
from streams.policy import PolicySet
from streams.policy.schema import granting
from tests.policy.conftest import SCHEMA

Load = Callable[..., PolicySet]

PERMIT = '@id("p") permit (principal, action, resource);'
ENTITIES = """entity Agent = { owner: String, on_behalf_of: String };
entity Resource = { "type": String, id: String, env: String } tags String;
"""
FACTS = SCHEMA[SCHEMA.index("type Facts") :].split("\n};")[0].replace("\n", " ") + " };\n"
CONTEXT = """{ phi: { present: Bool, kinds: Set<String>, count: Long, unsure: Long },
  reviews: Set<String>, whole: Bool, items: Long, on_behalf_of: String, facts: Facts,
  requester: String }"""
_APPLIES = f"appliesTo {{ principal: Agent, resource: Resource, context: {CONTEXT} }}"
ACTION = f'{FACTS.strip()} action "x" {_APPLIES};'

WRONG = (
    ("entity A = {\n  x: Long;\n};", "schema.cedarschema:2: error parsing schema"),
    (f"{ENTITIES}\nentity B\n", "schema.cedarschema:4: error parsing schema: unexpected end"),
    (f"{ENTITIES}\nentity B = {{ a: Strin }};", "cedarschema:4: failed to resolve type: Strin"),
    (f"{ENTITIES}\nentity Agent;", "cedarschema:1: error parsing schema: `Agent` is declared"),
    (f'{ENTITIES}action "x" in ["zz"];', "schema.cedarschema:3: undeclared action"),
    ("", "schema.cedarschema:1: no action"),
    (f"{ENTITIES}action all;", "schema.cedarschema:1: no action"),
    (f"{ENTITIES}{ACTION}\nnamespace N {{ entity E; }}", "schema.cedarschema:6: declare Agent"),
    (f"{ENTITIES}{ACTION.replace('whole: Bool, ', '')}", "schema.cedarschema:3: x does not fit"),
    (f"{ENTITIES}{ACTION.replace('items: Long', 'items: String')}", "x does not fit"),
    (f"{ENTITIES}{ACTION.replace('whole: Bool', 'whole: Bool, mood: String')}", "x does not fit"),
    (f"{ENTITIES.replace('env: String', 'env: Long')}{ACTION}", "x does not fit"),
    (f"{ENTITIES.replace(' tags String', '')}{ACTION}", "x does not fit"),
    (f"{ENTITIES}{ACTION.replace('resource: Resource', 'resource: Agent')}", "x does not fit"),
    (f"type T = {'{a: ' * 3000}Long{'}' * 3000};", "schema.cedarschema:1: nested over 64 deep"),
)


@pytest.mark.parametrize(("schema", "expected"), WRONG, ids=range(len(WRONG)))
def test_wrong_schema(load: Load, schema: str, expected: str) -> None:
    """Each defect of a schema is refused, and its place and reason are said."""
    with pytest.raises(PolicyError) as caught:
        load(PERMIT, schema=schema)

    assert expected in str(caught.value)


def test_policy_and_schema_problems_together(load: Load) -> None:
    """A schema that does not parse hides no problem of the policies."""
    with pytest.raises(PolicyError, match=r"(?s)0\.cedar:1: missing @id.*schema\.cedarschema:1: "):
        load("permit (principal, action, resource);", schema="$")


def test_actions(load: Load) -> None:
    """Actions are what agents can ask for; a group of actions is none."""
    assert {"read", "write"} == load(PERMIT).actions


def test_no_action_from_a_string(load: Load) -> None:
    """Text that looks like an action, in an annotation or a comment, declares none."""
    head = 'action "evil" appliesTo {'
    escaped = head.replace('"', '\\"')
    fake = f'// {head}\n@doc("\\n{escaped}\n{escaped}")\n'

    assert {"x"} == load(PERMIT, schema=f"{ENTITIES}{fake}{ACTION}").actions


def test_actions_that_grant_are_annotated(hospital: PolicySet) -> None:
    """`@grants` before an action, or several of one declaration, says that it gives a right."""
    assert frozenset({"iam.grant", "infra.change"}) == hospital.granting
    text = (
        "entity A; entity R;\n"
        '@grants("a role")\naction "role.add", "role.lend" '
        "appliesTo { principal: [A], resource: [R], context: {} };\n"
        'action "role.list" appliesTo { principal: [A], resource: [R], context: {} };\n'
    )
    assert frozenset({"role.add", "role.lend"}) == granting(cedarpy.Schema.from_str(text))
