"""What a measurement says: each row as JSON, and with `--write` a table in the README of its room.

The table stands between two markers and says which command wrote it, when, and on what machine, so
nobody types a figure, and an old one shows its age.
"""

import json
import os
import platform
import re
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from streams.clock import now_ms
from streams.times import iso

ROOT = Path(__file__).parents[2]
ROOMS = {  # where the table of each part stands
    "audit": "streams/audit/README.md",
    "masking": "streams/masking/README.md",
    "overload": "streams/worker/README.md",
    "recovery": "streams/worker/README.md",
    "throughput": "streams/worker/README.md",
}
FORM = re.compile(
    r"`deploy/bench (?P<part>[a-z]+)[^`\n]*`, \d{4}-\d\d-\d\d, on \d+ cores \([\w ]+\), "
    r"load \d+\.\d at the start:\n\n"
    r"\| what \| figure \|  \|\n\|---\|---\|---\|\n"
    r"(?:\| [^|\n]+ \| [^|\n]+ \| [^|\n]+ \|\n)+"
)
NOT_YET = "`deploy/bench {part} --write` has not been run on this build.\n"
Rows = Iterable[tuple[str, Mapping[str, Any]]]


def asked(parser: ArgumentParser) -> None:
    """Add the option."""
    parser.add_argument("--write", action="store_true", help="put the table into the room's README")


def finish(part: str, rows: Rows, given: list[str], readme: Path | None = None) -> None:
    """Print each row as it comes; put all into the README where the command's words ask for it."""
    load = os.getloadavg()[0]
    kept = []
    for what, figures in rows:
        print(json.dumps({"what": what, **figures}), flush=True)
        kept.append((what, figures))
    if "--write" in given:
        words = " ".join(["deploy/bench", part, *(each for each in given if each != "--write")])
        machine = f"on {os.cpu_count()} cores ({platform.system()} {platform.machine()})"
        head = f"`{words}`, {iso(now_ms())[:10]}, {machine}, load {load:.1f} at the start:"
        put(part, f"{head}\n\n{table(kept)}", readme or ROOT / ROOMS[part])


def table(rows: Rows) -> str:
    """Return a row a figure: what was measured, the figure's name, and the figure."""
    lines = [f"| {what} | {name} | {value} |" for what, each in rows for name, value in _flat(each)]
    return "\n".join(["| what | figure |  |", "|---|---|---|", *lines]) + "\n"


def put(part: str, text: str, readme: Path) -> None:
    """Replace what stands between the part's markers."""
    before = readme.read_text(encoding="utf-8")
    after, count = between(part).subn(lambda _: text, before)
    if count != 1:
        raise SystemExit(f"{readme} has {count} places for {part}: it needs its two markers, once")
    readme.write_text(after, encoding="utf-8")


def between(part: str) -> re.Pattern[str]:
    """Match what stands between the markers of a part."""
    return re.compile(
        rf"(?<=<!-- bench {part} -->\n).*?(?=<!-- end of bench {part} -->)", re.DOTALL
    )


def _flat(figures: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in figures.items():
        if isinstance(value, Mapping):
            yield from ((f"{name} {inner}", said) for inner, said in _flat(value))
        elif isinstance(value, list | tuple):
            yield name, ", ".join(map(str, value)) or "none"
        else:
            yield name, "none" if value is None else str(value).replace("|", "/")
