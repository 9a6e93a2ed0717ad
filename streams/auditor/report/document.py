"""A report as data: one framework, one period, what the log shows. The JSON is this, as it stands.

It is a function of the log that was read and of the period: no clock is asked, so whoever reads the
same log gets the same bytes. `evidence.shards` names the heads that it stands on.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from streams import __version__
from streams.auditor.ask.facts import Fact
from streams.auditor.ask.index import Belief
from streams.auditor.report import figures
from streams.auditor.report.controls import Criterion, catalogue
from streams.auditor.report.figures import EXCEPTIONS, LABELS, SAMPLES, ReportRows
from streams.times import DAY_MS, HOUR_MS, iso

SAMPLES_EACH: Final = 3  # samples a control and kind
LISTED_MAX: Final = 25  # exceptions named one by one; the count is always whole
COLUMNS_MAX: Final = 62  # of a plot over time: two months of days
_WIDTHS: Final = (  # of a column, the smallest that is enough is taken
    ("hour", HOUR_MS),
    ("6 hours", 6 * HOUR_MS),
    ("day", DAY_MS),
    ("week", 7 * DAY_MS),
    ("4 weeks", 28 * DAY_MS),
    ("year", 364 * DAY_MS),
)


def report(
    name: str, book: ReportRows, beliefs: Sequence[Belief], walked: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the report of framework `name`; `walked` is what `phigate audit verify` says."""
    framework = catalogue().frameworks[name]
    counted = figures.counts(book)
    found = figures.exceptions(book)
    return {
        "report": "phigate/audit-report",
        "version": 1,
        "made_by": f"phigate {__version__}",
        "framework": {"name": name, "title": framework.title, "source": framework.source},
        "period": _period(book),
        "evidence": _evidence(beliefs, walked),
        "figures": {key: {"label": LABELS[key], "value": n} for key, n in counted.items()},
        "waits": figures.waits(book),
        "reasons": figures.reasons(book),
        "controls": [_control(each, book, counted, found) for each in framework.controls],
        "exceptions": [_exception(key, found[key]) for key in EXCEPTIONS],
        "plots": _plots(book),
        "not_covered": [*catalogue().not_covered, *framework.outside],
    }


def text(document: Mapping[str, Any]) -> str:
    """Return a report as JSON text, always in the same spelling."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _period(book: ReportRows) -> dict[str, Any]:
    first, last = bounds(book)
    return {
        "from": iso(first) if first is not None else None,
        "to": iso(last) if last is not None else None,
        "from_ms": first,
        "to_ms": last,
    }


def bounds(book: ReportRows) -> tuple[int | None, int | None]:
    """Return the period in milliseconds; an open end is that of the entries in it."""
    times = [each.when_ms for each in book.facts]
    first = book.period.from_ms
    last = book.period.to_ms
    if first is None and times:
        first = min(times)
    if last is None and times:
        last = max(times) + 1
    return first, last


def _evidence(beliefs: Sequence[Belief], walked: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "verified": bool(walked.get("verified")),
        "broken": walked.get("broken"),
        "shards": [asdict(each) for each in beliefs if each.entries or each.broken is not None],
    }


# ---------------------------------------------------------------- parts


def _control(
    control: Criterion,
    book: ReportRows,
    counted: Mapping[str, int],
    found: Mapping[str, Sequence[Fact]],
) -> dict[str, Any]:
    return {
        "id": control.id,
        "title": control.title,
        "coverage": control.coverage,
        "shows": control.shows,
        "left": control.left,
        "figures": [{"label": LABELS[key], "value": counted[key]} for key in control.figures],
        "samples": [_sample(key, book) for key in control.samples],
        "exceptions": [
            {"label": EXCEPTIONS[key][0], "name": key, "count": len(found[key])}
            for key in control.exceptions
        ],
    }


def _sample(key: str, book: ReportRows) -> dict[str, Any]:
    label, pick = SAMPLES[key]
    fitting = [fact for fact in book.facts if pick(fact)]
    drawn = figures.sample(fitting, SAMPLES_EACH)
    return {"of": label, "population": len(fitting), "entries": [_entry(each) for each in drawn]}


def _exception(key: str, found: Sequence[Fact]) -> dict[str, Any]:
    return {
        "name": key,
        "label": EXCEPTIONS[key][0],
        "count": len(found),
        "entries": [_entry(each) for each in found[:LISTED_MAX]],
    }


def _entry(fact: Fact) -> dict[str, Any]:
    """Return where the proof of it stands, and what it is in codes: never a text of anybody."""
    who = fact.person or fact.agent or fact.who or fact.executor
    return {
        "entry": fact.ref,
        "intent_id": fact.intent_id,
        "at": iso(fact.when_ms),
        "kind": fact.kind if fact.input_kind is None else f"{fact.input_kind} at the door",
        "who": who,
        "effected": fact.effected,
        "reason": fact.code if fact.kind == "refusal" else fact.reason,
        "leaf_hash": fact.leaf_hash,
    }


def _plots(book: ReportRows) -> dict[str, Any]:
    first, last = bounds(book)
    if first is None or last is None or not book.facts:
        return {"width": None, "buckets": [], "waits_s": [], "people": [], "routes": []}
    name, width_ms = _width(last - first)
    start = first - first % width_ms
    return {
        "width": name,
        "buckets": [
            {"from": iso(each.from_ms), **asdict(each)}
            for each in figures.buckets(book, width_ms, start, last)
        ],
        "waits_s": figures.seconds_to_decision(book),
        "people": [asdict(each) for each in figures.by_person(book)],
        "routes": [asdict(each) for each in figures.by_route(book)],
    }


def _width(span_ms: int) -> tuple[str, int]:
    for name, width_ms in _WIDTHS:
        if span_ms <= COLUMNS_MAX * width_ms:
            return name, width_ms
    return _WIDTHS[-1]
