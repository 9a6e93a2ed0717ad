"""A report says what the log says, for each control, and quotes nobody."""

import json
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from streams.auditor.ask.index import Index
from streams.auditor.proof import result
from streams.auditor.proof.check import check
from streams.auditor.proof.pins import Pins
from streams.auditor.read.period import ALWAYS, Period
from streams.auditor.report import figures, plots
from streams.auditor.report.controls import NAMES, Criterion, catalogue
from streams.auditor.report.document import report, text
from streams.auditor.report.figures import ReportRows, ledger
from streams.auditor.report.html import page
from streams.times import DAY_MS
from tests.auditor.busy import SECRETS, clinic, entries_of
from tests.auditor.logs import KEY, T0, log, story
from tests.auditor.test_search import export, run

BUSY = clinic()
ENTRIES = entries_of(BUSY)
PINS = Pins((KEY.public,))
CONTROLS = {  # those that the issue names
    "hipaa": "164.308(a)(1)(ii)(D) 164.312(a)(1) 164.312(b) 164.312(c)(1) 164.312(d) 164.312(e)(1)",
    "soc2": "CC6.1 CC6.2 CC6.3 CC6.6 CC6.7 CC6.8 CC7.1 CC7.2 CC7.3 CC7.4 CC7.5 CC8.1",
    "fedramp": "AC-3 AC-5 AC-6 AU-2 AU-3 AU-9 AU-10 AU-12 SI-4",
}


def book_of(index: Index, period: Period) -> ReportRows:
    """Return the rows of a period."""
    return ledger(index.facts(), index.intents(), period)


def made(name: str, period: Period = ALWAYS, pins: Pins = PINS) -> Any:
    """Return a report of the busy clinic."""
    with Index() as index:
        walked = check(index.passing(BUSY), pins)
        index.vouch(walked)
        whole = book_of(index, period)
        return report(name, whole, index.beliefs(), result.as_json(walked, {}))


INDEX = Index()
INDEX.add(BUSY)
BOOK = book_of(INDEX, Period())
REPORTS = {name: made(name) for name in NAMES}


class Page(HTMLParser):
    """What is in a page: its tags, what they load, and whether each is closed."""

    void = frozenset({"meta", "br", "link", "img", "input", "hr"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.text: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag and its attributes."""
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in self.void:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Check that it closes the last one that was opened."""
        assert tag == self.open.pop(), f"</{tag}> closes another"

    def handle_data(self, data: str) -> None:
        """Keep the text."""
        self.text.append(data)


PAGES = {name: page(each) for name, each in REPORTS.items()}


@pytest.mark.parametrize("name", NAMES)
def test_every_control_that_is_asked_for_is_there(name: str) -> None:
    """Each with what shows it or that nothing does, and with what is left to others."""
    found = {each["id"]: each for each in REPORTS[name]["controls"]}
    assert set(CONTROLS[name].split()) <= set(found)
    for each in found.values():
        assert each["shows"]
        assert each["left"]
        assert each["figures"] or each["coverage"] == "not covered"


def test_control_that_names_what_nobody_counts_does_not_load() -> None:
    """A slip in the catalogue is an error, not an empty line."""
    first = catalogue().frameworks["hipaa"].controls[0]
    with pytest.raises(ValueError, match="nothing is counted"):
        Criterion.model_validate({**first.model_dump(), "figures": ["nonsense"]})


def test_figures_are_those_of_the_gates_own_cases() -> None:
    """Counted a second way, from the entries as they stand."""
    counted = {key: each["value"] for key, each in REPORTS["hipaa"]["figures"].items()}
    facts = BOOK.facts
    assert len(ENTRIES) == counted["entries"]
    effected = Counter(f.effected for f in facts)
    assert effected["granted"] == counted["granted"]
    assert effected["denied"] == counted["denied"]
    assert effected["expired"] == counted["expired"]
    opened = {f.intent_id for f in facts}
    assert len(opened) == counted["intents"]
    closed = counted["granted"] + counted["denied"] + counted["expired"]
    assert len(opened) == closed + counted["pending"]
    assert counted["granted"] == counted["permitted"] + counted["granted_by_people"]


def test_exceptions_are_found_by_their_names() -> None:
    """Each kind that was planted is there, with the entries that show it."""
    found = {each["name"]: each for each in REPORTS["fedramp"]["exceptions"]}
    planted = {
        *("self_approval", "not_a_reviewer", "late_decision", "preview_incomplete", "override"),
        *("unmasked", "expired", "unknown_outcome", "failed_outcome", "refused_input"),
    }
    assert planted == {name for name, each in found.items() if each["count"]}
    assert all(e["reason"] == "requester_may_not_review" for e in found["self_approval"]["entries"])
    assert {"olga"} == {each["who"] for each in found["self_approval"]["entries"]}
    overrides = found["override"]
    assert figures.counts(BOOK)["granted_by_people"] == overrides["count"]
    assert len(overrides["entries"]) < overrides["count"]  # the list is bounded, the count is not


def test_samples_are_drawn_by_the_entries_alone() -> None:
    """The same, in whatever order they come; from all of them; never more than there are."""
    grants = [fact for fact in BOOK.facts if fact.effected == "granted"]
    drawn = figures.sample(grants, 5)
    assert drawn == figures.sample(list(reversed(grants)), 5)
    assert set(drawn) <= set(grants)
    assert grants[:2] == figures.sample(grants[:2], 5)
    assert [each.when_ms for each in drawn] == sorted(each.when_ms for each in drawn)


def test_period_counts_what_is_within_it() -> None:
    """Two halves come to the whole, and neither has anything of the other."""
    waited = [e for e in BOOK.intents if e.decided_by and e.closed_ms]
    middle = waited[len(waited) // 2].closed_ms  # one that came before it and ended after it
    halves = [book_of(INDEX, each) for each in (Period(None, middle), Period(middle))]
    assert list(BOOK.facts) == sorted(
        (f for half in halves for f in half.facts), key=lambda f: (f.shard, f.idx)
    )
    whole = figures.counts(BOOK)
    parts = [figures.counts(each) for each in halves]
    for name in ("entries", "intents", "granted", "denied", "expired", "decisions", "phi_values"):
        assert whole[name] == sum(each[name] for each in parts), name


def test_times_to_decision_are_those_of_people() -> None:
    """Neither the policy's own verdicts nor expiries count as somebody's decision."""
    waits = figures.seconds_to_decision(BOOK)
    by_people = [e for e in BOOK.intents if e.decided_by]
    assert len(by_people) == len(waits)
    assert sum(plots.histogram(waits)) == len(waits)
    edges = [60, 61, 300, 86_400, 86_401]
    assert [1, 2, 0, 0, 0, 1, 1] == plots.histogram(edges)
    assert [1, 2, 3, 3] == [figures.quantile([1, 2, 3], share) for share in (0.3, 0.5, 0.9, 1.0)]
    assert figures.quantile([], 0.5) is None


def test_buckets_hold_every_intent_once() -> None:
    """The columns of the plots come to the count, whatever their width."""
    for width in (DAY_MS // 4, DAY_MS, 7 * DAY_MS):
        start = T0 - T0 % width
        last = max(f.when_ms for f in BOOK.facts) + 1
        columns = figures.buckets(BOOK, width, start, last)
        total = sum(c.granted + c.denied + c.expired + c.pending for c in columns)
        assert len(BOOK.opened) == total
        assert [start + n * width for n in range(len(columns))] == [c.from_ms for c in columns]


def test_same_log_and_period_give_the_same_bytes() -> None:
    """No clock and no chance is in a report."""
    again = made("soc2")
    assert text(REPORTS["soc2"]) == text(again)
    assert PAGES["soc2"] == page(again)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_of_anybodys_text_is_quoted(name: str) -> None:
    """No display, rationale, message, detail, resource id or sentence given as a code."""
    raw = b"".join(each.value or b"" for each in ENTRIES)
    for secret in SECRETS:
        assert secret.encode() in raw, "the sweep would find nothing"
        assert secret not in text(REPORTS[name])
        assert secret not in PAGES[name]
    assert "other_code" in text(REPORTS[name])


@pytest.mark.parametrize("name", NAMES)
def test_page_stands_alone_and_is_well_formed(name: str) -> None:
    """Nothing is loaded, nothing runs, every tag is closed, every reference has its place."""
    found = Page(PAGES[name])
    assert [] == found.open
    assert not found.tags.keys() & {"script", "link", "img", "iframe", "object", "embed", "base"}
    loading = {"src", "srcset", "data", "action", "background", "poster"}
    assert [] == [each for each in found.attributes if each[1] in loading]
    assert [] == [each for each in found.attributes if each[1].startswith("on")]
    links = [value for tag, name, value in found.attributes if name == "href"]
    ids = [value for _, name, value in found.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    assert all(link[0] == "#" and link[1:] in ids for link in links)
    assert not re.search(r"url\((?!#)|@import|https?://(?!www\.w3\.org/2000/svg)", PAGES[name])


def test_page_can_be_heard_as_well_as_seen() -> None:
    """A language, a title, headings in order, a text for each plot, heads for each table."""
    found = Page(PAGES["hipaa"])
    assert ("html", "lang", "en") in found.attributes
    assert 1 == found.tags["h1"]
    plotted = found.tags["svg"] - 1  # the first holds the hatchings
    assert (plotted, plotted) == (found.tags["title"] - 1, found.tags["desc"])
    assert plotted == sum(1 for each in found.attributes if each == ("svg", "role", "img"))
    heads = [each for each in found.attributes if each[0] == "th"]
    assert found.tags["th"] == sum(1 for each in heads if each[1:] == ("scope", "col"))


def test_names_do_nothing_to_the_page() -> None:
    """A name that is markup is shown as it is."""
    nasty = '<script>alert(1)</script>"&'
    document = json.loads(text(REPORTS["hipaa"]))
    document["controls"][0]["samples"][0]["entries"][0]["who"] = nasty
    document["plots"]["people"][0]["name"] = nasty[:20]
    html = page(document)
    assert nasty not in html
    assert "script" not in Page(html).tags


def test_log_that_does_not_verify_says_so_first() -> None:
    """Read without the key, or broken: the report is written and says what it is worth."""
    document = made("hipaa", pins=Pins(()))
    assert not document["evidence"]["verified"]
    html = page(document)
    assert "does NOT verify" in html
    assert html.index("does NOT verify") < html.index("In short")
    assert "The log behind this report verifies" in PAGES["hipaa"]


def test_empty_period_is_a_report_of_nothing() -> None:
    """No division by nothing, no empty plots."""
    document = made("fedramp", Period(1, 2))
    assert 0 == document["figures"]["entries"]["value"]
    assert "Over the period" not in page(document)


def test_plots_draw_what_they_are_given() -> None:
    """Heights are counts; the description says the same in words."""
    buckets = REPORTS["hipaa"]["plots"]["buckets"]
    svg = plots.volume(buckets, "day")
    assert f"{len(BOOK.opened)} intents" in svg
    names = [name for name, _ in plots.SERIES]
    columns = svg.count("<rect") - len(names)  # the legend
    drawn = sum(1 for b in buckets for n in names if b[n])
    assert drawn == columns
    assert [0, 1, 2, 3] == plots._ticks(3)
    assert [0, 20, 40, 60, 80] == plots._ticks(77)
    for top in range(1, 3000, 7):
        ticks = plots._ticks(top)
        assert ticks[-1] >= top
        assert len(ticks) <= 5


def test_command_writes_both_forms(tmp_path: Path) -> None:
    """From an exported file, with the key alone; over nothing that is there."""
    source = export(tmp_path, BUSY)
    out = [tmp_path / "r.html", tmp_path / "r.json"]
    arguments: list[str | Path] = [
        "report",
        "--framework",
        "hipaa",
        "--file",
        source,
        "--key",
        KEY.public.text,
    ]
    said = run(*arguments, "--out", out[0], "--out", out[1])
    assert (0, True) == (said.exit_code, "verified" in said.output)
    assert PAGES["hipaa"] == out[0].read_text()
    assert text(REPORTS["hipaa"]) == out[1].read_text()
    assert 2 == run(*arguments, "--out", out[0]).exit_code
    assert 0 == run(*arguments, "--out", out[0], "--force").exit_code
    assert 2 == run(*arguments, "--out", tmp_path / "r.pdf").exit_code
    assert 3 == run(*arguments, "--out", tmp_path / "e.json", "--to", "2001-01-01").exit_code


def test_every_sample_can_be_proven(tmp_path: Path) -> None:
    """A proof of each intent that was drawn, which the public key alone is enough to check."""
    source = export(tmp_path, BUSY)
    folder = tmp_path / "proofs"
    arguments: list[str | Path] = ["report", "--framework", "fedramp", "--file", source]
    key = ["--key", KEY.public.text]
    said = run(*arguments, *key, "--out", tmp_path / "r.json", "--proofs", folder)
    assert 0 == said.exit_code, said.output
    samples = [s for control in REPORTS["fedramp"]["controls"] for s in control["samples"]]
    drawn = {entry["intent_id"] for each in samples for entry in each["entries"]}
    assert drawn == {each.stem for each in folder.iterdir()}
    for each in sorted(folder.iterdir())[:4]:
        assert 0 == run("check", each, *key).exit_code


def test_command_says_that_a_broken_log_is_broken(tmp_path: Path) -> None:
    """Exit 1, and the report is there to say why."""
    records = log(story())
    source = export(tmp_path, records[:-5] + records[-4:])
    out = tmp_path / "r.json"
    arguments: list[str | Path] = [
        "report",
        "--framework",
        "soc2",
        "--file",
        source,
        "--key",
        KEY.public.text,
    ]
    said = run(*arguments, "--out", out)
    assert (1, True) == (said.exit_code, "NOT VERIFIED" in said.output)
    assert not json.loads(out.read_text())["evidence"]["verified"]


def test_facts_that_a_report_lists_are_in_the_log() -> None:
    """Every entry that is named stands there under that hash."""
    known = {(fact.ref, fact.leaf_hash) for fact in BOOK.facts}
    named: list[dict[str, Any]] = []
    for document in REPORTS.values():
        named += [e for each in document["exceptions"] for e in each["entries"]]
        named += [
            e for control in document["controls"] for s in control["samples"] for e in s["entries"]
        ]
    assert named
    assert {(each["entry"], each["leaf_hash"]) for each in named} <= known
