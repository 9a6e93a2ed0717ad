"""`phigate propose` and `phigate wait`: an agent's two acts, from a shell.

Nothing but click is imported until a command runs: `phigate --help` must be quick.
"""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from streams.commandline import Lone, Spanned, text_of
from streams.exits import Exit

if TYPE_CHECKING:
    from streams.events import Request, Verdict
    from streams.identity.session import Login

_EXIT_CODES = """
\b
Exit code: 0 granted (without --wait: accepted), 1 denied or forbidden, 2 wrong
use or an operator's matter, 4 no verdict in time, or expired, 5 the broker is
away, and with --outcome 6 granted but failed or unknown.
"""

_FIELDS = frozenset(
    {"agent", "action", "resource", "params", "justification", "ttl", "on_behalf_of", "key"}
)
_HINTS = {
    "unknown_resource": "--resource is Type/id, exactly as the directory's `resources` have it",
    "unknown_agent": "--agent is a name of the directory's `agents`: `phigate directory check`",
    "agent_suspended": "the directory has suspended this agent, or whoever answers for it",
    "unknown_action": "`phigate policy check` lists the actions that there are",
    "clock_skew": "this machine's clock differs from the gate's: set it by NTP, then ask again",
    "ttl_passed": "it came after its --ttl: ask again; if that was long, look at this clock",
    "halted": "an officer has halted it: `phigate halts`",
    "over_budget": "this agent has asked for more than its share: wait, then ask again",
}
_REQUIRED = ("agent", "action", "resource", "params", "justification")


def _waiting(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that `propose` and `wait` share."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print one JSON object."),
        click.option("--outcome", is_flag=True, help="Wait until it is executed, too."),
        click.option(
            "--timeout", type=Spanned(), default="1h", show_default=True, help="How long to wait."
        ),
    ):
        command = option(command)
    return command


@click.command(
    cls=Lone,
    short_help="Say what an agent intends to do.",
    # an example holds a select: the text is no query
    help=f"""Publish what an agent intends to do, and wait for the verdict if asked to.

\b
Examples:
  phigate propose --agent report-bot --action db.query --resource Database/clinic \\
      --params '{{"sql": "select count(*) from patients"}}' \\
      --justification "Monthly report" --wait
  phigate propose --file proposal.json --ttl 15m --wait --outcome
  jq .export job.json | phigate propose --agent etl --action data.export \\
      --resource Dataset/cohort-7 --params - --justification "Recall" --key job-42

--params is JSON, @FILE or - for standard input; its bytes are used as they are.
--justification is text, @FILE or -.
--file is one JSON object with the names of these options (on_behalf_of with
underscores; ttl as 900 or "15m"; params any JSON); options on the command line
come before it. The same --key of the same agent is the same intent, however
often it is proposed. What may hold PHI does not belong on a command line, where
others on the machine can read it: use @FILE or -.
{_EXIT_CODES}""",  # noqa: S608 - see above
)
@click.option("--agent", help="The agent's name in the directory.")
@click.option("--action", help="What to do, such as data.export.")
@click.option("--resource", help="What to do it to: Type/id.")
@click.option("--params", help="JSON, @FILE, or - for standard input.")
@click.option("--justification", help="Why, for reviewers; @FILE, or - for stdin.")
@click.option("--ttl", type=Spanned(), help="Until when it makes sense: 15m.  [default: 1h]")
@click.option("--on-behalf-of", help="The person for whom the agent acts.")
@click.option("--key", help="Idempotency key: the same key is the same intent.")
@click.option(
    "--file",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A JSON file with the whole proposal.",
)
@click.option(
    "--signing-key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The agent's key.  [default: keys/agents/AGENT.key in the home, if it is there]",
)
@click.option(
    "--person-key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The key of the person of --on-behalf-of: it signs that they ask for this.",
)
@click.option(
    "--person-login",
    is_flag=True,
    help="The same with their login (`phigate login`) in place of a key.",
)
@click.option("--wait", "waits", is_flag=True, help="Wait for the verdict.")
@_waiting
def propose(  # noqa: PLR0913 - one for each option that is no part of the proposal
    file: Path | None,
    signing_key: Path | None,
    person_key: Path | None,
    *,
    person_login: bool,
    waits: bool,
    timeout: int,
    outcome: bool,
    as_json: bool,
    **flags: Any,
) -> None:
    """Publish an intent; see the help of the command."""
    from streams.agent import Agent  # noqa: PLC0415 - heavy, and `--help` must be quick
    from streams.errors import InputError  # noqa: PLC0415 - see above

    said = _proposal(file, flags)
    try:
        name, person = said.pop("agent"), said.pop("on_behalf_of", None)
        with Agent(name, on_behalf_of=person, signing_key=signing_key) as agent:
            intent_id = agent.propose(
                said.pop("action"),
                said.pop("resource"),
                said.pop("params"),
                said.pop("justification"),
                person_key=_login_of(person) if person_login else person_key,
                **said,
            )
            if not (waits or outcome):
                _print_accepted(intent_id, as_json=as_json)
                return
            if not as_json:
                click.echo(f"intent {intent_id}", err=True)
            _wait(agent, intent_id, timeout, outcome=outcome, as_json=as_json)
    except InputError as error:
        raise click.UsageError(f"{error} ({error.code})") from None


@click.command(
    cls=Lone,
    short_help="Wait for the verdict on an intent.",
    help=f"""Wait for the gate's verdict on an intent that was proposed before.

\b
Examples:
  phigate wait 0198c1a2-7d3e-7c55-9f3a-3f1d2b8a9c10
  phigate wait ID --outcome --timeout 15m --json
{_EXIT_CODES}""",
)
@click.argument("intent_id")
@_waiting
def wait(intent_id: str, *, timeout: int, outcome: bool, as_json: bool) -> None:
    """Wait for a verdict; see the help of the command."""
    from streams.agent import Agent  # noqa: PLC0415 - heavy, and `--help` must be quick

    with Agent("cli") as agent:
        _wait(agent, intent_id, timeout, outcome=outcome, as_json=as_json)


# ---------------------------------------------------------------- what was said


def _login_of(person: str | None) -> "Login":
    """Return the login of the person it is asked for. KeyringError where there is none."""
    from streams.identity.session import Login, place  # noqa: PLC0415 - see `propose`
    from streams.settings import load_settings  # noqa: PLC0415 - the same

    if not person:
        raise click.UsageError("--person-login needs --on-behalf-of: whose login it is.")
    return Login.load(place(load_settings().keys, person))


def _proposal(file: Path | None, flags: dict[str, Any]) -> dict[str, Any]:
    """Return what is proposed: the file's fields, and the flags before them."""
    said = _read_file(file) if file else {}
    if said.get("ttl") is not None:
        said["ttl"] = Spanned().convert(said["ttl"], None, None)
    if flags.get("params") == "-" and flags.get("justification") == "-":
        raise click.UsageError("Only one of --params and --justification can be standard input.")
    if flags.get("justification") is not None:
        flags["justification"] = text_of(flags["justification"])
    if flags.get("params") is not None:
        flags["params"] = _read_params(flags["params"])
    said.update({name: value for name, value in flags.items() if value is not None})
    missing = [name for name in _REQUIRED if name not in said]
    if missing:
        names = ", ".join(f"--{name}" for name in missing)
        raise click.UsageError(f"Missing: {names} (or give them in --file).")
    if said.get("ttl") is not None:
        said["ttl"] = said["ttl"] / 1000  # the SDK counts in seconds
    return said


def _read_file(file: Path) -> dict[str, Any]:
    try:
        said = json.loads(file.read_bytes())
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict) or not set(said) <= _FIELDS:
        raise click.UsageError(
            f"{file} must be one JSON object with no other names than {', '.join(sorted(_FIELDS))}."
        )
    return said


def _read_params(text: str) -> bytes:
    """Return the exact bytes of --params."""
    if text == "-":
        return sys.stdin.buffer.read()
    if not text.startswith("@"):
        return text.encode(errors="surrogateescape")
    try:
        return Path(text[1:]).read_bytes()
    except OSError as error:
        raise click.UsageError(f"{text[1:]} cannot be read: {error.strerror}.") from None


# ---------------------------------------------------------------- waiting and showing


def _wait(agent: Any, intent_id: str, timeout: int, *, outcome: bool, as_json: bool) -> None:
    """Wait, show the verdict, and leave with the exit code that tells it."""
    from streams.agent import WaitTimeout  # noqa: PLC0415 - heavy, and `--help` must be quick

    try:
        with _spinner() as progress:
            verdict = agent.wait(intent_id, timeout / 1000, outcome=outcome, progress=progress)
    except WaitTimeout as error:
        if as_json:
            click.echo(json.dumps({"intent_id": intent_id, "state": None, "seen": error.seen}))
        click.echo(str(error), err=True)
        sys.exit(Exit.LATE)
    _print_verdict(verdict, as_json=as_json)
    sys.exit(_exit_code(verdict, outcome=outcome))


def _exit_code(verdict: "Verdict", *, outcome: bool) -> int:
    code = {"granted": Exit.DONE, "expired": Exit.LATE}.get(verdict.state, Exit.NO)
    done = verdict.outcome is not None and verdict.outcome.status == "ok"
    return Exit.UNDONE if code == Exit.DONE and outcome and not done else code


@contextmanager
def _spinner() -> "Iterator[Callable[[Request], None]]":
    """Show on a terminal, and only there, that and for whom one waits."""
    from rich.console import Console  # noqa: PLC0415 - heavy, and `--help` must be quick
    from rich.markup import escape  # noqa: PLC0415 - see above

    from streams.plain import visible  # noqa: PLC0415 - see above

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    with console.status("waiting for the gate") as status:
        yield lambda request: status.update(escape(visible(_progress(request))))


def _progress(request: "Request") -> str:
    routes = ", ".join(
        f"{route.group} ({len(route.approved_by)} of {route.quorum})" for route in request.routes
    )
    return f"waiting for {routes}" if request.state == "pending" else f"{request.state.value}"


def _print_accepted(intent_id: str, *, as_json: bool) -> None:
    click.echo(json.dumps({"intent_id": intent_id}) if as_json else intent_id)


def _print_verdict(verdict: "Verdict", *, as_json: bool) -> None:
    if as_json:
        click.echo(verdict.model_dump_json())
        return
    from streams.plain import visible  # noqa: PLC0415 - heavy, and `--help` must be quick

    lines = [f"{verdict.state.value}: {verdict.reason}"]
    if verdict.decided_by:
        lines.append(f"decided by: {', '.join(verdict.decided_by)}")
    if verdict.rationale:
        lines.append(f"rationale: {verdict.rationale}")
    if verdict.policies:
        lines.append(f"policies: {', '.join(verdict.policies)}")
    if verdict.outcome:
        told = f" ({verdict.outcome.message})" if verdict.outcome.message else ""
        lines.append(f"outcome: {verdict.outcome.status.value}{told}")
    click.echo("\n".join(visible(line) for line in lines))  # people and programs wrote it
    if verdict.reason in _HINTS:
        click.echo(f"hint: {_HINTS[verdict.reason]}", err=True)
