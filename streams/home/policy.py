"""`phigate policy check | test`: does a policy set load, is it meant so, what would it say."""

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from streams.commandline import AS_JSON, HOME, Group, say
from streams.errors import OperatorError
from streams.exits import Exit

if TYPE_CHECKING:
    from streams.policy import PolicyRequest, PolicySet
    from streams.policy.suspects import Suspect


def _load(directory: Path) -> "PolicySet":
    from streams.policy import PolicySet  # noqa: PLC0415 - Cedar loads when it is needed
    from streams.policy.files import read_policies  # noqa: PLC0415 - `--help` is quick

    return PolicySet.load(*read_policies(directory))


_DIRECTORY = click.argument(
    "directory", type=click.Path(exists=True, file_okay=False, path_type=Path)
)


@click.group(cls=Group)
def policy() -> None:
    """Check a policy set, and try what it says."""


@policy.command()
@click.argument(
    "directory", type=click.Path(exists=True, file_okay=False, path_type=Path), required=False
)
@HOME
@click.option(
    "--sarif",
    "sarif_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the mistakes there as SARIF 2.1.0, for code hosts and editors.",
)
@AS_JSON
def check(
    directory: Path | None, home: Path | None, sarif_file: Path | None, as_json: bool
) -> None:
    r"""Load the policies of DIRECTORY, list what each rule asks, and name what cannot be meant.

    Rules that never apply, that lift the wrong way round, that another rule shadows, words that a
    fact cannot be, actions that nothing permits. Without DIRECTORY, those that the settings name.
    Without it or with --home they are held against the directory file too: agents, people, groups,
    resources, attributes that it does not have, routes that nobody can fill. Each mistake is named
    with file and line. Exit codes: 0 no mistakes, 2 there are, or it does not load.

    \b
    Examples:
      phigate policy check
      phigate policy check policy --home /srv/phigate
      phigate policy check policy --json | jq '.mistakes[].code'
      phigate policy check policy --sarif policy.sarif
    """
    from streams.policy import rows  # noqa: PLC0415 - Cedar loads when it is needed
    from streams.settings import load_settings  # noqa: PLC0415 - `phigate --help` stays quick

    settings = load_settings(home=home)
    from streams.policy import PolicySet  # noqa: PLC0415 - Cedar loads when it is needed
    from streams.policy.files import read_policies  # noqa: PLC0415 - the same

    texts = read_policies(directory or settings.policies)
    policies = PolicySet.load(*texts)
    held = settings.directory if home or not directory else None
    held = held if held and held.exists() else None
    wrong = _mistakes(texts, policies, held)
    if sarif_file:
        _write_sarif(sarif_file, wrong)
    rules, actions = rows(policies), sorted(policies.actions)
    if as_json:
        found = {"revision": policies.revision, "actions": actions, "rules": rules}
        click.echo(json.dumps({**found, "mistakes": [asdict(each) for each in wrong]}))
    else:
        _print_table(rules)
        click.echo(f"\n{len(rules)} rules on {len(actions)} actions. {_count(wrong)}")
        for each in wrong:
            say(str(each), before="mistake: ", indent=9)
        if held is None:
            say("whether people can answer was not looked at: that takes --home, or no DIRECTORY")
        click.echo(f"revision {policies.revision}")
    if wrong:
        sys.exit(Exit.ACT)


def _mistakes(
    texts: tuple[Mapping[str, str], str], policies: "PolicySet", held: Path | None
) -> "list[Suspect]":
    from streams.directory import Directory  # noqa: PLC0415 - `phigate --help` stays quick
    from streams.home.mistakes import unlifted, world  # noqa: PLC0415 - the same
    from streams.masking.tokens import KINDS  # noqa: PLC0415 - the same
    from streams.policy.suspects import suspects  # noqa: PLC0415 - the same

    if held is None:
        return list(suspects(*texts))
    directory = Directory.load(held)
    found = suspects(*texts, world(directory, KINDS))
    return sorted({*found, *unlifted(directory, policies.rules)})


def _write_sarif(file: Path, wrong: "list[Suspect]") -> None:
    from streams import __version__  # noqa: PLC0415 - seldom needed
    from streams.files import write  # noqa: PLC0415 - the same
    from streams.home.mistakes import sarif  # noqa: PLC0415 - the same

    write(file, json.dumps(sarif(wrong, __version__), indent=2) + "\n", mode=0o644)


def _count(wrong: "list[Suspect]") -> str:
    return f"{len(wrong)} mistakes." if wrong else "No problems."


@policy.command(name="test")
@_DIRECTORY
@click.option(
    "--request",
    "request_file",
    type=click.File(encoding="utf-8"),
    required=True,
    help="A JSON file with the request to try; - reads it from standard input.",
)
@AS_JSON
def try_request(directory: Path, request_file: TextIO, as_json: bool) -> None:
    r"""Say how the policies of DIRECTORY would rule on a request. Nothing is sent anywhere.

    `agent`, `action`, `resource_type` and `resource_id` must be given; `facts` that are not given
    are unknown (`phigate try` reads them off an intent). Exit codes: 0 permit or
    review, 1 forbid, 2 the policies or the request cannot be read.

    \b
    Example:
      echo '{"agent": "reporter", "on_behalf_of": "mira", "action": "data.export",
             "resource_type": "table", "resource_id": "patients",
             "attributes": {"env": "prod"}, "phi": {"PERSON": 2}, "items": 40}' |
        phigate policy test ~/.phigate/policy --request -
    """
    ruling = _load(directory).rule(_request(request_file.read()))
    from streams.policy import explain  # noqa: PLC0415 - Cedar loads when it is needed

    click.echo(ruling.model_dump_json() if as_json else explain(ruling))
    sys.exit(1 if ruling.effect.value == "forbid" else 0)


_UNSAID: Mapping[str, Any] = {"owner": "", "on_behalf_of": None, "whole": True, "items": 1}


def _request(text: str) -> "PolicyRequest":
    from pydantic import ValidationError  # noqa: PLC0415 - `phigate --help` stays quick

    from streams.policy import PolicyRequest  # noqa: PLC0415 - Cedar loads when it is needed

    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        raise OperatorError("the request is not JSON: see `phigate policy test --help`") from None
    if not isinstance(given, dict):
        raise OperatorError("the request must be a JSON object: see `phigate policy test --help`")
    try:
        word = "allowed" if given.get("on_behalf_of") else "none"
        return PolicyRequest.model_validate({**_UNSAID, "requester": word, **given})
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)
        lines = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in found]
        raise OperatorError("the request does not read:\n" + "\n".join(lines)) from None


def _print_table(rules: list[dict[str, Any]]) -> None:
    from rich.console import Console  # noqa: PLC0415 - `phigate --help` stays quick
    from rich.table import Table  # noqa: PLC0415 - `phigate --help` stays quick

    table = Table("rule", "on", "says", box=None, pad_edge=False, header_style="bold")
    for rule in rules:
        table.add_row(rule["id"], _scope(rule["actions"]), _says(rule))
    Console(highlight=False, markup=False).print(table)


def _scope(actions: list[str] | None) -> str:
    if actions is None:
        return "any action"
    return actions[0] if len(actions) == 1 else f"{len(actions)} actions"


def _says(rule: dict[str, Any]) -> str:
    unmasks = ", unmasked" if rule["unmask"] else ""
    if rule["effect"] == "permit":
        return f"permits{unmasks}"
    if rule["route"] is None:
        return f"refuses: {rule['reason']}"
    level = " after a login" if rule["assurance"] == "oidc" else ""
    return f"asks {rule['quorum']} of {rule['route']}{level} within {rule['within']}{unmasks}"
