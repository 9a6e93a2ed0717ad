"""The door: shape, tokens, limits, failures."""

# ruff: noqa: E501 - one case a line

import json
import pickle
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streams.errors import MaskingError, SettingsError
from streams.masking import Masker, MaskingConfig
from streams.masking.config import Limits, NerModel
from streams.masking.revision import PACKAGE, digest_of

TOKEN = re.compile(r"(?:<|&lt;)[A-Z][A-Z_]+_\d+(?:\?\d+)?(?:>|&gt;)")
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=40),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)
RELAXED = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def shape(value: Any) -> Any:
    """Return a value's shape: containers and sizes, without leaves."""
    if isinstance(value, dict):
        return [shape(inner) for inner in value.values()]
    return [shape(inner) for inner in value] if isinstance(value, list) else None


@given(JSON)
@RELAXED
def test_shape_stays(masker: Masker, document: Any) -> None:
    """Whatever goes in, the same shape comes out, and it is JSON."""
    masked = masker.mask(document)
    assert shape(document) == shape(masked.document)
    json.dumps(masked.document)


@given(JSON)
@RELAXED
def test_masking_twice_changes_nothing(masker: Masker, document: Any) -> None:
    """mask(mask(x)) == mask(x)."""
    once = masker.mask(document).document
    assert once == masker.mask(once).document


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=120))
@RELAXED
def test_spans_cut_the_input(masker: Masker, text: str) -> None:
    """Spans are in order, apart, within the text, and give the masked text when put in."""
    masked = masker.mask_text(text)
    at, rest = 0, []
    for span in masked.spans:
        assert at <= span.start < span.end <= len(text)
        rest.append(text[at : span.start])
        at = span.end
    rest.append(text[at:])
    kept = TOKEN.sub("\0", text)
    assert TOKEN.sub("", masked.document) == TOKEN.sub("", "".join(rest)) or "\0" in kept


def test_one_value_one_token(masker: Masker) -> None:
    """A person known from a field is the same token in text, SQL, a file name, and a key."""
    masked = masker.mask(
        {
            "patient": {"name": "Thandiwe Mokoena", "mrn": 55512345},
            "sql": "SELECT lab FROM results WHERE last_name = 'MOKOENA' AND mrn = 55512345",
            "file": "exports/mokoena_thandiwe.csv",
            "note": "T. Mokoena, also written Mokoena, Thandiwe",
            "by Mokoena": "tmokoena",
        }
    )
    said = json.dumps(masked.document)
    assert "mokoena" not in said.lower()
    assert "thandiwe" not in said.lower()
    assert "55512345" not in said
    assert {"<PERSON_1>"} == set(re.findall(r"<PERSON_\d+>", said))
    assert {"<MRN_1>"} == set(re.findall(r"<MRN_\d+>", said))


def test_numbers_and_keys_are_read(masker: Masker) -> None:
    """Numbers under telling names, long numbers anywhere, and keys that are values are masked."""
    masked = masker.mask(
        {"mrn": 12345, "x": 5551234567, "123-45-6789": 1, "count": 12, "Ann Nguyen": {"ok": True}}
    )
    said = json.dumps(masked.document)
    assert "12345" not in said
    assert "5551234567" not in said
    assert "6789" not in said
    assert "Nguyen" not in said
    assert 12 == masked.document["count"]


@pytest.mark.parametrize(
    "name",
    ["patientName", "patient_name", "PATIENT-NAME", "PatientName", "patient.name", "Patient Name"],
)
def test_casing_styles(masker: Masker, name: str) -> None:
    """A field's name counts in any casing style."""
    assert {name: "<PERSON_1>"} == masker.mask({name: "Quill"}).document


def test_deep_nesting_is_withheld(masker: Masker) -> None:
    """Ten thousand levels neither crash nor pass: what lies below the limit is withheld."""
    inner: list[Any] = ["Thandiwe Mokoena"]
    for _ in range(10_000):
        inner = [inner]
    masked = masker.mask(inner)
    assert 1 == masked.withheld
    assert not masked.whole
    assert "Mokoena" not in repr(masked.document)


def test_oversize_is_withheld() -> None:
    """A text over the limit is withheld, alone; the rest of the document is masked."""
    masker = Masker(config=MaskingConfig(limits=Limits(text_chars_max=1000)))
    masked = masker.mask({"a": "Thandiwe Mokoena " * 100, "b": "ok"})
    assert {"a": "<WITHHELD_1>", "b": "ok"} == masked.document
    assert 1 == masked.withheld


def test_failure_in_one_field_withholds_it(masker: Masker, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error while one field is read withholds that field; the others are masked."""
    find = masker._analyser.find

    def failing(texts: list[str], *, layers: int = 0) -> Any:
        if any("poison" in text for text in texts):
            raise ValueError("Thandiwe")
        return find(texts, layers=layers)

    monkeypatch.setattr(masker._analyser, "find", failing)
    masked = masker.mask({"a": "poison Thandiwe", "b": "seen by Dr. Okafor"})
    assert {"a": "<WITHHELD_1>", "b": "seen by Dr. <PERSON_1>"} == masked.document
    assert 1 == masked.withheld


def test_total_failure_says_nothing(masker: Masker, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure as a whole is a MaskingError without a word of the text, nor its cause's."""

    def failing(*_: Any, **__: Any) -> Any:
        raise ValueError("Thandiwe")

    monkeypatch.setattr("streams.masking.passes.rebuild", failing)
    with pytest.raises(MaskingError) as raised:
        masker.mask({"a": "Thandiwe"})
    assert "Thandiwe" not in str(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__


def test_out_of_time_is_withheld() -> None:
    """What is not masked when the time is over is withheld."""
    masker = Masker(config=MaskingConfig(limits=Limits(seconds_max=1e-9)))
    masked = masker.mask({"a": "Thandiwe Mokoena"})
    assert "Mokoena" not in json.dumps(masked.document)
    assert 0 < masked.withheld


def test_results_travel(masker: Masker) -> None:
    """Results can be pickled, and hold no value that was masked."""
    masked = masker.mask({"note": "Thandiwe Mokoena, 555-123-4567"})
    again = pickle.loads(pickle.dumps(masked))  # noqa: S301 - our own bytes
    assert masked == again
    assert "Mokoena" not in repr(again.findings)
    assert {"PERSON": 1, "PHONE": 1} == again.kinds


def test_paths_hold_masked_keys(masker: Masker) -> None:
    """The manifest's paths are made of masked keys."""
    masked = masker.mask({"Thandiwe Mokoena": {"phone": "555-123-4567"}})
    assert "Mokoena" not in repr(masked.findings)
    assert any("$.<PERSON_1>.phone" in finding.paths for finding in masked.findings)


def test_keys_that_mask_alike_stay_apart(masker: Masker) -> None:
    """Two keys that mask to one token stay two keys."""
    masked = masker.mask({"Thandiwe Mokoena": 1, "THANDIWE MOKOENA": 2})
    assert [1, 2] == list(masked.document.values())


def test_tokens_in_the_input_keep_their_numbers(masker: Masker) -> None:
    """A token that the input already holds is neither masked again nor given to another value."""
    masked = masker.mask({"a": "<PERSON_1> met Thandiwe Mokoena"})
    assert {"a": "<PERSON_1> met <PERSON_2>"} == masked.document


def test_unknown_profile_and_model() -> None:
    """An unknown profile, a missing model, and a model that is not the pinned one stop the start."""
    with pytest.raises(SettingsError, match="profiles"):
        Masker("lenient")
    with pytest.raises(SettingsError, match="not installed"):
        Masker(config=MaskingConfig(model=NerModel(name="no_such_model")))
    with pytest.raises(SettingsError, match="not the ones"):
        Masker(config=MaskingConfig(model=NerModel(sha256="0" * 64)))


def test_one_changed_rule_is_another_revision(tmp_path: Path) -> None:
    """A rule, a word list or a table that changes moves the revision; a cache file does not."""
    copy = tmp_path / "masking"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    first = digest_of(copy)
    assert digest_of(PACKAGE) == first
    (copy / "__pycache__").mkdir()
    (copy / "__pycache__" / "own.pyc").write_bytes(b"x")
    digest_of.cache_clear()
    assert first == digest_of(copy)
    moved = {first}
    for name, old, new in (
        ("codes/patterns.py", b'"email", "EMAIL", 1.0', b'"email", "EMAIL", 0.9'),
        ("vocabulary/data/lists.txt", b"\n[", b"\nquill\n["),
        ("field_names.py", b" mrns ", b" mrnz "),
    ):
        file = copy / name
        file.write_bytes(file.read_bytes().replace(old, new, 1))
        digest_of.cache_clear()
        moved.add(digest_of(copy))
    assert 4 == len(moved)


def test_revision_names_what_masks(masker: Masker, safe_harbor: Masker) -> None:
    """The revision is the same for the same masker and another for another profile or setting."""
    assert masker.revision == Masker().revision
    assert masker.revision != safe_harbor.revision
    assert masker.revision != Masker(config=MaskingConfig(allow=("x",))).revision
