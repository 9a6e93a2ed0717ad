"""An enrolled key that an SSH agent holds: on a token, in a keychain, forwarded from elsewhere.

The agent's protocol (draft-ietf-sshm-ssh-agent, section 3): a message is its length in four bytes,
a type in one, then fields. A signature of the type ssh-ed25519 is plain Ed25519 over the data (RFC
8709 section 6), so the gate checks it as any other, and nobody has to know that an agent made it.
What is signed begins with `DSSEv1`, which no SSH login can: that begins with a length.

Keys of the type sk-ssh-ed25519 (FIDO) sign something else around the data and do not fit.
"""

import os
import socket
import struct
from dataclasses import dataclass
from typing import Final, Never

from streams.errors import KeyringError
from streams.signing import PublicKey

ALGORITHM: Final = b"ssh-ed25519"
_LIST, _LISTED, _SIGN, _SIGNED = 11, 12, 13, 14
_MESSAGE_BYTES_MAX: Final = 262_144  # as OpenSSH's own limit
_KEYS_MAX: Final = 1_000
_TIMEOUT_S: Final = 60.0  # a token may wait for a finger
_RAW_BYTES, _SIGNATURE_BYTES = 32, 64


@dataclass(frozen=True)
class AgentKey:
    """A public key whose private half the agent holds; a `Signer`."""

    public: PublicKey

    def sign(self, data: bytes) -> bytes:
        """Let the agent sign; KeyringError where it does not, or signs something else."""
        blob = _string(ALGORITHM) + _string(self.public.raw)
        asked = bytes([_SIGN]) + _string(blob) + _string(data) + struct.pack(">I", 0)
        fields = _Fields(_ask(asked, _SIGNED))
        signature = _Fields(fields.string())
        if signature.string() != ALGORITHM:
            _fail("it signed with another algorithm")
        made = signature.string()
        if len(made) != _SIGNATURE_BYTES:
            _fail("its signature has another length")
        return made


def held() -> list[bytes]:
    """Return the 32 bytes of each Ed25519 key that the agent holds; KeyringError without agent."""
    fields = _Fields(_ask(bytes([_LIST]), _LISTED))
    found = []
    for _ in range(min(fields.number(), _KEYS_MAX)):
        blob, _comment = _Fields(fields.string()), fields.string()
        if blob.string() == ALGORITHM and len(raw := blob.string()) == _RAW_BYTES:
            found.append(raw)
    return found


class _Fields:
    """Reads a message's fields in order (RFC 4251 section 5)."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def number(self) -> int:
        """Return four bytes as a number."""
        return int(struct.unpack(">I", self._take(4))[0])

    def string(self) -> bytes:
        """Return as many bytes as the number before them says."""
        return self._take(self.number())

    def _take(self, count: int) -> bytes:
        end = self._at + count
        if end > len(self._data):
            _fail("its answer ends too early")
        taken, self._at = self._data[self._at : end], end
        return taken


def _string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def _ask(message: bytes, expected: int) -> bytes:
    path = os.environ.get("SSH_AUTH_SOCK")
    if not path:
        _fail("there is none (SSH_AUTH_SOCK is not set)", hint="eval $(ssh-agent) && ssh-add")
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as agent:
            agent.settimeout(_TIMEOUT_S)
            agent.connect(path)
            agent.sendall(_string(message))
            length = struct.unpack(">I", _exactly(agent, 4))[0]
            if not 0 < length <= _MESSAGE_BYTES_MAX:
                _fail("its answer has no sound length")
            answer = _exactly(agent, length)
    except OSError as error:
        _fail(error.strerror or type(error).__name__)
    if answer[0] != expected:
        _fail("it refused", hint="is the agent locked, or the key confirmed on each use?")
    return answer[1:]


def _exactly(agent: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        more = agent.recv(count - len(data))
        if not more:
            _fail("it hung up")
        data += more
    return data


def _fail(why: str, hint: str = "") -> Never:
    raise KeyringError(f"the SSH agent: {why}", code="ssh_agent", hint=hint)
