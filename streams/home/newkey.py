"""A person's or an executor class's keys, and the lines of the directory file that name them."""

import base64
import re
import struct
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal

from streams.errors import KeyringError
from streams.keyring import describe
from streams.sealing import SealKey
from streams.signing import PublicKey, SigningKey

_SSH: Final = b"ssh-ed25519"
_KEY_BYTES: Final = 32
OWNER: Final = "OWNER"  # nobody of this name: the directory says so until it is replaced

# The name becomes a file's name, and for an executor class a part of a topic's: nothing that either
# could take for a path. Kafka's own set, and `@` for those who name people by address.
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")


@dataclass(frozen=True)
class NewKey:
    """What was made, and where."""

    name: str
    kind: Literal["person", "executor", "agent"]
    key: str
    file: str
    seal: str | None = None
    seal_file: str | None = None
    owner: str = ""
    groups: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the fields that there are."""
        return {name: value for name, value in asdict(self).items() if value}

    @property
    def section(self) -> str:
        """Return where in the directory file it belongs."""
        return {"person": "people", "agent": "agents", "executor": "executors"}[self.kind]

    @property
    def todo(self) -> str:
        """Return what to do with the lines, for a person."""
        under = f"put what is below `{self.section}:` under the `{self.section}:` of the file"
        more = ""
        if self.kind == "person" and not self.groups:
            more = "; groups: those that rules ask (phigate policy check), and the officers'"
        if self.kind == "agent" and not self.owner:
            more = f", and whoever answers for the agent in place of {OWNER}"
        return f"{under}{more}; then: phigate directory check"

    def lines(self) -> str:
        """Return what to put into the directory file."""
        if self.kind == "person":
            groups = ", ".join(self.groups)
            return (
                f'people:\n  {self.name}:\n    title: ""\n    groups: [{groups}]\n'
                f"    keys:\n      - {self.key}\n"
            )
        if self.kind == "agent":
            owner = self.owner or OWNER
            return f"agents:\n  {self.name}:\n    owner: {owner}\n    keys:\n      - {self.key}\n"
        return f"executors:\n  {self.name}:\n    keys:\n      - {self.key}\n    seal: {self.seal}\n"


def new_person(name: str, file: Path, passphrase: str | None, *, force: bool) -> NewKey:
    """Draw and write a person's signing key; KeyringError if it cannot be."""
    _check(name)
    key = SigningKey.new(name)
    key.save(file, passphrase, force=force)
    return NewKey(name, "person", key.public.text, str(file))


def new_agent(name: str, file: Path, passphrase: str | None, *, force: bool) -> NewKey:
    """Draw and write an agent's signing key; KeyringError if it cannot be."""
    return replace(new_person(name, file, passphrase, force=force), kind="agent")


def new_executor(name: str, file: Path, passphrase: str | None, *, force: bool) -> NewKey:
    """Draw and write an executor class's signing key, and beside it (`.seal`) its sealing key."""
    _check(name)
    if "@" in name:
        raise KeyringError("an executor class is part of a topic's name: no '@'")
    seal_file = file.with_suffix(".seal")
    if seal_file == file:
        raise KeyringError(f"{file}: the signing key's file may not end in .seal")
    if seal_file.exists() and not force:
        raise KeyringError(
            f"{seal_file} is there already, and was left as it is", code="key_exists"
        )
    key, seal = SigningKey.new(name), SealKey.new(name)
    key.save(file, passphrase, force=force)
    seal.save(seal_file, passphrase, force=force)
    return NewKey(name, "executor", key.public.text, str(file), seal.public.text, str(seal_file))


def show(file: Path) -> dict[str, str | bool]:
    """Return what a key file holds; where no passphrase locks it, the key is looked at too."""
    found = describe(file)
    if found.salt is None:
        (SigningKey if found.label == "signing" else SealKey).load(file)
    name, short, _ = found.text.split("+", 2)
    return {
        "name": name,
        "kind": found.label,
        "key_id": f"{name}+{short}",
        "key": found.text,
        "locked": found.salt is not None,
    }


def of_ssh(name: str, text: str) -> NewKey:
    """Return a person's key from an OpenSSH public key line (RFC 4253 section 6.6, RFC 8709)."""
    _check(name)
    words = text.split()
    head = struct.pack(">I", len(_SSH)) + _SSH + struct.pack(">I", _KEY_BYTES)
    try:
        blob = base64.b64decode(words[words.index(_SSH.decode()) + 1], validate=True)
    except (ValueError, IndexError):
        blob = b""
    if not blob.startswith(head) or len(blob) != len(head) + _KEY_BYTES:
        raise KeyringError(
            "this is no ssh-ed25519 public key", hint="ssh-keygen -t ed25519 makes one"
        )
    return NewKey(name, "person", PublicKey(name, blob[len(head) :]).text, "")


def _check(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise KeyringError(
            "a name has 1 to 64 letters, digits and . _ @ -, and begins with a letter or digit"
        )
