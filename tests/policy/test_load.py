"""Whatever is wrong with a policy set is named with file and line, all of it at once."""

from collections.abc import Callable

import pytest

from streams.errors import PolicyError
from streams.policy import PolicySet, policyset
from streams.policy.source import PolicyStatement

Load = Callable[..., PolicySet]

PERMIT = '@id("p") permit (principal, action, resource);'
LIFT = 'unless { context.reviews.contains("g") }'

IFS = f"{'if true then ' * 100}true{' else true' * 100}"

# The text of 0.cedar, with (*) for a scope of everything, and what the error must hold.
WRONG = (
    ("permit (*);", "0.cedar:1: missing @id: give"),
    ("// note\n\n@id\npermit (*);", "0.cedar:3: missing @id"),
    ('@id("a b") permit (*);', "0.cedar:1: malformed @id"),
    (
        f'{PERMIT}\n@id("p")\npermit (*);',
        '0.cedar:2: duplicate @id("p"): it already stands at 0.cedar:1',
    ),
    ('@id("a")\n@doc("x")\npermit (*);', "0.cedar:2: unknown annotation @doc"),
    ('@id("a")\n@route("g")\npermit (*);', "0.cedar:2: @route on a permit"),
    ('@id("a") @reason("no")\npermit (*);', "0.cedar:1: @reason on a permit"),
    ('@id("a")\n@reason("no")\n@quorum("2")\nforbid (*);', "0.cedar:3: @quorum without @route"),
    ('@id("a") @reason("no")\n@within("PT1H")\nforbid (*);', "0.cedar:2: @within without @route"),
    (
        '@id("a") @reason("no")\n@unmask("executor")\nforbid (*);',
        "0.cedar:2: @unmask without @route",
    ),
    ('\n@id("a")\nforbid (*);', "0.cedar:2: a forbid needs @route"),
    ('@id("a")\n@reason("Not Snake")\nforbid (*);', "0.cedar:2: malformed @reason"),
    ('@id("a")\n@reason\nforbid (*);', "0.cedar:2: empty @reason"),
    (f'@id("a")\n@route("")\nforbid (*) {LIFT};', "0.cedar:2: empty @route"),
    (f'@id("a") @route("g h")\nforbid (*) {LIFT};', "0.cedar:1: malformed @route"),
    ('@id("a") @unmask("everybody") permit (*);', "0.cedar:1: malformed @unmask"),
    (
        '@id("a")\n@route("g")\nforbid (*);',
        "0.cedar:2: the rule never reads the review of its @route",
    ),
    ('@id("a") @id("b") permit (*);', "0.cedar:1: duplicate annotation: @id"),
    (
        f"{PERMIT}\npermit (\n  principal,\n  action resource\n);",
        "0.cedar:4: unexpected token `resource`",
    ),
    (f'{PERMIT}\n@id("a")\npermit (*)\n', "0.cedar:3: unexpected end of input"),
    (f"{PERMIT};", "0.cedar:1: unexpected token `;`"),
    (f'{PERMIT} "tail"', "0.cedar:1: "),
    (f'{PERMIT}\n\n@id("never ends', "0.cedar:3: invalid token"),
    ('@id("t")\npermit (principal == ?principal, action, resource);', "0.cedar:1: templates"),
    (
        f'{PERMIT}\n@id("a")\npermit (principal, action == Action::"reda", resource);',
        '0.cedar:2: a: unrecognized action `Action::"reda"`',
    ),
    (
        '@id("a") permit (*) when { context.phy.present };',
        "0.cedar:1: a: attribute `phy` in context",
    ),
    ('@id("a") permit (*) when { context.items == "1" };', "0.cedar:1: a: "),
    ('@id("a") permit (*) when { resource.getTag("x") == "1" };', "0.cedar:1: a: "),
    ("", "the policy set is empty"),
    ("// nothing; but words\n", "the policy set is empty"),
    (
        f'@id("a") permit (*) when {{ {"(" * 5000}true{")" * 5000} }};',
        "0.cedar:1: a rule over 10000 characters",
    ),
    (
        f'@id("a") permit (*) when {{ {"(" * 2000}true{")" * 2000} }};',
        "0.cedar:1: a rule nested over 64 deep",
    ),
    (f'@id("a") permit (*) when {{ {IFS} }};', "0.cedar:1: a rule nested over 64 deep"),
    ("// x" * 250_001, "over the limit of 1000000"),
    (
        "\n".join(f'@id("p{i}") permit (*);' for i in range(1001)),
        "0.cedar:1001: more than 1000 rules",
    ),
)


@pytest.mark.parametrize(("text", "expected"), WRONG, ids=range(len(WRONG)))
def test_wrong_policy(load: Load, text: str, expected: str) -> None:
    """Each defect is refused, and its place and reason are said."""
    with pytest.raises(PolicyError) as caught:
        load(text.replace("(*)", "(principal, action, resource)"))

    assert expected in str(caught.value)
    assert "phigate policy check" in caught.value.hint


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "two", "", "01", "21", "1000000"])
def test_wrong_quorum(load: Load, value: str) -> None:
    """A quorum is a whole number from 1 to 20."""
    text = f'@id("a") @route("g")\n@quorum("{value}")\nforbid (principal, action, resource) {LIFT};'
    with pytest.raises(PolicyError, match=r"^0\.cedar:2: (malformed|empty) @quorum: "):
        load(text)


@pytest.mark.parametrize(
    "value", ["", "4h", "PT", "P", "P1M", "P1Y", "PT-1H", "PT0S", "P8D", "PT1.5H", "P1DT", "PT٤H"]
)
def test_wrong_within(load: Load, value: str) -> None:
    """A time limit is an ISO 8601 duration of fixed length, from a second to a week."""
    text = f'@id("a") @route("g")\n@within("{value}")\nforbid (principal, action, resource) {LIFT};'
    with pytest.raises(PolicyError, match=r"^0\.cedar:2: (malformed|empty) @within: "):
        load(text)


def test_all_problems_at_once(load: Load) -> None:
    """Problems of several files, and of validation, come in one error, by file and line."""
    with pytest.raises(PolicyError) as caught:
        load(
            f'{PERMIT}\nforbid (principal, action, resource);\n@id("x") permit (principal);',
            '@id("p") @quorum("0")\npermit (principal, action, resource) when { context.nothing };',
        )

    lines = str(caught.value).splitlines()
    assert ["0.cedar:2", "0.cedar:2", "0.cedar:3"] == [
        line.split(": ")[0] for line in lines if line.startswith("0")
    ]
    said = "\n".join(line for line in lines if line.startswith("1"))
    for part in ("duplicate @id", "malformed @quorum", "@quorum on a permit", "`nothing`"):
        assert part in said


def test_semicolons_in_strings_and_comments(load: Load) -> None:
    """A `;` in a string or a comment ends no rule, and a quote in a comment opens no string."""
    policies = load(
        '// it"s; a comment\n@id("a")\npermit (principal, action, resource) // one; two\n'
        'when { resource.id != "\\";//" && resource.id != "\n;" };\n// done; "\n@id("b") '
        'permit (principal, action, resource); // "\r@id("c") permit (principal, action, resource);'
        '@id("d") permit (principal, action, resource);'
    )

    assert [("a", 2), ("b", 7), ("c", 7), ("d", 7)] == [
        (rule.id, rule.line) for rule in policies.rules
    ]


def test_a_string_that_never_ends(load: Load) -> None:
    """What stands after an open quote is text, so there is one problem and no more."""
    with pytest.raises(PolicyError, match=r"\A0\.cedar:2: invalid token\Z"):
        load(f'{PERMIT}\n@id("never; ends; here')


def test_cutting_is_checked(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    """If a piece ever held more rules than one, nothing would load."""

    def uncut(file: str, text: str) -> list[PolicyStatement]:
        return [PolicyStatement(file, 1, text, text)]

    monkeypatch.setattr(policyset, "statements", uncut)
    with pytest.raises(PolicyError, match="one rule expected"):
        load(f"{PERMIT}{PERMIT}")


def test_crlf(load: Load) -> None:
    """Windows line ends count as one line."""
    policies = load('// a\r\n\r\n@id("a")\r\npermit (principal, action, resource);\r\n')

    assert [3] == [rule.line for rule in policies.rules]


def test_defaults(load: Load) -> None:
    """A route without more asks one person within a day."""
    (rule,) = load(f'@id("a") @route("g") forbid (principal, action, resource) {LIFT};').rules

    assert (1, 86_400_000, False, "") == (rule.quorum, rule.within_ms, rule.unmask, rule.reason)


def test_no_files() -> None:
    """A set of no files is an error for the operator, not a set that permits nothing."""
    with pytest.raises(PolicyError, match="the policy set is empty"):
        PolicySet.load({}, "")


@pytest.mark.parametrize("value", ["", "OIDC", "none", "key,oidc"])
def test_wrong_assurance(load: Load, value: str) -> None:
    """There are two levels, and a misspelled one is no lower one."""
    text = (
        f'@id("a") @route("g")\n@assurance("{value}")\nforbid (principal, action, resource) {LIFT};'
    )
    with pytest.raises(PolicyError, match=r"^0\.cedar:2: (malformed|empty) @assurance: "):
        load(text)


def test_assurance_without_route(load: Load) -> None:
    """Where nobody is asked there is no level to demand."""
    text = '@id("a") @reason("no")\n@assurance("oidc")\nforbid (principal, action, resource);'
    with pytest.raises(PolicyError, match=r"^0\.cedar:2: @assurance without @route"):
        load(text)
