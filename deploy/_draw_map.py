"""Draws ARCHITECTURE.md's map of rooms from the import contract in pyproject.toml.

`python deploy/_draw_map.py` rewrites it; a test compares it with what stands there.
"""

import ast
import re
import textwrap
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
FILE = ROOT / "ARCHITECTURE.md"
BETWEEN = re.compile(r"(?<=<!-- rooms -->\n).*?(?=<!-- end of rooms -->)", re.DOTALL)
WHAT_CHARS_MAX = 76


def layers() -> list[list[str]]:
    """Return the floors of the contract, the highest first, each with its rooms."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contracts = settings["tool"]["importlinter"]["contracts"]
    [floors] = [each["layers"] for each in contracts if each["name"].startswith("Rooms in layers")]
    return [[room.strip(" ()") for room in floor.split("|")] for floor in floors]


def what(room: str) -> str:
    """Return the first sentence of a room's docstring."""
    folder = ROOT / "streams" / room
    path = folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")
    said = ast.get_docstring(ast.parse(path.read_text())) or ""
    first = re.split(r"(?<=\.)\s", " ".join(said.split("\n\n")[0].split()))[0].rstrip(".:")
    return textwrap.shorten(first, WHAT_CHARS_MAX, placeholder="…")


def drawn() -> str:
    """Return the map: a line for each room, a blank line between floors."""
    floors = ("\n".join(f"    {room:<12} {what(room)}" for room in floor) for floor in layers())
    return "\n" + "\n\n".join(floors) + "\n\n"


def main() -> None:
    """Write the map into the file."""
    FILE.write_text(BETWEEN.sub(lambda _: drawn(), FILE.read_text()))


if __name__ == "__main__":
    main()
