"""What signs: a key file locked by a passphrase, a login, or nothing."""

import os
import pty
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from streams.approver.command import approve
from streams.approver.who import Who
from streams.clock import now_ms
from streams.errors import KeyringError
from streams.events import Assurance
from streams.identity.binding import SALT_BYTES
from streams.identity.session import Fresh, Login, place
from streams.signers.choose import Means, SignerName
from streams.signing import SigningKey
from tests.gatehouse import Gatehouse

ASKS = """
import sys
from pathlib import Path
from streams.approver.who import Who
from streams.signers.choose import SignerName
approver = Who(Path(sys.argv[1]), None, SignerName("petra"), as_json=False).open(signing=True)
print("opened as", approver.person, approver.assurance)
"""


@pytest.fixture
def house(tmp_path: Path) -> Gatehouse:
    """Return a gate without a broker: nothing here is sent."""
    return Gatehouse.without_broker(tmp_path)


def who(house: Gatehouse, means: Means | None = None) -> Who:
    """Return Petra at her keyboard."""
    return Who(house.settings.home, None, SignerName("petra", means=means), as_json=False)


def key_file(house: Gatehouse) -> Path:
    """Return where her key stands."""
    return house.settings.keys / "people" / "petra.key"


def log_in(house: Gatehouse, life_ms: int = 60_000) -> None:
    """Leave a login of hers there."""
    fresh = Fresh.draw(os.urandom(SALT_BYTES))
    proof, end_ms = fresh.proof("a.b.c"), now_ms() + life_ms
    login = Login("petra", "https://id.example", frozenset({"g"}), end_ms, proof, fresh.key)
    login.save(place(house.settings.keys, "petra"))


def typed(house: Gatehouse, text: str) -> str:
    """Run her command at a terminal of its own, type the text, and return what it showed."""
    process, terminal = pty.fork()
    if process == 0:
        home = str(house.settings.home)
        os.execv(sys.executable, [sys.executable, "-c", ASKS, home])  # noqa: S606 - no shell
    shown = b""
    while not shown.endswith(b"petra.key: "):  # the blank comes once what was typed is not lost
        shown += os.read(terminal, 1_024)
    os.write(terminal, f"{text}\n".encode())
    while True:
        try:
            more = os.read(terminal, 1_024)
        except OSError:  # how a terminal ends on Linux
            break
        if not more:
            break
        shown += more
    os.close(terminal)
    os.waitpid(process, 0)
    return shown.decode()


def test_a_locked_key_asks_at_the_terminal(house: Gatehouse) -> None:
    """The passphrase is asked for, not shown, and opens the key."""
    house.people["petra"].save(key_file(house), "correct horse")
    shown = typed(house, "correct horse")
    assert "opened as petra key" in shown
    assert "correct horse" not in shown


def test_a_locked_key_without_a_terminal(house: Gatehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """A script gives it by the environment, or is told that it is needed."""
    house.people["petra"].save(key_file(house), "correct horse")
    monkeypatch.setattr("sys.stdin", Path("/dev/null").open())  # noqa: SIM115 - lives with the test
    with pytest.raises(KeyringError) as refused:
        who(house).open(signing=True)
    assert "passphrase_needed" == refused.value.code
    monkeypatch.setenv("PHIGATE_PASSPHRASE", "correct horse")
    assert Assurance.KEY is who(house).open(signing=True).assurance
    monkeypatch.setenv("PHIGATE_PASSPHRASE", "another")
    with pytest.raises(KeyringError) as refused:
        who(house).open(signing=True)
    assert "wrong_passphrase" == refused.value.code


def test_a_login_stands_in_where_there_is_no_key(house: Gatehouse) -> None:
    """The key file comes first; --login asks for the login all the same."""
    log_in(house)
    assert Assurance.OIDC is who(house).open(signing=True).assurance
    house.people["petra"].save(key_file(house))
    assert Assurance.KEY is who(house).open(signing=True).assurance
    signer = who(house, Means.LOGIN).open(signing=True)
    assert (Assurance.OIDC, "petra", {"g"}) == (signer.assurance, signer.person, set(signer.groups))


def test_a_login_that_is_over_or_not_there(house: Gatehouse) -> None:
    """Nothing is signed that the gate could only refuse."""
    with pytest.raises(KeyringError) as refused:
        who(house, Means.LOGIN).open(signing=True)
    assert "no_login" == refused.value.code
    log_in(house, life_ms=-1)
    with pytest.raises(KeyringError) as refused:
        who(house, Means.LOGIN).open(signing=True)
    assert "token_expired" == refused.value.code


def test_the_command_without_anything_to_sign_with(house: Gatehouse) -> None:
    """It says what is missing, with exit code 2."""
    words = ["x", "--as", "petra", "--reason", "r", "--home", str(house.settings.home)]
    said = CliRunner().invoke(approve, words)
    assert (2, True) == (said.exit_code, "there is no key at" in said.output)
    assert SigningKey.new("petra").public.text not in said.output
