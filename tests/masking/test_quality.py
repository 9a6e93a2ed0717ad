"""The targets, on texts by hand and in disguise (`deploy/bench masking --quality` has more)."""

import re

import pytest

from streams.masking import Masker
from tests.masking import quality
from tests.masking.disguise import DISGUISES, disguised

TOKEN = re.compile(r"(?:<|&lt;)[A-Z][A-Z_]+_\d+(?:\?\d+)?(?:>|&gt;)")


@pytest.mark.parametrize("name", ["questions", "questions_held"])
def test_questions_by_hand(safe_harbor: Masker, name: str) -> None:
    """Full, any, precision and clean texts hold their targets."""
    rates = quality.scored(quality.written(name), quality.finder(safe_harbor))
    assert 0.98 <= rates["full"]
    assert 0.99 <= rates["any"]
    assert 0.95 <= rates["precision"]
    assert 0.15 >= rates["touched"]


@pytest.mark.parametrize("name", [f"unseen_{letter}" for letter in "abcdefghijklmnoprstu"])
def test_questions_in_other_registers(safe_harbor: Masker, name: str) -> None:
    """Shorthand, portal messages, dictation, clerks, chat: what was mended stays mended."""
    rates = quality.scored(quality.written(name), quality.finder(safe_harbor))
    assert 0.93 <= rates["full"]
    assert 0.96 <= rates["any"]
    assert 0.92 <= rates["precision"]
    assert 0.15 >= rates["touched"]


@pytest.mark.parametrize("name", ["conditions", "conditions_held", "conditions_q"])
def test_conditions_by_hand(masker: Masker, name: str) -> None:
    """Of the diagnoses in plain sentences, 95 % are masked whole under `phi`; the rest stays."""
    rates = quality.scored(quality.written(name), quality.finder(masker))
    assert 0.95 <= rates["full"]
    assert 0.95 <= rates["precision"]
    assert 0.15 >= rates["touched"]


@pytest.mark.parametrize(
    "text",
    [
        "known acute on chronic systolic (congestive) heart failure",
        "known stage IIIB lung cancer",
        "known NYHA class III heart failure with reduced ejection fraction",
        "known Lambert-Eaton syndrome",
        "known osteomyelitis of the right great toe",
        "known schizophrenia, paranoid type",
        "known delirium due to urinary tract infection",
        "known torn right ACL",
        "known E. coli sepsis",
        "known MS",
    ],
)
def test_conditions_whole(masker: Masker, text: str) -> None:
    """A condition goes with what stands before and after its head."""
    assert "known <CONDITION_1>" == masker.mask_text(text).document


@pytest.mark.parametrize(
    "text",
    [
        "flu shot and hepatitis B vaccine given",
        "the stroke team and the cancer center",
        "MS 4 mg IV, sats 96% on RA",
        "interscalene nerve block, axillary lymph node dissection",
        "diagnosis, prognosis and hypnosis",
        "the system failure of last night, long-term disability forms",
        "during pregnancy, on Tuesdays, after brachytherapy",
    ],
)
def test_no_conditions(masker: Masker, text: str) -> None:
    """Vaccines, teams, drugs, procedures and lookalikes stay."""
    assert text == masker.mask_text(text).document


@pytest.mark.parametrize("name", ["questions", "questions_held"])
def test_strict_leaks_no_more(strict: Masker, safe_harbor: Masker, name: str) -> None:
    """`strict` masks at least what `safe-harbor` does, and of clean texts leaves most words."""
    narrow = quality.scored(quality.written(name), quality.finder(safe_harbor))
    wide = quality.scored(quality.written(name), quality.finder(strict))
    assert narrow["full"] <= wide["full"]
    words = kept = 0
    for text in quality.written(name):
        if not text.values:
            words += len(text.text.split())
            kept += len(set(text.text.split()) & set(strict.mask_text(text.text).document.split()))
    assert 0.8 * words <= kept


def test_every_disguise(safe_harbor: Masker) -> None:
    """Of what is caught in the clear, 99 % is caught in each disguise, base64 and hex included."""
    shares = quality.evasions(safe_harbor, 4, 60)
    assert set(DISGUISES) == set(shares)
    assert [] == [name for name, share in shares.items() if share < 0.99]


@pytest.mark.parametrize("name", DISGUISES)
def test_spans_say_what_was_masked(safe_harbor: Masker, name: str) -> None:
    """Spans count characters of the text as given: tokens put in their places give the answer."""
    for plain in [*quality.generated(8, 15), *list(quality.written("questions"))[:40]]:
        text = disguised(plain, name).text
        masked = safe_harbor.mask_text(text)
        at, pattern = 0, ""
        for span in masked.spans:
            assert at <= span.start < span.end <= len(text)
            pattern += re.escape(text[at : span.start]) + TOKEN.pattern
            at = span.end
        assert re.fullmatch(pattern + re.escape(text[at:]), masked.document), text


def test_function_words_of_other_languages_are_names_too(safe_harbor: Masker) -> None:
    """`Mia` is Italian for `mine`, and a first name: it goes."""
    assert "Mia" not in safe_harbor.mask_text("Requested by Mia Ali for the ward.").document
