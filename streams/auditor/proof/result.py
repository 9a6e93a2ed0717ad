"""What `phigate audit verify` prints: a line for each shard, and one for the whole."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from streams.audit.report import ShardReport
from streams.auditor.proof.check import LogReport

_HASH_SHOWN: Final = 16


def show(
    report: LogReport,
    behind: Mapping[int, int],
    *,
    pinned: bool,
    approvers: bool = True,
    sample: int = 1,
) -> None:
    """Print a line for each shard and one for the whole; `behind` counts events not yet audited.

    `approvers` tells whether their keys were at hand, `sample` that one intent in so many was
    followed.
    """
    table = Table(box=None, pad_edge=False)
    for name in ("shard", "entries", "first", "last", "root"):
        table.add_column(name, justify="left" if name == "root" else "right")
    table.add_column("result", overflow="fold")
    for each in report.shards:
        head = each.head
        cells = (
            str(each.shard),
            str(each.entries),
            "-" if each.first is None else str(each.first),
            "-" if head is None else str(head.first + head.size - 1),
            "-" if head is None else head.root.hex()[:_HASH_SHOWN],
        )
        table.add_row(*cells, Text(_result(each, behind.get(each.shard, 0)), _style(each)))
    out = Console(highlight=False)
    if report.shards:
        out.print(table)
    out.print(Text(_summary(report, pinned=pinned)))
    if not report.broken and report.entries:
        for line in _limits(report, approvers=approvers, sample=sample):
            out.print(Text(line))


def _style(each: ShardReport) -> str:
    return "bold red" if each.broken else ""


def _result(each: ShardReport, behind: int) -> str:
    if each.broken:
        return f"BROKEN at {each.broken.index}: {each.broken.kind}: {each.broken.detail}"
    said = "verified" if each.entries else "empty"
    if each.unsigned:
        said += f"; the newest {each.unsigned} not signed yet"
    if each.erased:
        said += f"; {each.erased} events erased"
    if behind < 0:
        return f"{said}; but the log's topic ends {-behind} events before it: it was made anew"
    return f"{said}; {behind} events behind the log" if behind else said


def _summary(report: LogReport, *, pinned: bool) -> str:
    found = f"{report.entries} entries in {len(report.heads)} shards, {report.grants} grants"
    if report.broken:
        where = f"shard {report.broken.shard}, index {report.broken.index}"
        return f"BROKEN: {where}: {report.broken.kind}. {report.broken.detail}."
    if not report.entries:
        return "There is nothing to verify: no audit entries."
    seen = "it continues what was seen before" if pinned else "see --help for what is not proven"
    return f"verified: {found}; {seen}."


def _limits(report: LogReport, *, approvers: bool, sample: int) -> Iterator[str]:
    if not approvers:
        yield "Approvers' signatures were not checked: no keys of theirs were given (--pins)."
    if sample > 1:
        followed = sum(each.followed for each in report.shards)
        yield f"Followed: {followed} entries, of one intent in {sample}."
    if report.witnessed:
        yield f"Witnessed: {report.witnessed} of {report.entries} entries."


def as_json(report: LogReport, behind: Mapping[int, int]) -> dict[str, Any]:
    """Return the same for scripts."""
    return {
        "verified": not report.broken and report.entries > 0,
        "entries": report.entries,
        "grants": report.grants,
        "notes": report.notes,
        "witnessed": report.witnessed,
        "broken": asdict(report.broken) if report.broken else None,
        "shards": [
            {
                "shard": each.shard,
                "entries": each.entries,
                "repeats": each.repeats,
                "first": each.first,
                "last": each.head.first + each.head.size - 1 if each.head else None,
                "size": each.head.size if each.head else 0,
                "root": each.head.root.hex() if each.head else None,
                "unsigned": each.unsigned,
                "erased": each.erased,
                "followed": each.followed,
                "behind": behind.get(each.shard),
                "broken": asdict(each.broken) if each.broken else None,
            }
            for each in report.shards
        ],
    }
