"""A report as one page of HTML: for the screen and for print, with nothing loaded and no script.

It is made of the report's data alone (`report.report`), so what is not in the JSON is not here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from importlib import resources
from typing import Any, Final

from streams import plain, times
from streams.auditor.report import plots

Data = Mapping[str, Any]
_HASH_SHOWN: Final = 16
_TILES: Final = (
    *("intents", "granted", "denied", "expired"),
    *("granted_by_people", "decisions_refused", "refused_inputs", "with_phi"),
)
_TAGS: Final = {"shown": "shown", "in part": "part", "not covered": "none"}


def page(document: Data) -> str:
    """Return the page."""
    css = resources.files("streams.auditor.report").joinpath("report.css").read_text()
    title = f"Audit report: {document['framework']['title']}"
    parts = (
        _head(document),
        _short(document),
        _plots(document["plots"]),
        _overview(document),
        _controls(document["controls"]),
        _exceptions(document["exceptions"]),
        _reasons(document["reasons"]),
        _not_covered(document["not_covered"]),
        _evidence(document),
        _tables(document["plots"]),
    )
    body = "\n".join(piece for part in parts for piece in part)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{css}</style>\n</head>\n<body>\n{plots.DEFS}\n"
        f"{body}\n<footer>Made by {escape(document['made_by'])} from the audit log alone. It holds "
        "ids, codes and counts: no parameter, justification, rationale or message is quoted."
        "</footer>\n</body>\n</html>\n"
    )


# ---------------------------------------------------------------- beginning


def _head(document: Data) -> Iterator[str]:
    framework, period = document["framework"], document["period"]
    span = f"{_moment(period['from'])} to {_moment(period['to'])}"
    yield f"<h1>{escape(framework['title'])}: evidence from the action gate</h1>"
    yield f'<p class="lead">{escape(framework["source"])}<br>{escape(span)}</p>'
    yield _seal(document["evidence"], document["figures"]["entries"]["value"])


def _moment(text: str | None) -> str:
    return "-" if text is None else f"{text[:10]} {text[11:16]} UTC"


def _seal(evidence: Data, entries: int) -> str:
    broken = evidence["broken"]
    if evidence["verified"]:
        return (
            '<div class="seal"><strong>The log behind this report verifies.</strong> Entries, '
            "signatures and consequences of the whole audit were checked for it; "
            f"{entries} of its entries fall within the period.</div>"
        )
    where = (
        f"First break: shard {broken['shard']}, entry {broken['index']}, {broken['kind']}."
        if broken
        else "It was read without a key, or is empty."
    )
    return (
        '<div class="seal broken"><strong>The log behind this report does NOT verify.</strong> '
        f"{escape(where)} Nothing below can be relied on.</div>"
    )


def _short(document: Data) -> Iterator[str]:
    yield "<h2>In short</h2>"
    shown = [
        (document["figures"][key]["label"], document["figures"][key]["value"], "") for key in _TILES
    ]
    named = {each["name"]: each["count"] for each in document["exceptions"]}
    shown += [
        ("self-approvals refused", named["self_approval"], ""),
        ("outcomes nobody knows", named["unknown_outcome"], "look"),
        ("outcomes failed", named["failed_outcome"], "look"),
        ("median time to decision", _seconds(document["waits"]["median_s"]), ""),
    ]
    tiles = (
        f"<div{_look(value, look)}><dt>{escape(label)}</dt><dd>{escape(str(value))}</dd></div>"
        for label, value, look in shown
    )
    yield f'<dl class="tiles">{"".join(tiles)}</dl>'


def _look(value: Any, look: str) -> str:
    return ' class="look"' if look and value else ""


def _seconds(value: float | None) -> str:
    return "-" if value is None else times.words(max(round(value * 1000), 1000))


# ---------------------------------------------------------------- plots


def _plots(data: Data) -> Iterator[str]:
    if not data["buckets"]:
        return
    unit = data["width"]
    yield "<h2>Over the period</h2>"
    yield _figure("Volume", f"intents for each {unit}", plots.volume(data["buckets"], unit))
    yield _figure("Time to decision", "intents that people decided", plots.waits(data["waits_s"]))
    yield _figure(
        "Expired or overdue", f"intents for each {unit}", plots.overdue(data["buckets"], unit)
    )
    if data["people"]:
        chart = plots.shares("Approvals by person", data["people"], "approved")
        yield _figure("By person", "decisions that counted, and how many approved", chart)
    if data["routes"]:
        chart = plots.shares("Grants by group asked", data["routes"], "granted")
        yield _figure("By route", "reviews closed, and how many were granted", chart)


def _figure(title: str, note: str, chart: str) -> str:
    caption = f"{escape(title)} <span>{escape(note)}</span>"
    return f"<figure><figcaption>{caption}</figcaption>{chart}</figure>"


# ---------------------------------------------------------------- controls


def _overview(document: Data) -> Iterator[str]:
    yield "<h2>Controls</h2>"
    rows = (
        (
            f'<a href="#{_anchor(each["id"])}">{escape(each["id"])}</a>',
            escape(each["title"]),
            _tag(each["coverage"]),
        )
        for each in document["controls"]
    )
    yield _table(("control", "", "by phigate"), rows)
    yield (
        '<p class="soft">“Shown” means that this report shows how the requirement works where '
        "agents act through the gate. Whether a control is met is for the examiner to say.</p>"
    )


def _anchor(text: str) -> str:
    return "".join(char if char.isalnum() else "-" for char in text)


def _tag(coverage: str) -> str:
    return f'<span class="tag {_TAGS[coverage]}">{escape(coverage)}</span>'


def _controls(controls: Sequence[Data]) -> Iterator[str]:
    for each in controls:
        yield f'<section class="control" id="{_anchor(each["id"])}"><header>'
        yield f"<h3><b>{escape(each['id'])}</b>{escape(each['title'])}</h3>"
        yield f"{_tag(each['coverage'])}</header><p>{escape(each['shows'])}</p>"
        if each["figures"]:
            yield f'<ul class="figs">{"".join(map(_fig, each["figures"]))}</ul>'
        if counted := [one for one in each["exceptions"] if one["count"]]:
            yield "<h4>Exceptions in the period</h4>"
            yield f'<ul class="figs">{"".join(map(_exception_link, counted))}</ul>'
        for sample in each["samples"]:
            yield from _sample(sample)
        yield f'<p class="left"><b>Left to you:</b> {escape(each["left"])}</p></section>'


def _fig(each: Data) -> str:
    return f"<li><b>{each['value']}</b> {escape(each['label'])}</li>"


def _exception_link(each: Data) -> str:
    label = f'<a href="#x-{each["name"]}">{escape(each["label"])}</a>'
    return f"<li><b>{each['count']}</b> {label}</li>"


def _sample(sample: Data) -> Iterator[str]:
    if sample["entries"]:
        drawn = f"{len(sample['entries'])} of {sample['population']} {sample['of']}"
        yield f"<h4>Sample: {escape(drawn)}</h4>"
        yield _entries(sample["entries"])


def _entries(entries: Iterable[Data]) -> str:
    rows = (
        (
            escape(f"{each['at'][:10]} {each['at'][11:16]}"),
            escape(f"{each['kind']} {each['effected']}"),
            escape(plain.visible(each["who"] or "-")),
            escape(plain.visible(each["reason"] or "-")),
            f"<code>{escape(each['entry'])}</code>",
            f"<code>{escape(plain.visible(each['intent_id'] or '-'))}</code>",
        )
        for each in entries
    )
    names = ("when, UTC", "what", "who", "reason", "entry", "intent")
    return _table(names, rows, "entries")


# ---------------------------------------------------------------- the rest


def _exceptions(exceptions: Sequence[Data]) -> Iterator[str]:
    yield "<h2>Exceptions, one by one</h2>"
    for each in exceptions:
        yield f'<h4 id="x-{each["name"]}">{escape(each["label"])}: {each["count"]}</h4>'
        if each["entries"]:
            yield _entries(each["entries"])
        if each["count"] > len(each["entries"]):
            more = each["count"] - len(each["entries"])
            yield f'<p class="soft">and {more} more: phigate audit search --reason …</p>'


_REASONS: Final = (("denied", "Denied"), ("refused", "Refused"), ("door", "Refused at the door"))


def _reasons(reasons: Data) -> Iterator[str]:
    if not any(reasons.values()):
        return
    yield "<h2>Reason codes</h2>"
    rows = (
        (escape(title), f"<code>{escape(code)}</code>", str(count))
        for name, title in _REASONS
        for code, count in reasons[name].items()
    )
    yield _table(("", "code", "#times"), rows)


def _not_covered(items: Iterable[str]) -> Iterator[str]:
    yield "<h2>What phigate does not cover</h2>"
    yield f'<ul class="plain">{"".join(f"<li>{escape(each)}</li>" for each in items)}</ul>'


def _evidence(document: Data) -> Iterator[str]:
    yield "<h2>The evidence, and how to check it</h2>"
    rows = (
        (
            str(each["shard"]),
            str(each["entries"]),
            "-" if each["through"] is None else str(each["through"]),
            f"<code>{escape((each['head'] or '-')[:_HASH_SHOWN])}</code>",
            escape(f"{each['kind']} at {each['broken']}" if each["kind"] else "verified"),
        )
        for each in document["evidence"]["shards"]
    )
    yield _table(("shard", "#entries", "#signed through", "root", "result"), rows)
    yield (
        "<p>Each sample and exception names its entry. With public keys and an export of the log "
        "anybody can check all of it; a proof of one intent needs the keys alone:</p>"
        "<pre>phigate audit verify --file audit.jsonl --pins keys.json\n"
        "phigate audit show INTENT --file audit.jsonl\n"
        "phigate audit prove INTENT proof.json --file audit.jsonl --pins keys.json\n"
        "phigate audit check proof.json --pins keys.json</pre>"
        "<p>Samples are drawn by the digest of their leaf hash: nobody can choose them, and "
        "whoever draws again draws the same. The same log and period give this page, byte for "
        "byte.</p>"
    )


def _tables(data: Data) -> Iterator[str]:
    if not data["buckets"]:
        return
    yield "<h2>The numbers behind the plots</h2>"
    names = ("granted", "denied", "expired", "revoked", "pending", "overdue")
    rows = (
        (
            escape(_moment(each["from"])),
            *(str(each[name]) for name in names),
            escape(_seconds(each["median_s"])),
        )
        for each in data["buckets"]
        if any(each[name] for name in names)
    )
    yield _table(("from", *(f"#{name}" for name in names), "#median wait"), rows)
    people = (
        (escape(each["name"]), str(each["total"]), str(each["approved"])) for each in data["people"]
    )
    if data["people"]:
        yield _table(("person", "#decisions", "#approved"), people)
    routes = (
        (
            escape(e["name"]),
            str(e["total"]),
            str(e["approved"]),
            str(e["expired"]),
            escape(_seconds(e["median_s"])),
        )
        for e in data["routes"]
    )
    if data["routes"]:
        yield _table(("route", "#reviews", "#granted", "#expired", "#median wait"), routes)


def _table(names: Sequence[str], rows: Iterable[Sequence[str]], kind: str = "") -> str:
    """Return a table; a name that begins with # is of a column of numbers. Cells are HTML."""
    kinds = [' class="n"' if name.startswith("#") else "" for name in names]
    heads = "".join(
        f'<th scope="col"{kind}>{escape(name.lstrip("#"))}</th>'
        for name, kind in zip(names, kinds, strict=True)
    )
    body = "".join(
        "<tr>"
        + "".join(f"<td{kind}>{cell}</td>" for cell, kind in zip(row, kinds, strict=True))
        + "</tr>"
        for row in rows
    )
    opened = f'<table class="{kind}">' if kind else "<table>"
    return f"{opened}<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
