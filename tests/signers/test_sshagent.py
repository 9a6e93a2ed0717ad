"""An enrolled key in a real SSH agent signs what the gate takes."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from streams.approver.who import Who
from streams.errors import KeyringError, RefusedError, SignatureError
from streams.home.command import key
from streams.signers import choose, sshagent
from streams.signers.choose import Means, SignerName
from streams.signing import DECISION, PublicKey, envelope, open_envelope
from tests.gatehouse import Gatehouse


@pytest.fixture
def agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Run OpenSSH's agent with one Ed25519 and one ECDSA key; return the former's public file."""
    assert shutil.which("ssh-agent"), "these tests need OpenSSH: apt install openssh-client"
    files = {name: tmp_path / f"id_{name}" for name in ("ecdsa", "ed25519")}
    for name, file in files.items():
        made = ["ssh-keygen", "-q", "-t", name, "-N", "", "-C", "a comment", "-f", str(file)]
        subprocess.run(made, check=True)
    said = subprocess.run(["ssh-agent", "-s"], check=True, capture_output=True, text=True).stdout
    for name in ("SSH_AUTH_SOCK", "SSH_AGENT_PID"):
        found = re.search(rf"{name}=([^;]+);", said)
        assert found
        monkeypatch.setenv(name, found[1])
    for file in files.values():
        subprocess.run(["ssh-add", "-q", str(file)], check=True)
    yield files["ed25519"].with_suffix(".pub")
    subprocess.run(["ssh-agent", "-k"], check=True, capture_output=True)


def enrolled(public_file: Path) -> PublicKey:
    """Return the key as `phigate key ssh` gives it to the directory."""
    said = CliRunner().invoke(key, ["ssh", "petra", str(public_file)])
    assert 0 == said.exit_code, said.output
    found = re.search(r"- (petra\+\S+)", said.output)
    assert found
    return PublicKey.parse(found[1])


def test_the_agents_signature_is_the_keys(agent: Path) -> None:
    """The envelope is as if a key file had signed it: raw Ed25519 over DSSE's encoding."""
    public = enrolled(agent)
    assert [public.raw] == sshagent.held()
    signed = envelope(b'{"answer":"approve"}', DECISION, sshagent.AgentKey(public))
    assert (public, b'{"answer":"approve"}') == open_envelope(signed, DECISION, [public])
    with pytest.raises(SignatureError):
        public.verify(b"another", sshagent.AgentKey(public).sign(b"one"))


def test_the_agent_is_found_by_the_directory(agent: Path, tmp_path: Path) -> None:
    """--ssh-agent takes the key that the directory gives to the person, and no other."""
    house = Gatehouse.without_broker(tmp_path / "gate")
    public = enrolled(agent)
    house.write_directory(people={
        "petra": {"groups": ["privacy-officers"], "keys": [public.text]},
        "olga": {"keys": [house.people["olga"].public.text]},
    })  # fmt: skip
    home = house.settings.home
    approver = Who(home, None, SignerName("petra", means=Means.SSH_AGENT), as_json=False).open(
        signing=True
    )
    assert (True, "petra") == (approver.known, approver.person)
    with pytest.raises(KeyringError, match="holds no key"):
        Who(home, None, SignerName("olga", means=Means.SSH_AGENT), as_json=False).open(signing=True)


def test_a_key_that_the_agent_gave_up(agent: Path) -> None:
    """Without the key the agent refuses, and that is said."""
    public = enrolled(agent)
    subprocess.run(["ssh-add", "-q", "-D"], check=True, capture_output=True)
    assert [] == sshagent.held()
    with pytest.raises(KeyringError, match="refused") as refused:
        sshagent.AgentKey(public).sign(b"x")
    assert "ssh_agent" == refused.value.code


def test_no_agent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No address, and an address where nobody is, are said."""
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    with pytest.raises(KeyringError, match="there is none"):
        sshagent.held()
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "nobody"))
    with pytest.raises(KeyringError, match="the SSH agent"):
        sshagent.held()
    assert os.environ["SSH_AUTH_SOCK"]


@pytest.mark.parametrize("text", ["", "ssh-rsa AAAA", "ssh-ed25519", "ssh-ed25519 AAAA c"])
def test_an_ssh_key_of_another_kind(text: str) -> None:
    """Ed25519 alone can be enrolled."""
    said = CliRunner().invoke(key, ["ssh", "petra", "-"], input=text)
    assert (2, True) == (said.exit_code, "no ssh-ed25519 public key" in said.output)


def test_an_officers_order_is_signed_by_it(agent: Path, tmp_path: Path) -> None:
    """An order is signed as a decision is; who is no officer hears it before anything is sent."""
    house = Gatehouse.without_broker(tmp_path / "gate")
    public = enrolled(agent)
    mine = SignerName("petra", means=Means.SSH_AGENT)
    petra: dict[str, Any] = {"groups": ["security"], "keys": [public.text]}
    people = {"petra": petra, "olga": {"keys": [house.people["olga"].public.text]}}
    house.write_directory(people=people, officers="security")
    signer = choose.officer(house.settings, house.directory, mine)
    assert public == signer.public
    public.verify(b"halt", signer.sign(b"halt"))
    petra["groups"] = ["ward"]
    house.write_directory(people=people, officers="security")
    with pytest.raises(RefusedError) as refused:
        choose.officer(house.settings, house.directory, mine)
    assert "not_an_officer" == refused.value.code
