"""`phigate try`: what a gate would say of an intent, without a broker. Nothing is sent anywhere."""

# ruff: noqa: PLC0415 - heavy imports wait for the command that needs them: `--help` is quick

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from streams.commandline import AS_JSON, HOME, Lone
from streams.exits import Exit
from streams.plain import harmless

if TYPE_CHECKING:
    from streams.directory import Directory
    from streams.policy import PolicySet
    from streams.settings import Settings
    from streams.worker.admission.trial import Proposed, Tried


@click.command("try", cls=Lone)
@click.argument("intent", type=click.File("rb"), metavar="INTENT.json")
@AS_JSON
@HOME
def try_(intent: BinaryIO, as_json: bool, home: Path | None) -> None:
    r"""Say what the gate would make of an intent: masked, its facts, the ruling.

    INTENT.json (- is standard input) holds agent, on_behalf_of, action, resource {type, id}, params
    and justification. All of admission is done, with the home's directory and policy; no broker is
    asked, no key is read, nothing is sent or kept. Without a home, the example policy rules, and
    agent and resource are taken as the intent names them: `attributes` beside the resource's type
    and id then say what a catalogue would.

    Exit codes: 0 there is a ruling, 1 the gate would refuse the intent at the door, 2 the home or
    the file cannot be read.

    \b
    Examples:
      phigate try intent.json
      echo '{"agent": "reporter", "action": "db.query",
             "resource": {"type": "Database", "id": "clinic"},
             "params": {"sql": "SELECT gender, count(*) FROM patients GROUP BY gender"},
             "justification": "Board report"}' | phigate try - --json
    """
    from streams.errors import InputError, MaskingError
    from streams.worker.admission.trial import proposed

    try:
        told = _tried(proposed(intent.read()), home)
    except (InputError, MaskingError) as error:
        click.echo(json.dumps({"refused": error.code}) if as_json else f"refused: {error.code}")
        if not as_json:
            click.echo(harmless(f"  {error}"))
        sys.exit(Exit.NO)
    click.echo(told.line() if as_json else _words(told))


def _tried(intent: "Proposed", home: Path | None) -> "Tried":
    from streams.masking import Masker
    from streams.settings import load_settings
    from streams.worker.admission.trial import trial

    settings = load_settings(home=home)
    directory, policy = _rules(settings, intent, named=home is not None)
    return trial(intent, directory, policy, settings, Masker().mask)


def _rules(
    settings: "Settings", intent: "Proposed", *, named: bool
) -> tuple["Directory", "PolicySet"]:
    from streams.directory import Directory
    from streams.errors import RefusedError
    from streams.policy import PolicySet
    from streams.policy.files import example, read_policies
    from streams.worker.admission.trial import made_up

    if named or settings.directory.exists():
        directory = Directory.load(settings.directory)
        if intent.attributes:
            raise RefusedError("a resource's attributes are the catalogue's", code="bad_intent")
        return directory, PolicySet.load(*read_policies(settings.policies))
    said = "no home here: the example policy rules; agent and resource are as the intent names them"
    click.echo(said, err=True)
    return made_up(intent), PolicySet.load(*example())


def _words(tried: "Tried") -> str:
    from streams.facts import codes
    from streams.plain import pretty
    from streams.policy import explain
    from streams.worker.admission.intents import unsure_of

    masked = tried.masked
    kinds = ", ".join(f"{kind} {count}" for kind, count in masked.kinds.items()) or "none found"
    lines = [explain(tried.ruling), f"PHI: {kinds}; unsure: {unsure_of(masked)}"]
    if not masked.whole:
        lines.append(f"a reviewer cannot see all of it: {', '.join(masked.why_not_whole)}")
    lines += ["facts:", *(f"  {code}" for code in codes(tried.facts)), "a reviewer sees:"]
    return "\n".join([*lines, *(f"  {line}" for line in pretty(tried.shown.decode()))])
