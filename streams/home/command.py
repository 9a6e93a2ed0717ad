"""`phigate init`, `phigate key new | show`, `phigate directory check`."""

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from streams.commandline import AS_JSON, HOME, Group, Lone, say
from streams.errors import OperatorError

if TYPE_CHECKING:
    from streams.directory import Directory
    from streams.home.home import MadeHome
    from streams.home.newkey import NewKey
    from streams.settings import Settings

_FILE = click.Path(path_type=Path)


@click.command(cls=Lone)
@HOME
@click.option("--force", is_flag=True, help="Start anew; what is there is moved aside, not lost.")
@AS_JSON
def init(home: Path | None, force: bool, as_json: bool) -> None:
    r"""Make the home: keys, directory file, example policy, settings.

    What is there already is kept, so it can be run again. Exit codes: 0 all is there, 2 a problem.

    \b
    Examples:
      phigate init
      phigate init --home /srv/phigate
    """
    from streams.directory import Directory  # noqa: PLC0415 - `phigate --help` stays quick
    from streams.home.home import gate_mismatches, make_home  # noqa: PLC0415 - the same
    from streams.settings import load_settings  # noqa: PLC0415 - the same

    settings = load_settings(home=home)
    made = make_home(settings, anew=force)
    wrong = gate_mismatches(settings, Directory.load(settings.directory))
    if wrong:
        raise OperatorError(
            "\n".join(wrong) + f"\nput the right key into the gate section of {settings.directory}"
        )
    if as_json:
        click.echo(json.dumps(_init_json(settings.home, made)))
        return
    _print_init(made)
    click.echo(_NEXT.format(directory=settings.directory))


def _init_json(home: Path, made: "MadeHome") -> dict[str, object]:
    return {
        "home": str(home),
        "made": [str(path) for path in made.made],
        "kept": [str(path) for path in made.kept],
        "moved": {str(old): str(new) for old, new in made.moved},
    }


def _print_init(made: "MadeHome") -> None:
    for old, new in made.moved:
        click.echo(f"moved  {old} -> {new}")
    for path in made.made:
        click.echo(f"made   {path}")
    for path in made.kept:
        click.echo(f"kept   {path}")


_NEXT = """
Next:
  phigate key new YOUR-NAME --group G    a key to decide with
  phigate key new NAME --agent --owner P a key for an agent, for which P answers
  phigate key new CLASS --executor       keys for what acts
                                         with --add each goes into the directory file as well
  edit {directory}
                                         `resources`: what is acted on, and by which executor
  phigate directory check                is the file as it should be
  phigate policy check                   what rules ask, and are there people who can answer
  phigate up                             Kafka, topics and workers
Workers read directory and policy once, at their start: after a change there, restart them.
Keys that wrap they take up by themselves; after `keys rotate` of others, restart fold and audit."""


@click.group(cls=Group)
def key() -> None:
    """Make and show keys."""


@key.command(name="new")
@click.argument("name")
@click.option("--executor", is_flag=True, help="Keys for an executor class: to sign and to open.")
@click.option("--agent", is_flag=True, help="A key for an agent, to sign what it proposes.")
@click.option("--owner", default="", metavar="PERSON", help="Who answers for the agent.")
@click.option("--group", "groups", multiple=True, help="A group of the person; again for more.")
@click.option("--add", is_flag=True, help="Put the lines into the directory file as well.")
@click.option("--out", type=_FILE, help="The key's file, instead of one under HOME/keys.")
@click.option("--passphrase-prompt", is_flag=True, help="Ask for a passphrase that locks the key.")
@click.option("--passphrase-file", type=click.File(encoding="utf-8"), help="Its first line locks.")
@click.option("--force", is_flag=True, help="Overwrite; what only the old key opens is then lost.")
@HOME
@AS_JSON
def new_key(  # noqa: PLR0913 - one for each option
    *,
    name: str,
    executor: bool,
    agent: bool,
    owner: str,
    groups: tuple[str, ...],
    add: bool,
    out: Path | None,
    passphrase_prompt: bool,
    passphrase_file: click.utils.LazyFile | None,
    force: bool,
    home: Path | None,
    as_json: bool,
) -> None:
    r"""Make a key for the person or agent NAME, or keys for the executor class NAME.

    Prints the lines that belong into the directory file, and with --add puts them there; the
    private key stays in its file, which only you can read. Exit codes: 0 made, 2 a problem.

    \b
    Examples:
      phigate key new ada --group privacy-officers --passphrase-prompt
      phigate key new clinic-db --executor --add
      phigate key new report-bot --agent --owner ada
      phigate key new ada --out ada.key --json
    """
    from streams.home import enrol  # noqa: PLC0415 - `phigate --help` stays quick
    from streams.home.newkey import new_agent, new_executor, new_person  # noqa: PLC0415 - the same
    from streams.settings import load_settings  # noqa: PLC0415 - the same

    if (owner and not agent) or (groups and (agent or executor)):
        raise click.UsageError("--owner is an agent's, --group a person's")
    if add and agent and not owner:
        raise click.UsageError("--add needs --owner: somebody has to answer for the agent")
    if executor and agent:
        raise click.UsageError("give --executor or --agent, not both")
    if passphrase_prompt and passphrase_file:
        raise click.UsageError("give --passphrase-prompt or --passphrase-file, not both")
    passphrase = passphrase_file.readline().rstrip("\r\n") if passphrase_file else None
    if passphrase_prompt:
        passphrase = click.prompt("Passphrase", hide_input=True, confirmation_prompt=True, err=True)
    settings = load_settings(home=home)
    folder = "executors" if executor else "agents" if agent else "people"
    if add:
        enrol.may_add(settings.directory, folder, name, owner)
    file = out or settings.keys / folder / f"{name}.key"
    make = new_executor if executor else new_agent if agent else new_person
    made = make(name, file, passphrase, force=force)
    made = dataclasses.replace(made, owner=owner, groups=groups)
    if add:
        enrol.add(settings.directory, folder, made.lines())
    _print_key(made, settings.directory if add else None, as_json=as_json)


def _print_key(made: "NewKey", added: Path | None, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(made.as_json()))
        return
    for file in filter(None, (made.file, made.seal_file)):
        click.echo(f"made {file}", err=True)
    done = f"added to {added}; restart admit, and the executors, to have it read"
    click.echo(f"{done if added else made.todo}\n", err=True)
    click.echo(made.lines(), nl=False)


@key.command(name="show")
@click.argument("file", type=_FILE)
@AS_JSON
def show_key(file: Path, as_json: bool) -> None:
    r"""Print the public key of a key file; its passphrase is not needed.

    Exit codes: 0 shown, 2 the file is missing, damaged or readable by others.

    \b
    Example:
      phigate key show ~/.phigate/keys/people/ada.key
    """
    from streams.home.newkey import show  # noqa: PLC0415 - `phigate --help` stays quick

    found = show(file)
    if as_json:
        click.echo(json.dumps(found))
        return
    locked = "locked by a passphrase" if found["locked"] else "not locked by a passphrase"
    click.echo(f"{found['kind']} key of {found['name']}, {locked}", err=True)
    click.echo(found["key"])


@key.command(name="ssh")
@click.argument("name")
@click.argument("file", type=click.File(encoding="utf-8"))
def ssh_key(name: str, file: click.utils.LazyFile) -> None:
    r"""Print the directory lines of the person NAME for an SSH public key; - reads it from stdin.

    The private key stays where it is: in its file, on a token, in an agent. `phigate approve
    --ssh-agent` lets the agent sign. Ed25519 alone. Exit codes: 0 printed, 2 it is no such key.

    \b
    Example:
      phigate key ssh ada ~/.ssh/id_ed25519.pub
    """
    from streams.home.newkey import of_ssh  # noqa: PLC0415 - `phigate --help` stays quick

    made = of_ssh(name, file.read(65_536))
    click.echo(made.lines(), nl=False)


@click.group(cls=Group)
def directory() -> None:
    """Check people, agents, executors and resources."""


@directory.command()
@click.argument("file", type=_FILE, required=False)
@HOME
@AS_JSON
def check(file: Path | None, home: Path | None, as_json: bool) -> None:
    r"""Load the directory FILE, count what it holds and say what looks wrong.

    Without FILE, the one that the settings name, and where `phigate[gate]` is installed the rules
    are held against it: can each be answered by people who are here? Exit codes: 0 it loads (there
    may be warnings), 2 it does not.

    \b
    Examples:
      phigate directory check
      phigate directory check directory.yaml --json
    """
    from streams.directory import Directory  # noqa: PLC0415 - `phigate --help` stays quick
    from streams.home.findings import counts, findings  # noqa: PLC0415 - the same
    from streams.home.home import gate_mismatches  # noqa: PLC0415 - the same
    from streams.settings import load_settings  # noqa: PLC0415 - the same

    settings = load_settings(home=home)
    found = Directory.load(file or settings.directory)
    wrong = findings(found) + ([] if file else gate_mismatches(settings, found))
    wrong += [] if file else _unanswered(settings, found)
    held = counts(found)
    if as_json:
        click.echo(json.dumps({"file": str(file or settings.directory), **held, "warnings": wrong}))
        return
    click.echo(", ".join(f"{count} {what}" for what, count in held.items()))
    for line in wrong:
        say(line, before="warning: ", indent=9)
    click.echo(f"{len(wrong)} warnings" if wrong else "no problems")


def _unanswered(settings: "Settings", found: "Directory") -> list[str]:
    """Return what rules ask of people who are not there; rules that do not load are told apart."""
    from streams import extras  # noqa: PLC0415 - `phigate --help` stays quick
    from streams.errors import PolicyError  # noqa: PLC0415 - the same
    from streams.home.findings import unfilled  # noqa: PLC0415 - the same
    from streams.policy.files import read_policies  # noqa: PLC0415 - the same

    if not settings.policies.is_dir() or not extras.has("gate"):
        return []
    from streams.policy import PolicySet, rows  # noqa: PLC0415 - Cedar loads when it is needed

    try:
        return unfilled(found, rows(PolicySet.load(*read_policies(settings.policies))))
    except PolicyError:
        return [f"the rules in {settings.policies} do not load: phigate policy check"]
