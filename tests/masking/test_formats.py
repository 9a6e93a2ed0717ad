"""Messages: nothing planted survives, clinical values stay, damage does no harm."""

# ruff: noqa: E501, S311, TID251 - one case a line; the same damage each time

import random

import pytest

from streams.masking import Masker
from tests.masking.messages import Message, messages
from tests.masking.sweep import TOKEN, survivors

FORMATS = ("hl7", "x12", "ncpdp", "ccda", "fhir", "json")
SEEDS = range(2, 42, 2)


def of(name: str, seed: int) -> Message:
    """Return one format's message of a seed."""
    return next(message for message in messages(seed) if message.format == name)


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_planted_survives(masker: Masker, name: str) -> None:
    """No planted identifier survives, verbatim, as digits or in pieces; not in the manifest either."""
    for seed in SEEDS:
        message = of(name, seed)
        masked = masker.mask_text(message.text)
        assert [] == survivors(masked.document, message.planted), (name, seed)
        assert [] == survivors(repr(masked.findings), message.planted), (name, seed)
        assert masked.whole


@pytest.mark.parametrize("name", FORMATS)
def test_clinical_values_stay(safe_harbor: Masker, name: str) -> None:
    """At least 98 % of doses, laboratory values, drugs and vital signs stay readable."""
    lost = total = 0
    for seed in SEEDS:
        message = of(name, seed)
        said = safe_harbor.mask_text(message.text).document
        total += len(message.kept)
        lost += sum(value not in said for value in message.kept)
    assert lost <= 0.02 * total


@pytest.mark.parametrize("name", FORMATS)
def test_twice_is_once(masker: Masker, name: str) -> None:
    """A masked message is masked to itself."""
    for seed in (2, 4, 6, 8):
        once = masker.mask_text(of(name, seed).text).document
        assert once == masker.mask_text(once).document


@pytest.mark.parametrize("name", FORMATS)
def test_cut_off_anywhere(masker: Masker, name: str) -> None:
    """A message that is cut off is masked up to its end: whole values still do not survive."""
    draw = random.Random(name)
    message = of(name, 12)
    for _ in range(25):
        text = message.text[: draw.randrange(len(message.text) // 3, len(message.text))]
        planted = [
            value for value in message.planted if value in text and not text.endswith(value[:-1])
        ]
        assert [] == survivors(masker.mask_text(text).document, planted), len(text)


@pytest.mark.parametrize("name", FORMATS)
def test_flipped_characters_do_no_harm(masker: Masker, name: str) -> None:
    """Damage never raises, never loses the shape of a string, and never empties the protection of the rest."""
    draw = random.Random(name)
    message = of(name, 14)
    for _ in range(20):
        chars = list(message.text)
        for _ in range(3):
            chars[draw.randrange(len(chars))] = chr(draw.randrange(32, 127))
        text = "".join(chars)
        said = masker.mask_text(text).document
        assert isinstance(said, str)
        intact = [value for value in message.planted[2:4] if value in text]
        left = survivors(said, intact)
        assert len(left) <= 1, (left, TOKEN.sub("", said)[:0])


def test_an_unknown_segment_is_masked(masker: Masker) -> None:
    """Fields of a segment that no table defines are masked, whatever they hold."""
    said = masker.mask_text("MSH|^~\\&|A|B|C|D|20240101||ADT^A01|1|P|2.5\rZXY|blue|7|xyz").document
    assert said.endswith("ZXY|<FIELD_1>|<FIELD_2>|<FIELD_3>")


def test_json_in_a_string_stays_json(masker: Masker) -> None:
    """JSON inside a string is still JSON when numbers in it were masked."""
    import json  # noqa: PLC0415 - imported late, where it is used

    inner = json.dumps(
        {"mrn": 1234567, "patient": {"firstName": "Amara", "lastName": "Nwosu"}, "dose": 5}
    )
    said = json.loads(masker.mask({"body": inner}).document["body"])
    assert {
        "mrn": "<MRN_1>",
        "patient": {"firstName": "<PERSON_1>", "lastName": "<PERSON_1>"},
        "dose": 5,
    } == said


@pytest.mark.parametrize(
    ("sql", "masked"),
    [
        (
            "SELECT a FROM p WHERE last_name = 'O''Malley'",
            "SELECT a FROM p WHERE last_name = '<PERSON_1>'",
        ),
        (
            "INSERT INTO p (mrn, first_name, w) VALUES (445129, 'Rose', 71.5)",
            "INSERT INTO p (mrn, first_name, w) VALUES (<MRN_1>, '<PERSON_1>', 71.5)",
        ),
        (
            "DELETE FROM a WHERE patient_id = 88213 /* Imani Castellanos */",
            "DELETE FROM a WHERE patient_id = <MRN_1> /* <PERSON_1> */",
        ),
        (
            "UPDATE p SET phone = E'555-201-9988' WHERE id = 7 -- Dr. Abara",
            "UPDATE p SET phone = E'<PHONE_1>' WHERE id = 7 -- Dr. <PERSON_1>",
        ),
        ("SELECT d, avg(los) FROM e WHERE year = 2023 GROUP BY d HAVING count(*) > 10", None),
        ("SELECT count(*) FROM visits WHERE status = 'open' AND age > 65 LIMIT 100", None),
    ],
)
def test_sql(masker: Masker, sql: str, masked: str | None) -> None:
    """SQL is masked by its tokens; aggregate SQL without identifiers is left as it is."""
    assert (masked or sql) == masker.mask({"sql": sql}).document["sql"]
