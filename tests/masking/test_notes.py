"""Notes written by hand, with identifiers of all kinds: none survives, the medicine stays."""

# ruff: noqa: E501 - notes as people write them

import pytest

from streams.masking import Masker

# (note, what must not survive, what must stay)
NOTES = [
    (
        """EMERGENCY DEPARTMENT NOTE
Pt: Marchetti, Giovanna   MRN: 40-22-918   DOB: 8/3/1931 (93F)
Arrival: 05/14/2024 13:22 via Medic 7 from 88 Quarry Hollow Rd, Apt 3, Barre, VT 05641
CC: fall
HPI: 93 y/o F found down by her neighbor Phil Ostrander at ~0900. Last seen normal Sunday by her niece, Rosalia (802-555-0177). On Eliquis 5 mg BID for a-fib. No LOC per EMS run sheet #2024-118823.
PMH: afib, HTN, Colles fracture 2019, Meniere's disease
Meds: Eliquis 5 mg BID, metoprolol succinate 50 mg daily, Meclizine 12.5 mg PRN
Exam: T 36.4 BP 158/72 HR 88 RR 16 SpO2 96% RA. GCS 15. Babinski down-going. R wrist deformity, NVI.
Labs: Na 134, K 4.4, Cr 1.1, Hgb 11.2, INR 1.3, lactate 1.4
CT head (Acc 7719-CT-24): no acute hemorrhage. XR R wrist: comminuted distal radius fx.
A/P: 1. Closed R distal radius fx - reduced, sugar-tong splint, ortho (Dr. Ng) f/u 1 wk at Green Mountain Orthopaedics.
2. Fall on DOAC - repeat CT in 6 h.
Dispo: obs, Room 12B. Insurance: Medicare 2TR9-KX4-MN31, supplemental Blue Cross BCV100238841.
Electronically signed: Tomás Iriarte, DO, NPI 1649287735, 05/14/24 16:05
cc: PCP Wendy Blankenship MD, fax (802) 555-0123""",
        [
            "Marchetti",
            "Giovanna",
            "40-22-918",
            "8/3/1931",
            "93F",
            "05/14/2024",
            "Quarry Hollow",
            "Barre",
            "05641",
            "Ostrander",
            "93 y/o",
            "Rosalia",
            "0177",
            "118823",
            "7719",
            "Dr. Ng)",
            "Green Mountain",
            "2TR9",
            "BCV100238841",
            "Iriarte",
            "1649287735",
            "Blankenship",
            "0123",
        ],
        [
            "Eliquis 5 mg BID",
            "metoprolol succinate 50 mg daily",
            "Meclizine 12.5 mg",
            "T 36.4",
            "BP 158/72",
            "HR 88",
            "SpO2 96%",
            "GCS 15",
            "Na 134",
            "K 4.4",
            "Hgb 11.2",
            "INR 1.3",
            "Colles fracture 2019",
            "Meniere's disease",
            "Babinski",
        ],
    ),
    (
        """Discharge Summary
Patient Name: Kahurangi Te Awa
Hospital No: WH88231    NHI: ZAC5361
Admitted: 2 Feb 2024  Discharged: 9 Feb 2024
Consultant: Mr. S. Raghunathan FRACS
Kahurangi is a 46 yo Maori man who works as a forklift driver for Fonterra in Hamilton. He presented to Waikato Hospital with RUQ pain and rigors. USS showed gallstones, CBD 9 mm. ERCP on 4/2 with stone extraction; lap chole 6/2. Histology ref S-24-00871. Discharged on Augmentin 625 mg TDS for 5 days, paracetamol 1 g QID.
GP: Dr Aroha Matenga, Hillcrest Medical Centre. Email k.teawa@xtra.example, mobile 021 555 0198. Wife Moana will collect him.
Follow up in 6 weeks. If fever >38.5 or jaundice, return to ED.""",
        [
            "Kahurangi",
            "Te Awa",
            "WH88231",
            "ZAC5361",
            "2 Feb",
            "9 Feb",
            "Raghunathan",
            "Waikato",
            "4/2",
            "6/2",
            "00871",
            "Matenga",
            "Hillcrest",
            "k.teawa",
            "0198",
            "Moana",
        ],
        ["46 yo", "CBD 9 mm", "Augmentin 625 mg TDS", "paracetamol 1 g QID", ">38.5"],
    ),
    (
        """Psychotherapy intake: "D." (legal name Desmond Achterberg) is a 34-year-old software engineer living in Ballard with his partner Luis and two cats. PHQ-9 = 14. His SSN for EAP billing is 531-88-2047; his driver license WDL-ABC-1234K. He drives a 2016 Subaru, plate BKL4471. Login: dachterberg34. Photo ID scan saved at C:\\Intake\\2024\\achterberg_d_license.jpg. He last used cannabis in 2021.""",
        [
            "Achterberg",
            "Ballard",
            "Luis",
            "531-88-2047",
            "WDL",
            "BKL4471",
            "dachterberg34",
            "achterberg_d",
        ],
        ["34-year-old", "PHQ-9 = 14", "in 2021"],
    ),
    (
        """RN shift note 1900-0700: Bed 6 Okonjo-Reyes, Blessing. VS q4h stable, T 37.1. PCA hydromorphone 0.2 mg q10min lockout, pain 3/10. Foley 450 mL. JP 30 mL. Pump serial 14-8829-K alarmed x2, swapped. Mother Patience called from 011-234-803-555-0147. Telemetry box 22. Fingerprint consent ref BIO/2024/0091. Voiceprint ID VP-77120. Device: Medtronic Micra, S/N MCR8812990A, implanted 11/02/2022 by Dr. Hsu at Sentara Norfolk.""",
        [
            "Okonjo",
            "Reyes",
            "Blessing",
            "14-8829",
            "Patience",
            "0147",
            "2024/0091",
            "77120",
            "8812990",
            "11/02/2022",
            "Hsu",
            "Sentara",
        ],
        [
            "1900-0700",
            "T 37.1",
            "hydromorphone 0.2 mg q10min",
            "pain 3/10",
            "Foley 450 mL",
            "JP 30 mL",
        ],
    ),
    (
        """Subject: RE: Refill
From: Ottoline Vanterpool <ovanterpool@me.example>
To: nurse line
Date: Tue, 5 Mar 2024 09:12:44 -0500

Hi Keisha, it's Ottoline. I'm out of my Synthroid 88 mcg. Can you send it to the Walgreens at 4th and Pine? My new insurance is Premera #ZKQ 7710 2291 01. Also my web page is ottolinev.example.com if you want the photos of my rash. Thx, O.""",
        ["Ottoline", "Vanterpool", "ovanterpool", "5 Mar", "Keisha", "7710 2291", "ottolinev"],
        ["Synthroid 88 mcg"],
    ),
    (
        """Telehealth visit w/ Mr Babatunde, IP 203.0.113.88, session 5f0c2a9e-77b1-4c1e-9d23-8a7710c2ee41. Certified copy of birth certificate no. 1988-044172. Account 0099-2231-7. He reports A1C of 9.1, glucose 140-260. Start Jardiance 10 mg. Lives in Pointe Coupee Parish, zip 70760.""",
        ["Babatunde", "203.0.113", "5f0c2a9e", "044172", "2231", "Coupee", "70760"],
        ["A1C of 9.1", "glucose 140-260", "Jardiance 10 mg"],
    ),
]


@pytest.mark.parametrize(("note", "planted", "kept"), NOTES)
def test_a_note(safe_harbor: Masker, note: str, planted: list[str], kept: list[str]) -> None:
    """What was planted does not survive, clinical values stay, and masking again changes nothing."""
    said = safe_harbor.mask_text(note).document
    assert [] == [value for value in planted if value in said]
    assert [] == [value for value in kept if value not in said]
    assert said == safe_harbor.mask_text(said).document
