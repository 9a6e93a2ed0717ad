"""The 18 identifiers of 45 CFR 164.514(b)(2)(i), one by one, with their fine print."""

# ruff: noqa: E501 - one case a line

import pytest

from streams.masking import Masker
from streams.masking.places.zips import RESTRICTED, general

# (letter of the rule, text, what must not survive in it)
CASES = [
    ("A names", "Oluwaseun Adeyemi-Clarke, RN", "Adeyemi"),
    ("A names", "patient chidiebere okonkwo is npo", "okonkwo"),
    ("A names", "her name is zuleika, she's 41", "zuleika"),
    ("A names", "Pyotr Orlov shares a surgeon", "Pyotr"),
    ("A names", "her son Ace is 3", "Ace"),
    ("A names", "Ng, A. reviewed", "Ng"),
    ("B street", "88 Quarry Hollow Rd, Apt 3", "Quarry"),
    ("B street", "the pharmacy on Lexington Avenue", "Lexington"),
    ("B city", "moved to Kennebunkport", "Kennebunkport"),
    ("B county", "lives in Pointe Coupee Parish", "Coupee"),
    ("B precinct", "Eastwick Precinct", "Eastwick"),
    ("B ZIP", "ZIP 60614-1123", "14"),
    ("B facility", "seen at Bluestone Family Practice", "Bluestone"),
    ("B facility", "fell at cedar grove nursing home", "cedar"),
    ("C dates", "admitted 05/14/2024", "14"),
    ("C dates", "born on the 5th of May 1962", "May"),
    ("C dates", "no-showed 2/14 and 2/21", "2/14"),
    ("C dates", "/var/log/ehr/2024-02-09/a.log", "02-09"),
    ("C ages over 89", "He's 93 y/o", "93"),
    ("C ages over 89", "The 107-year-old is well", "107"),
    ("C dates", "hold it from Aug. 5: prednisone 40", "Aug"),
    ("C dates", "no-showed Wednesday 4/16", "Wed"),
    ("C dates", "in hospital until 29/11", "29"),
    ("C dates", "no periods since July", "July"),
    ("C dates", "her March scan", "March"),
    ("C dates", "fell on Labor Day", "Labor"),
    ("C dates", "the night of the 3rd she fell", "3rd"),
    ("C ages over 89", "My neighbour is 91, fell twice", "91"),
    ("C ages over 89", "She was 102 last week", "102"),
    ("C ages over 89", "At 96, does she need it?", "96"),
    ("C ages over 89", "Mr Hall (93) refuses", "93"),
    ("B facility", "at Larkmoor Cardiology Group today", "Group"),
    ("B facility", "Shady Grove Rehabilitation and Nursing Center", "Nursing"),
    ("B facility", "her GP at Thornbury Surgery", "Surgery"),
    ("B facility", "in cedar lodge care home", "cedar"),
    ("B street", "found at Sycamore and 9th", "Sycamore"),
    ("B ZIP", "Eircode D04 C8P6", "C8P6"),
    ("B ZIP", "post it to sw9 8lb please", "8lb"),
    ("D telephone", "call (802) 555-0177", "0177"),
    ("D telephone", "on 07700 900982", "900982"),
    ("E fax", "fax: 802-555-0123", "0123"),
    ("F e-mail", "write to o.vanterpool@ward.internal", "vanterpool"),
    ("G SSN", "SSN 531-88-2047", "2047"),
    ("G SSN", "last four of social: 4471", "4471"),
    ("H record number", "MRN 40-22-918", "918"),
    ("I plan beneficiary", "Medicare card reads 3870 51926 4, valid", "6 4"),
    ("R any other code", "complaint ref CMP/9914/25", "9914"),
    ("R any other code", "under CIN 73318204A please", "733"),
    ("R any other code", "unit W1234 25 004417 was hung", "4417"),
    ("R any other code", "key safe 1958 by the door", "1958"),
    ("L vehicle", "tag RVK 9912 on the car", "9912"),
    ("M device", "the card reads (21)77B1029Q", "(21)"),
    ("I plan beneficiary", "Medicare 2TR9-KX4-MN31", "MN31"),
    ("I plan beneficiary", "subscriber R55801923", "R558"),
    ("J account", "checking acct 000123456789", "123456"),
    ("K certificate or licence", "driver license WDL-4471-1234K", "4471"),
    ("K certificate or licence", "DEA FM1234563", "FM123"),
    ("L vehicle", "VIN 2HGFC2F59KH512345", "512345"),
    ("L vehicle", "The plate on the car was KX21 RTV.", "RTV"),
    ("M device", "pump S/N NG1-446201H", "446201"),
    ("M device", "UDI (01)00643169007222(21)5544A", "5544"),
    ("N URL", "see https://mychart.example/visit/7719?pt=88123", "88123"),
    ("O IP", "from 203.0.113.88", "113"),
    ("P biometric", "voiceprint ID VP-77120", "77120"),
    ("P biometric", "fingerprint template FP-99813-A", "99813"),
    ("Q photograph", "wound photo DSC_4417_rivers_leg.heic", "rivers"),
    ("R any other", "badge 20-4471", "4471"),
    ("R any other", "accession S23-08841", "08841"),
    ("R any other", "scp /home/wblankenship/a.pdf", "blankenship"),
    ("R any other", "claim 2024031500871 denied", "031500871"),
]  # fmt: skip


@pytest.mark.parametrize(("letter", "text", "value"), CASES)
def test_each_identifier(safe_harbor: Masker, letter: str, text: str, value: str) -> None:
    """No identifier of any of the 18 kinds survives."""
    assert value not in safe_harbor.mask_text(text).document, letter


def test_all_eighteen_are_here() -> None:
    """Each letter of the rule has a case."""
    assert list("ABCDEFGHIJKLMNOPQR") == sorted({letter[0] for letter, _, _ in CASES})


@pytest.mark.parametrize(
    "text",
    [
        "diagnosed in 2019", "87 years old", "89 year old man", "from Ohio", "lives in New York", "at 2:30 pm", "9 months old", "aged 45 to 60",
        "sliding scale 150-199 2 units", "shift 1900-0700", "NDC 00093-7214-10", "Rx: Norco 5/325", "motor 4/5 and 5/5", "2019-2023",
        "Augmentin 875-125", "AUC 400-600", "CMS-1500 form", "BRAF V600E, MSI-H", "levels L4-L5 and C5-C6", "T2N0M0, E11.65", "CPT 99214",
        "he's 92 on room air", "She was 102 with chills and fever", "patients over 90", "adults aged 90 and older", "Her pulse is 94",
        "RSV season from October to March?", "it may march on", "more than 10 may cause it", "mar 2 tabs", "fasting for Ramadan",
        "Bariatric Surgery consult", "Refer to the Sleep Center", "Rapid Response Team", "American College of Cardiology",
    ],
)  # fmt: skip
def test_what_is_no_identifier_stays(safe_harbor: Masker, text: str) -> None:
    """Bare years, ages up to 89, states, times, ranges and public codes stay readable."""
    assert text == safe_harbor.mask_text(text).document


def test_zip_codes_keep_three_digits(safe_harbor: Masker) -> None:
    """A ZIP code's token shows the three digits that may stay, and stays so when masked again."""
    once = safe_harbor.mask({"zip": "60614", "note": "from Akron, OH 44301-1123"}).document
    assert {"zip": "<ZIP_606>", "note": "from <LOCATION_1>, OH <ZIP_443>"} == once
    assert once == safe_harbor.mask(once).document


@pytest.mark.parametrize("prefix", sorted(RESTRICTED))
def test_restricted_prefixes_become_zeros(safe_harbor: Masker, prefix: str) -> None:
    """The 17 prefixes with 20,000 people or fewer become 000, also where they stand alone."""
    assert "000" == general(f"{prefix}12")
    assert "000" == general(f"{prefix}12-3456")
    assert "<ZIP_000>" == safe_harbor.mask({"zip": f"{prefix}12"}).document["zip"]
    assert prefix not in safe_harbor.mask_text(f"ZIP prefix {prefix}").document


def test_the_list_is_the_rule_s() -> None:
    """There are 17 restricted prefixes; other prefixes, and other countries' codes, are told apart."""
    assert 17 == len(RESTRICTED)
    assert "606" == general("60614")
    assert general("SW1A 1AA") is None


def test_other_postal_codes_have_numbers(safe_harbor: Masker) -> None:
    """A code of another country shows nothing of itself."""
    assert {"postal_code": "<POSTCODE_1>"} == safe_harbor.mask({"postal_code": "H2X 1Y4"}).document
