"""`phigate login`: prove to the identity provider who you are, and get a key that says so.

Exit codes: 0 logged in (or out), 1 the provider or the directory says no, 2 somebody must act,
3 nobody logged in in time.
"""

# ruff: noqa: PLC0415 - heavy imports wait for the command that needs them: `--help` is quick

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from streams import clock
from streams.commandline import AS_JSON, HOME, Lone
from streams.exits import Exit

if TYPE_CHECKING:
    from streams.identity.enter import Obtain
    from streams.identity.session import Login


@click.command(cls=Lone)
@HOME
@click.option("--issuer", default="", help="Which identity provider, where there are several.")
@click.option("--device", is_flag=True, help="Type a code in on another device (RFC 8628).")
@click.option("--no-browser", is_flag=True, help="Print the address and open nothing.")
@click.option("--end", metavar="NAME", help="Remove the login of NAME, and ask nobody.")
@AS_JSON
def login(  # noqa: PLR0913 - the options of one command
    *,
    home: Path | None,
    issuer: str,
    device: bool,
    no_browser: bool,
    end: str | None,
    as_json: bool,
) -> None:
    """Log in with your identity provider; your decisions then carry the level oidc.

    A key is drawn for this login alone, and the provider's ID token says that it is yours. It is
    kept, readable by you alone, until the token is over. `phigate approve --login` signs with it.

    \b
      phigate login
      phigate login --device
      phigate login --end petra
    """
    from streams.identity.session import place
    from streams.settings import load_settings

    settings = load_settings(home=home)
    if end is not None:
        place(settings.keys, end).unlink(missing_ok=True)
        click.echo(json.dumps({"ended": end}) if as_json else "logged out")
        return
    made = _log_in(home, issuer, device=device, no_browser=no_browser)
    made.save(place(settings.keys, made.person))
    _tell(made, as_json=as_json)


def _log_in(home: Path | None, issuer: str, *, device: bool, no_browser: bool) -> "Login":
    from streams.directory import Directory
    from streams.identity import enter
    from streams.identity.token import When
    from streams.settings import load_settings

    settings = load_settings(home=home)
    directory = Directory.load(settings.directory)
    provider = enter.choose(directory, issuer)

    def when() -> When:
        now_ms = clock.now_ms()
        return When(now_ms, now_ms, settings.clock_skew_ms_max)

    way = enter.by_device(_show_code) if device else _browser(no_browser=no_browser)
    return enter.log_in(provider, directory, settings.directory.parent, way, when)


def _browser(*, no_browser: bool) -> "Obtain":
    from streams.identity import enter

    def show(address: str) -> None:
        import webbrowser

        opened = not no_browser and webbrowser.open(address)
        click.echo("Log in in your browser." if opened else "Open this address:", err=True)
        if not opened:
            click.echo(address, err=True)

    return enter.by_browser(show)


def _show_code(address: str, code: str) -> None:
    from streams import plain

    click.echo(f"Open {plain.visible(address)}", err=True)
    click.echo(f"and see that it shows the code {plain.visible(code)}", err=True)


def _tell(made: "Login", *, as_json: bool) -> None:
    from streams import times

    if as_json:
        told = {
            "person": made.person,
            "issuer": made.issuer,
            "groups": sorted(made.groups),
            "expires_at_ms": made.expires_at_ms,
        }
        click.echo(json.dumps(told))
        return
    groups = ", ".join(sorted(made.groups)) or "no group that the directory knows"
    click.echo(f"You are {made.person} ({groups}) until {times.moment(made.expires_at_ms)}.")
    if not made.groups:
        click.echo("Nothing can be approved with it: see `groups` under `oidc`.", err=True)
        sys.exit(Exit.NO)
