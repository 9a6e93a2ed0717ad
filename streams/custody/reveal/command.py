"""`phigate reveal ask | open | key`: see more of a masked request, if policy and people agree."""

# ruff: noqa: PLC0415 - heavy imports wait for the command that needs them: `--help` is quick

import json
from pathlib import Path

import click

from streams.commandline import AS_JSON, HOME, Group, Spoken

AGENT = "reveal-desk"
TTL_S = 3_600
_AS = click.option("--as", "name", envvar="PHIGATE_PERSON", required=True, help="Who you are.")


@click.group(cls=Group)
def reveal() -> None:
    """See more of a masked request, if the policy and another person agree."""


@reveal.command()
@click.argument("intent", metavar="INTENT")
@click.option("--fields", required=True, help="justification, params, params.name; by comma.")
@click.option(
    "--reason", type=Spoken(), required=True, help="Why you need to see them; @FILE, or -."
)
@_AS
@HOME
@click.option("--bootstrap", metavar="HOST:PORT", help="The cluster.")
@AS_JSON
def ask(  # noqa: PLR0913 - the options of one command
    *,
    intent: str,
    fields: str,
    reason: str,
    name: str,
    home: Path | None,
    bootstrap: str | None,
    as_json: bool,
) -> None:
    r"""Ask to be shown fields of INTENT. It is an intent itself: action phi.reveal.

    Somebody else decides, as the policy says: nobody grants their own reveal. Prints its id; then
    `phigate wait ID --outcome`, and `phigate reveal open ID`. Where keys/people/NAME.key is there,
    it signs; else the directory has to let the agent reveal-desk act for you.

    Exit codes: 0 asked, 2 a problem.

    \b
    Example:
      phigate reveal ask 0192a7c4-11aa-7000-8000-000000000001 --fields params.name \
        --reason "Two patients of this initial" --as petra
    """
    from streams.agent import Agent
    from streams.agent.secret import own_key
    from streams.custody.reveal.desk import ACTION, RESOURCE
    from streams.custody.reveal.fields import checked
    from streams.errors import InputError, OperatorError
    from streams.settings import load_settings

    try:
        wanted = checked([each.strip() for each in fields.split(",")])
        settings = load_settings(home=home, bootstrap=bootstrap)
        with Agent(AGENT, settings, on_behalf_of=name) as agent:
            made = agent.propose(
                ACTION,
                (RESOURCE, intent.lower()),
                {"fields": list(wanted)},
                reason,
                TTL_S,
                person_key=own_key(settings.keys, name),
            )
    except InputError as error:
        raise OperatorError(str(error), hint=error.hint) from None
    click.echo(json.dumps({"reveal_id": made}) if as_json else made)


@reveal.command(name="open")
@click.argument("reveal_id", metavar="REVEAL")
@_AS
@click.option("--key", type=click.Path(path_type=Path), help="Your seal key. [default: the home's]")
@click.option("--file", type=click.Path(path_type=Path), help="The reveal, if it was carried here.")
@HOME
def open_(
    *, reveal_id: str, name: str, key: Path | None, file: Path | None, home: Path | None
) -> None:
    r"""Show what was revealed to you. It opens with your seal key and with no other.

    Exit codes: 0 shown, 2 a problem: it is not there, or not for you.

    \b
    Example:
      phigate reveal open 0192a7c4-22bb-7000-8000-000000000002 --as petra
    """
    from streams.custody.reveal.sealed import FOLDER, SealedReveal
    from streams.errors import InputError, OperatorError
    from streams.sealing import SealKey
    from streams.settings import load_settings

    settings = load_settings(home=home)
    path = file or settings.home / FOLDER / f"{Path(reveal_id.lower()).name}.json"
    own = SealKey.load(key or settings.keys / "people" / f"{Path(name).name}.seal")
    try:
        values = SealedReveal.load(path).open(own)
    except InputError as error:
        raise OperatorError(f"it was not revealed to {name}: {error}") from None
    click.echo(json.dumps(values, indent=2))  # escaped: it cannot act on the terminal


@reveal.command()
@click.argument("name")
@HOME
@AS_JSON
def key(name: str, home: Path | None, as_json: bool) -> None:
    r"""Make the key to which reveals for the person NAME are sealed, and print its line.

    Exit codes: 0 made, 2 a problem.

    \b
    Example:
      phigate reveal key petra
    """
    from streams.sealing import SealKey
    from streams.settings import load_settings

    path = load_settings(home=home).keys / "people" / f"{Path(name).name}.seal"
    made = SealKey.new(name)
    made.save(path)
    if as_json:
        click.echo(json.dumps({"file": str(path), "seal": made.public.text}))
        return
    click.echo(f"made {path}\nput this under people.{name} in the directory file:\n", err=True)
    click.echo(f"    seal: {made.public.text}")
