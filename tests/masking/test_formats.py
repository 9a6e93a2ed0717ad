"""Messages: nothing planted survives, clinical values stay, damage does no harm."""

# ruff: noqa: E501, S311, TID251 - one case a line; the same damage each time

import json
import random
from xml.etree import ElementTree as ET

import pytest

from streams.masking import Masker
from tests.masking.messages import Message, messages
from tests.masking.sweep import TOKEN, survivors

FHIR_XML = """<?xml version="1.0" encoding="UTF-8"?>
<Patient xmlns="http://hl7.org/fhir"><id value="p-88121"/><text><status value="generated"/>
<div xmlns="http://www.w3.org/1999/xhtml"><p>Aroha Ngata, born 4 May 1960 &amp; well</p></div></text>
<extension url="http://x/geolocation"><extension url="latitude"><valueDecimal value="42.3601"/></extension></extension>
<identifier><system value="urn:oid:1.2.36"/><value value="QX99123"/></identifier>
<name><family value="Ngata"/><given value="Aroha"/></name><birthDate value="1960-05-04"/>
<address><line value="9 Kowhai St"/><city value="Rotorua"/><postalCode value="3010"/></address>
<contained><Observation><code><coding><system value="http://loinc.org"/><code value="2951-2"/><display value="Sodium"/></coding></code>
<valueQuantity><value value="140"/><unit value="mmol/L"/></valueQuantity><subject><reference value="Patient/p-88121"/></subject></Observation></contained>
<!-- seen by Dr. Quillfeather --></Patient>"""
SCRIPT = """<?xml version="1.0"?><Message xmlns="http://www.ncpdp.org/schema/SCRIPT"><Header><To Qualifier="P">7701630</To>
<MessageID>1234567</MessageID></Header><Body><NewRx><Patient><HumanPatient><Name><LastName>SMITH</LastName><FirstName>MARY</FirstName></Name>
<DateOfBirth><Date>1954-12-25</Date></DateOfBirth></HumanPatient></Patient><Note>call O&apos;Malley at 555-201-8891</Note></NewRx></Body></Message>"""
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


def test_xml_stays_well_formed(masker: Masker) -> None:
    """A masked C-CDA, FHIR or SCRIPT document can be parsed, and says its tokens as text."""
    texts = [of("ccda", seed).text for seed in SEEDS]
    for text in [*texts, FHIR_XML, SCRIPT]:
        said = masker.mask_text(text).document
        root = ET.fromstring(said)  # noqa: S314 - our own text
        assert "<PERSON_1>" in "".join(root.itertext()) + repr([e.attrib for e in root.iter()])
        assert said == masker.mask_text(said).document


def test_fhir_as_xml(masker: Masker) -> None:
    """FHIR's elements count in XML as in JSON: identifiers go, codes and quantities stay."""
    said = masker.mask_text(FHIR_XML).document
    planted = ["Ngata", "Aroha", "QX99123", "1960-05-04", "Kowhai", "Rotorua", "42.3601", "88121"]
    assert [] == survivors(said, [*planted, "Quillfeather"])
    for kept in (
        'value="2951-2"',
        'value="Sodium"',
        'value="140"',
        'value="mmol/L"',
        "geolocation",
    ):
        assert kept in said


def test_ncpdp_header_by_field(masker: Masker) -> None:
    """A D.0 header is masked field by field, as are the fields behind it."""
    head = "610066D0B1PCN12345671011234567893     20240115SOFT123456"
    said = masker.mask_text(head + "\x1e\x1cAM04\x1cC2ABC123456789\x1cCCMARGARET").document
    assert said.startswith("<ACCOUNT_1>D0B1<ACCOUNT_2>101<LICENSE_1>     <DATE_1><FIELD_1>\x1e")
    assert said == masker.mask_text(said).document


def test_an_extension_is_known_by_its_url(masker: Masker) -> None:
    """In FHIR JSON inside a string, a geolocation's numbers go, wherever its URL stands."""
    said = masker.mask_text(
        '{"resourceType":"Patient","extension":[{"url":"http://x/geolocation","extension":'
        '[{"url":"latitude","valueDecimal":42.361},{"valueDecimal":-71.05,"url":"longitude"}]}]}'
    ).document
    assert "42.3" not in said
    assert "71.05" not in said
    assert '"url":"latitude"' in said


@pytest.mark.parametrize("name", FORMATS)
def test_flipped_bytes_never_pass_unread(masker: Masker, name: str) -> None:
    """Bytes turned over one by one: no crash, nothing withheld in silence, JSON for an answer."""
    draw = random.Random(f"bytes {name}")
    data = of(name, 16).text.encode()
    for _ in range(20):
        broken = bytearray(data)
        for _ in range(4):
            broken[draw.randrange(len(broken))] ^= 1 << draw.randrange(8)
        masked = masker.mask({"body": broken.decode("utf-8", "replace")})
        json.dumps(masked.document)
        assert 0 == masked.withheld or "<WITHHELD_1>" in masked.document["body"]


def test_an_unknown_segment_is_masked(masker: Masker) -> None:
    """Fields of a segment that no table defines are masked, whatever they hold."""
    said = masker.mask_text("MSH|^~\\&|A|B|C|D|20240101||ADT^A01|1|P|2.5\rZXY|blue|7|xyz").document
    assert said.endswith("ZXY|<FIELD_1>|<FIELD_2>|<FIELD_3>")


def test_json_in_a_string_stays_json(masker: Masker) -> None:
    """JSON inside a string is still JSON when numbers in it were masked."""
    inner = json.dumps(
        {"mrn": 1234567, "patient": {"firstName": "Amara", "lastName": "Nwosu"}, "dose": 5}
    )
    said = json.loads(masker.mask({"body": inner}).document["body"])
    assert {
        "mrn": "<MRN_1>",
        "patient": {"firstName": "<PERSON_1>", "lastName": "<PERSON_1?2>"},
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


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (
            "Show the growth of baby Kapono from birth on 07.07.2023 until the 9 month check.",
            "Show the growth of baby <PERSON_1> from birth on <DATE_1> until the 9 month check.",
        ),
        (
            "Call Tomas Lindqvist from the lab (K 6.1)",
            "Call <PERSON_1> from the lab (K 6.1)",
        ),
        (
            "Delete Ana Ruiz's duplicate from today on 4/5/2024",
            "Delete <PERSON_1>'s duplicate from today on <DATE_1>",
        ),
    ],
)
def test_requests_are_no_sql(masker: Masker, text: str, masked: str) -> None:
    """A request that begins with a verb of SQL is read as text."""
    assert masked == masker.mask(text).document
