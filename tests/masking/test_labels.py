"""What names a value, by kinds: keys, siblings, columns, statements, filters, addresses, keys."""

# ruff: noqa: E501 - one case a line

import json
import re
import time
from typing import Any

import pytest

from streams.masking import Masker
from streams.masking.labels.climb import label
from streams.masking.labels.doubt import shape
from streams.masking.labels.settle import settle
from streams.masking.labels.statements import placeholders, slots
from streams.masking.results import About
from tests.masking.structured import Draw, survivors

SEEDS = (2, 3, 5, 7)


@pytest.mark.parametrize("seed", SEEDS)
def test_intents_drawn_anew(masker: Masker, seed: int) -> None:
    """Of values that structure names at most 0.3 % survive, and clinical values stay."""
    draw = Draw(seed)
    planted = left = kept = lost = 0
    wrong: list[tuple[str, int]] = []
    for _ in range(120):
        made = draw.any()
        document = masker.mask(made.document).document
        found = survivors(document, made.gone)
        said = document if isinstance(document, str) else json.dumps(document, ensure_ascii=False)
        planted, left = planted + len(made.gone), left + len(found)
        kept, lost = kept + len(made.kept), lost + sum(value not in said for value in made.kept)
        wrong += [(made.kind, len(found))] if found else []
    assert 0.003 * planted >= left, wrong
    assert 0.01 * kept >= lost


@pytest.mark.parametrize("kind", ["keys", "suffixed", "siblings", "asked", "table_json", "table_text", "headless", "statement", "bound", "filters", "addressed"])  # fmt: skip
def test_each_kind_of_naming(masker: Masker, kind: str) -> None:
    """Each way of naming is heard in most of its spellings."""
    draw = Draw(11)
    planted = left = 0
    for _ in range(40):
        made = getattr(draw, kind)()
        planted += len(made.gone)
        left += len(survivors(masker.mask(made.document).document, made.gone))
    assert 0.02 * planted >= left


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (("last_name", "value"), "PERSON"),
        (("changes", "mrn", "to"), "MRN"),
        (("mrn", "$in"), "MRN"),
        (("last_name.keyword", "value"), "PERSON"),
        (("dob", "day"), "DATE"),
        (("/patient/0/mrn",), "MRN"),
        (("first_name_old",), "PERSON"),
        (("patient", "text"), "TEXT"),
        (("drug:415", "value"), "TEXT"),
        (("mrn", "status"), "KEEP"),
        (("mrn", "note"), "TEXT"),
        (("Geburtsdatum",), "DATE"),
        (("What is your date of birth?", "answer"), "DATE"),
        (("column_display_name",), "TEXT"),
    ],
)
def test_the_stack_is_read_from_the_inside_out(names: tuple[str, ...], kind: str) -> None:
    """A name decides, hands the word to the name above it, or ends the search."""
    assert kind == label(names)[0]


@pytest.mark.parametrize(
    ("kind", "value", "settled"),
    [
        ("MRN", "7", "MRN"),
        ("MRN", "n/a", "KEEP"),
        ("MRN", "varchar", "KEEP"),
        ("DATE", "1960", "TEXT"),
        ("DATE", "14", "DATE"),
        ("AGE", "62", "KEEP"),
        ("AGE", "094Y", "AGE"),
        ("PERSON", "Best", "PERSON"),
        ("PERSON", "88213", "ID"),
        ("PHONE", "call the front desk before the next visit", "TEXT"),
    ],
)
def test_one_rule_for_each_label(kind: str, value: str, settled: str) -> None:
    """A label masks its value, unless the value cannot be of the label's kind."""
    assert settled == settle(kind, value)


@pytest.mark.parametrize(
    ("statement", "columns"),
    [
        ("SELECT 1 FROM p WHERE mrn = $1 AND lower(last_name) LIKE lower(?) OR ssn IN (?, :b)", "mrn last_name ssn ssn"),
        ("INSERT INTO p (mrn, first_name) VALUES (?, ?), (?, ?)", "mrn first_name mrn first_name"),
        ("MERGE INTO p USING (SELECT ? AS mrn) s ON p.mrn = s.mrn WHEN MATCHED THEN UPDATE SET last_name = ?", "mrn last_name"),
        ("SELECT 1 FROM p WHERE (last_name, dob) = (?, ?)", "last_name dob"),
        ("SELECT 1 FROM p WHERE (last_name, dob) IN ((?, ?), (?, ?))", "last_name dob last_name dob"),
        ("SELECT 1 FROM p WHERE data->>'family' = $1 AND starts_with(given, $2)", "family given"),
        ("SELECT 1 FROM p WHERE dob BETWEEN ? AND ? AND age > ?", "dob dob age"),
        ("SELECT 1 FROM p WHERE ? = mrn", "mrn"),
        ("INSERT INTO t (mrn, name) SELECT ?, ? FROM x WHERE ssn = ?", "mrn name ssn"),
        ("WITH v AS (SELECT * FROM (VALUES (?, ?)) AS s (mrn, last_name)) SELECT 1", "mrn last_name"),
        ("SELECT 1 FROM p WHERE mrn = ANY($1)", "mrn"),
        ("SELECT '?' FROM p WHERE mrn = ? -- dob = ?", "mrn"),
        ("UPDATE p SET last_name = %s WHERE mrn = %(m)s", "last_name mrn"),
    ],
)  # fmt: skip
def test_placeholders_have_columns(statement: str, columns: str) -> None:
    """Each placeholder has the column that it is compared with, assigned to or inserted into."""
    assert columns.split() == [column for _, column in placeholders(statement)]


def test_bound_values_beyond_the_last_placeholder_have_no_column(masker: Masker) -> None:
    """Nothing is wrapped round to the first column."""
    document = {"sql": "SELECT 1 FROM p WHERE last_name = ?", "params": ["Best", "daily"]}
    assert ["<PERSON_1>", "daily"] == masker.mask(document).document["params"]


def test_a_label_keeps_its_borders(masker: Masker) -> None:
    """Two names and a number in one row are three tokens, each in its own cell."""
    said = masker.mask_text(
        "last_name\tfirst_name\tmrn\nYoung\tRose\tA17B\nHill\tGrace\tC22D"
    ).document
    rows = [line.split("\t") for line in said.splitlines()]
    assert [3, 3, 3] == [len(row) for row in rows]
    assert all(re.fullmatch(r"<[A-Z]+_[\d?]+>", cell) for row in rows[1:] for cell in row)


def test_a_label_is_learnt(masker: Masker) -> None:
    """A value that structure names is known again in text elsewhere."""
    document = {
        "filter": {"field": "last_name", "value": "brzezk"},
        "note": "asked again for Brzezk",
    }
    assert "rzezk" not in json.dumps(masker.mask(document).document)


def test_a_header_may_lie(masker: Masker) -> None:
    """A column whose header says facility but whose cells are drugs is left."""
    rows = [
        ["facility", "mrn"],
        ["lisinopril", "A17B"],
        ["metformin", "C22D"],
        ["apixaban", "D03E"],
    ]
    said = masker.mask(rows).document
    assert ["lisinopril", "metformin", "apixaban"] == [row[0] for row in said[1:]]


@pytest.mark.parametrize(
    ("document", "kept"),
    [
        ({"address_line1": "7 Alder Ct", "icd10": "x"}, ["address_line1", "icd10"]),
        ({"patients": {"total": 3, "by_unit": {"icu": 1}}}, ["total", "by_unit", "icu"]),
        ({"labs": {"K": 4.1, "a1c": 7}}, ["K", "a1c"]),
        ({"mrn": {"0": "A17B", "1": "C22D"}}, ["0", "1"]),
    ],
)
def test_words_of_a_schema_stay(masker: Masker, document: Any, kept: list[str]) -> None:
    """Keys with digits are kept where they are names of a schema or places in a list."""
    said = json.dumps(masker.mask(document).document)
    assert [] == [key for key in kept if f'"{key}"' not in said]


@pytest.mark.parametrize(
    ("document", "gone"),
    [
        ({"patients": {"88213": {"note": "ok"}}}, "88213"),
        ({"by_mrn": {"A17B": 1}}, "A17B"),
        ({"members": {"XQ99123": "active"}}, "XQ99123"),
        ({"Hill, Grace": {"dob": "1960-03-14", "phone": "x"}}, "Grace"),
        ({"rose.young@host.example": {"status": "active"}}, "rose"),
    ],
)
def test_keys_that_are_values_go(masker: Masker, document: Any, gone: str) -> None:
    """An identifier or a name under which a record stands is masked."""
    assert gone not in json.dumps(masker.mask(document).document)


CLEAN = [
    {"sql": "SELECT department, avg(los) FROM encounters WHERE year = 2023 GROUP BY department HAVING count(*) > 10", "limit": 100},
    {"sql": "UPDATE formulary SET tier = 2 WHERE drug_class = 'ACE inhibitor' AND region IN ('midwest', 'south')"},
    {"order": {"drug": "metformin", "dose": "500 mg", "frequency": "BID", "route": "po", "priority": "routine"}},
    {"dag": "nightly_readmissions", "retries": 3, "timeout": "PT30M", "enabled": True},
    {"path": "/api/v2/patients/search", "method": "GET", "headers": {"accept": "application/json"}},
    {"query": {"bool": {"filter": [{"range": {"age": {"gte": 65}}}, {"term": {"dept.keyword": "cardiology"}}]}}, "size": 0},
    {"body": "The dashboard is ready; readmissions fell by 4 % against last month."},
    {"columns": ["hr", "sbp", "spo2"], "rows": [[88, 120, 97], [92, 131, 95]]},
]  # fmt: skip


@pytest.mark.parametrize("document", CLEAN)
def test_clean_intents_are_sure(masker: Masker, document: Any) -> None:
    """Aggregates, enumerations, measures and names of a schema leave no doubt, and stay."""
    masked = masker.mask(document)
    assert (0, document) == (masked.unsure, masked.document)


@pytest.mark.parametrize(
    "document",
    [
        {"sql": "SELECT 1 FROM t WHERE code_x = 'Zk8B17'"},
        {"sql": "SELECT 1 FROM t WHERE c = $1", "params": ["Zk8B17"]},
        {"x": "Zk8B17"},
        "a,b,c\nfoo,Zk8B17,1\nbar,Qk7C18,2",
        {"path": "/exports/Zk8B17/summary"},
    ],
)
def test_doubt_is_told(masker: Masker, document: Any) -> None:
    """A value that is neither masked nor shown to be harmless is counted, by path and shape."""
    masked = masker.mask(document)
    left = "Zk8B17" in json.dumps(masked.document)
    assert left == bool(masked.unsure)
    assert "Zk8B17" not in repr(masked.kept)


def test_an_explanation_gives_a_reason_for_each_value(masker: Masker) -> None:
    """Asked for, the manifest says of each value that is kept why."""
    document = {
        "status": "active",
        "dose": "500 mg",
        "n": 12,
        "table": "lab_results",
        "x": "Zk8B17",
    }
    masked = masker.mask(document, About(explain=True))
    reasons = {kept.path: kept.why for kept in masked.kept}
    assert {"$.status", "$.dose", "$.n", "$.table"} <= {
        path for path, why in reasons.items() if why
    }
    assert masked.unsure == sum(not why for why in reasons.values())


def test_shapes_hold_no_value() -> None:
    """A shape keeps classes of characters and the length alone."""
    assert "A99A aaa" == shape("A17B foo")
    assert "(400)" in shape("x" * 400)


@pytest.mark.parametrize(
    "text",
    [
        "a,b\n" * 20_000, "mrn=A1&" * 12_000, "x: 'y" * 16_000, "SELECT " + "(" * 30_000, "select a from b where c = '" + "d''" * 9_000,
        "name: " * 15_000, '"' * 90_000, "|" * 90_000, "a  b\n" * 18_000, "patients/" * 10_000, "--a --b " * 11_000, "[" * 90_000,
        "<td>" * 20_000, "mrn in (" * 11_000, "a=" * 40_000, "%28" * 30_000,
    ],
    ids=range(16),
)  # fmt: skip
def test_labels_take_linear_time(masker: Masker, text: str) -> None:
    """Ninety thousand characters of one shape are labelled within a second."""
    from streams.masking.inner import cut, named  # noqa: PLC0415 - what is timed

    lexicon = masker._analyser.lexicon
    began = time.process_time()
    cut(text, lexicon)
    named(text, lexicon)
    slots(text[:32_000])
    assert 15 > time.process_time() - began
