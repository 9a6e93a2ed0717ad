"""The keys that the gate signs with: what is held, publishing, and rotation with an overlap.

A rotation, in this order, so that a crash in between can be gone on from:

    1  the new key is written beside the old one (`grant.key.next`)
    2  the directory lists it first, and gives the old ones their end
    3  the old file is put aside (`keys/retired`), the new one takes its place

Workers take the new key when they are started again. Until the old one's end both are good; after
it, what the old key signs is refused, and a worker that still holds it does not start.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml

from streams import files
from streams.directory import Directory
from streams.directory.published import GateSet
from streams.errors import OperatorError, SettingsError
from streams.home.home import AUDIT, GRANT
from streams.keyring import describe
from streams.signing import SigningKey
from streams.times import iso

if TYPE_CHECKING:
    from streams.settings import Settings

FILES: Final = {"grants": GRANT, "audit": AUDIT}


@dataclass(frozen=True, slots=True)
class HeldSigningKey:
    """One signing key of the gate. `until` is ISO 8601, UTC; `here`: this machine signs with it."""

    purpose: str
    id: str
    until: str | None
    state: str
    here: bool

    def as_json(self) -> dict[str, Any]:
        """Return it for scripts."""
        return asdict(self)

    def line(self) -> str:
        """Return it for a person."""
        end = f" until {self.until}" if self.until else ""
        return f"{self.purpose:<8} {self.id}  {self.state}{end}{'  signs here' * self.here}"


def held(settings: "Settings", directory: Directory, now_ms: int) -> Iterator[HeldSigningKey]:
    """Yield the keys that the directory lists for grants and audit, the newest first."""
    for use, file in FILES.items():
        path = settings.keys / file
        mine = describe(path).text if path.exists() else ""
        for key in getattr(directory.gate, use):
            end = directory.gate.ends_ms.get(key.key_id)
            state = "current" if end is None else "ending" if now_ms < end else "ended"
            until = None if end is None else iso(end)
            yield HeldSigningKey(use, key.key_id, until, state, key.text == mine)


def publish(directory: Directory) -> dict[str, Any]:
    """Return the public set as the file has it."""
    return GateSet.of(directory).as_json()


def rotate(settings: "Settings", use: str, until_ms: int) -> SigningKey:
    """Make a new key for `grants` or `audit`; the ones before end at `until_ms`.

    KeyringError or SettingsError where a file cannot be written or the directory not be edited.
    """
    until_ms = until_ms // 1_000 * 1_000  # the file has whole seconds
    place = settings.keys / FILES[use]
    following = place.with_name(place.name + ".next")
    old = describe(place)
    if following.exists():  # a rotation was cut off after 1
        new = SigningKey.load(following)
    else:
        new = SigningKey.new(old.text.partition("+")[0])
        new.save(following)  # 1
    _write_directory(settings.directory, use, new, until_ms)  # 2
    retired = settings.keys / "retired"
    retired.mkdir(mode=0o700, exist_ok=True)
    place.rename(retired / f"{place.stem}-{_short(old.text)}.key")  # 3
    following.rename(place)
    return new


def _short(text: str) -> str:
    return text.split("+", 2)[1]


def _write_directory(path: Path, use: str, new: SigningKey, until_ms: int) -> None:
    """Edit the file's text, so that its comments stay; what comes out must load."""
    text = path.read_text(encoding="utf-8")
    before = Directory.parse(text, str(path))
    known = getattr(before.gate, use)
    ends = {k.key_id: until_ms for k in known if k != new.public}
    ends = {name: at for name, at in ends.items() if name not in before.gate.ends_ms}
    if new.public not in known:
        text = _with_key(text, use, new.public.text)
    text = _with_ends(text, ends)
    after = Directory.parse(text, str(path))
    if getattr(after.gate, use)[0] != new.public or not ends.items() <= after.gate.ends_ms.items():
        raise SettingsError(
            f"{path}: the gate section could not be edited",
            hint=f"put first under gate.{use}: {new.public.text}; then run this again",
        )
    files.write(path, text, mode=path.stat().st_mode & 0o777)


def _with_key(text: str, use: str, key: str) -> str:
    node = _gate_part(text, use)
    if not isinstance(node, yaml.SequenceNode):
        raise OperatorError(f"gate.{use} is no list", hint="run: phigate directory check")
    at: int = node.start_mark.index
    if node.flow_style:
        return f"{text[: at + 1]}{key}, {text[at + 1 :]}"
    return f"{text[:at]}- {key}\n{' ' * node.start_mark.column}{text[at:]}"


def _with_ends(text: str, ends: dict[str, int]) -> str:
    lines = [f"{name}: {iso(at)}" for name, at in ends.items()]
    if not lines:
        return text
    node = _gate_part(text, "ends")
    if isinstance(node, yaml.MappingNode) and not node.flow_style:
        at, pad = int(node.start_mark.index), " " * node.start_mark.column
        return text[:at] + "".join(f"{line}\n{pad}" for line in lines) + text[at:]
    gate = _gate_part(text, "")
    if node is not None or gate is None or gate.flow_style:
        raise OperatorError("the gate section is written on one line", hint="write it on several")
    at = int(gate.start_mark.index)
    pad = " " * gate.start_mark.column
    made = "ends:\n" + "".join(f"{pad}  {line}\n" for line in lines)
    return f"{text[:at]}{made}{pad}{text[at:]}"


def _gate_part(text: str, name: str) -> Any:
    """Return the node of `gate`, or of one of its fields; None where it is not there."""
    root = yaml.compose(text)
    for step in filter(None, ("gate", name)):
        if not isinstance(root, yaml.MappingNode):
            return None
        root = next((value for key, value in root.value if key.value == step), None)
    return root
