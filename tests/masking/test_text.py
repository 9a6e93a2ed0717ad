"""Free text: leak-free and still readable, on the half of the corpus that may be tuned on."""

# ruff: noqa: E501 - one case a line

import base64

import pytest

from streams.masking import Masker
from streams.masking.results import Span
from tests.masking.corpus import Corpus
from tests.masking.sweep import TOKEN, survivors


def covered(spans: tuple[Span, ...], text: str, start: int, end: int) -> bool:
    """Tell whether each letter and digit of a stretch lies in a span."""
    return all(
        any(s.start <= i < s.end for s in spans) for i in range(start, end) if text[i].isalnum()
    )


def test_questions_do_not_leak(safe_harbor: Masker) -> None:
    """Of the identifiers in short clinical questions, 98 % are masked whole, and 95 % of spans are right."""
    corpus = Corpus(2)
    whole = total = right = spans = 0
    for _ in range(500):
        question = corpus.question()
        found = safe_harbor.mask_text(question.text).spans
        total += len(question.values)
        whole += sum(covered(found, question.text, start, end) for start, end, _ in question.values)
        spans += len(found)
        right += sum(
            any(s.start < end and start < s.end for start, end, _ in question.values) for s in found
        )
    assert whole >= 0.98 * total
    assert right >= 0.95 * spans


def test_clean_texts_are_left_alone(safe_harbor: Masker) -> None:
    """At most 5 % of clinical texts without identifiers are touched."""
    corpus = Corpus(2)
    touched = sum(bool(safe_harbor.mask_text(corpus.clean().text).spans) for _ in range(400))
    assert touched <= 20


@pytest.mark.parametrize(
    "text",
    [
        "55-year-old on metformin 500 mg twice daily since 2021",
        "Parkinson's disease, Crohn's disease, Foley catheter, Glasgow Coma Scale 14, Murphy's sign",
        "BP 142/88, HR 96, platelets 250,000, A1c 7.8%, 98.6 F, 3-day course, q6h PRN, 24/30",
        "Will Humira interact with Tylenol? May I take Augmentin? Mark the order complete.",
        "age 45 to 89, aged 67 years; 12 month old; at 2:30 pm on Friday; in 2 weeks",
        "Traveled from Nigeria to Texas in 2019",
    ],
)
def test_readable(safe_harbor: Masker, text: str) -> None:
    """Ages, frequencies, drugs, eponyms, tests, bare years, countries and states stay."""
    assert text == safe_harbor.mask_text(text).document


def test_the_gap_is_masked_where_it_is_written(safe_harbor: Masker) -> None:
    """An encoded space between two names is masked with them: it is made of digits."""
    for text in ("Message from Tarqui&#32;Suzuki: better", "Message from Tarqui%20Suzuki: better"):
        said = safe_harbor.mask_text(text).document
        assert "32" not in said
        assert "20" not in said


@pytest.mark.parametrize(
    "text",
    [
        "Requested by Rosa van der Lake for Ann Lee",
        "Requested by Eun-ji King for Ann Lee",
        "seen by Obadiah Stern, Jr. today",
    ],
)
def test_whole_names(safe_harbor: Masker, text: str) -> None:
    """Particles, hyphens, plain words and suffixes are masked with the name they belong to."""
    left = TOKEN.sub("", safe_harbor.mask_text(text).document)
    assert not any(word[:1].isupper() for word in left.replace("Requested", "").split()), left


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("She is 94 years old.", "94"), ("age 101", "101"), ("a ninety-three-year-old man", "ninety-three"),
        ("ZIP 10025", "10025"), ("from Akron, OH 44301", "44301"), ("seen March 2021", "March"), ("on 3/14", "3/14"),
        ("plate 7KLM392", "7KLM392"), ("VIN 1HGCM82633A004352", "1HGCM82633A004352"), ("IMEI 490154203237518", "490154203237518"),
        ("fingerprint ID FP-99813", "99813"), ("see IMG_0042_face.jpg", "face"), ("10.44.3.201", "10.44"), ("a.b@corp.internal", "corp"),
        ("admitted to Bluestone Medical Center", "Bluestone"), ("lives in Cook County", "Cook"), ("UDI (01)00884838032019", "00884838032019"),
        ("five five five one two three four five six seven", "five"),
    ],
)  # fmt: skip
def test_fine_print(safe_harbor: Masker, text: str, value: str) -> None:
    """The fine print of 45 CFR 164.514(b)(2): each of the rarer identifiers goes."""
    assert value not in safe_harbor.mask_text(text).document


def test_blobs(masker: Masker) -> None:
    """Base64, hex and gzip that hold an identifier are masked whole; harmless ones stay."""
    import gzip  # noqa: PLC0415 - imported late, where it is used

    said = b"Thandiwe Mokoena MRN 55512345"
    for blob in (
        base64.b64encode(said),
        said.hex().encode(),
        base64.b64encode(gzip.compress(said)),
    ):
        assert "<ENCODED_1>" == masker.mask_text(blob.decode()).document
    harmless = base64.b64encode(b"please restart the nightly job tomorrow").decode()
    assert harmless == masker.mask_text(harmless).document


def test_intents_do_not_leak(masker: Masker) -> None:
    """In intents of all actions nothing planted survives; each is whole and masked to itself.

    A blob that opens to a name and a number is more than a value, so its preview is incomplete; so
    is a shell command that hides where its output goes.
    """
    corpus = Corpus(6)
    leaks = odd = code = 0
    for i in range(300):
        document, planted = corpus.intent()
        masked = masker.mask(document)
        leaks += len(survivors(repr(masked.document), planted)) > 0
        assert [] == survivors(repr(masked.findings), planted)
        odd += "odd_value" in masked.why_not_whole
        code += "masked_code" in masked.why_not_whole
        assert set(masked.why_not_whole) <= {"encoded_code", "odd_value", "masked_code"}
        assert masked.whole or odd or code or "<ENCODED_1>" in repr(masked.document)
        if i % 10 == 0:
            assert masked.document == masker.mask(masked.document).document
    assert leaks <= 3
    assert odd <= 1
    assert code <= 300 // 8  # one template: a shell command that mails to an address


def test_the_sweep_sees(masker: Masker) -> None:
    """The sweep itself fails when a value is left: it finds each planted value in the unmasked intent."""
    document, planted = Corpus(8).intent()
    assert list(range(len(planted))) == survivors(repr(document) + " ".join(planted), planted)
    assert [] == survivors(repr(masker.mask(document).document), planted)
