"""Texts in which a format stands somewhere: what must go, and what must stay.

Each kind is a function of a `People` draw; names are partly everyday words, partly of no list, and
in small letters or capitals as programs write them.
"""

# ruff: noqa: D401, E501, RUF001, S311, S608, TID251 - one row a line; each kind says what it is; the same draw each time

import base64
import json
import quopri
import random
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

_GIVEN = [
    "Rose",
    "Will",
    "Grace",
    "Hope",
    "Mark",
    "Dawn",
    "Faith",
    "Chase",
    "Iris",
    "Pearl",
    "Drew",
    "Zofia",
    "Kwabena",
    "Oyelu",
    "Brisa",
    "Tomasz",
    "Ngozi",
]
_FAMILY = [
    "Young",
    "Day",
    "Hill",
    "Banks",
    "Short",
    "Winter",
    "Field",
    "Grant",
    "Good",
    "Head",
    "Best",
    "Rich",
    "Pain",
    "Kowalczyk",
    "Obiora",
    "Trzaska",
    "Veldhuis",
    "Quispe",
]
_STREETS = ["Alder Ct", "Kestrel Way", "Tamarack Rd", "Quarry Ln", "Juniper Ave"]
_TOWNS = ["Brevik", "Ostrava", "Zumbrota", "Kasson", "Wanamingo"]
_ENDS = ("\\r", "\r", "\n", "\r\n", "\\n", "<cr>", " ", "\\x0d", "\\r\\n")
_PREFIXES = ("", "2024-03-04 10:00:01 INFO inbound[3]: ", "Resend this please: ", "> ")


class Case(NamedTuple):
    """One document, what must not survive, and what must."""

    kind: str
    document: Any
    gone: tuple[str, ...]
    kept: tuple[str, ...] = ()


class People:
    """One draw of a person and what belongs to him."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        pick = self.draw.choice
        self.given, self.family = pick(_GIVEN), pick(_FAMILY)
        self.mrn = f"{pick('ABXZ')}{self.draw.randint(10, 99)}{pick('BCDK')}"
        self.year, self.month, self.day = (
            self.draw.randint(1931, 1999),
            self.draw.randint(10, 12),
            self.draw.randint(13, 28),
        )
        self.dob = f"{self.year}{self.month}{self.day}"
        self.phone = f"{self.draw.randint(201, 989)}-555-{self.draw.randint(1000, 9999):04}"
        self.street = f"{self.draw.randint(3, 900)} {pick(_STREETS)}"
        self.town = pick(_TOWNS)
        self.ssn = f"{self.draw.randint(501, 699)}-{self.draw.randint(10, 99)}-{self.draw.randint(1000, 9999)}"
        self.zip = f"5{self.draw.randint(1000, 9999)}"

    @property
    def name(self) -> str:
        """Return the whole name."""
        return f"{self.given} {self.family}"

    @property
    def iso(self) -> str:
        """Return the birth date in ISO's form."""
        return f"{self.year}-{self.month}-{self.day}"


def hl7(p: People) -> Case:
    """A message whose segments end as logs and mail write it, or one segment alone."""
    pid = f"PID|1||{p.mrn}^^^NWH^MR||{p.family}^{p.given}^B||{p.dob}|F|||{p.street}^^{p.town}^MN^{p.zip}||{p.phone}"
    head = "MSH|^~\\&|LAB|NWH|EHR|NWH|20240105||ORU^R01|M551|P|2.5"
    obx = f"OBX|1|TX|N1^Note||Spoke with {p.given} {p.family} by phone||||||F"
    lab = "OBX|2|NM|2951-2^Sodium^LN||140|mmol/L|136-145|N|||F"
    gone = (p.mrn, p.family, p.given, p.dob, p.street, p.town, p.phone)
    ending = p.draw.choice(_ENDS)
    if p.draw.random() < 0.3:
        return Case("hl7", p.draw.choice(_PREFIXES) + pid, gone)
    return Case(
        "hl7",
        p.draw.choice(_PREFIXES) + ending.join([head, pid, obx, lab]),
        gone,
        ("140", "Sodium"),
    )


def hl7_escaped(p: People) -> Case:
    """A text field with HL7's escapes within it."""
    name = p.draw.choice(
        [rf"\H\{p.name}\N\ ", rf"{p.given}\.br\{p.family} ", rf"\.sp1\{p.name}\.br\ "]
    )
    obx = rf"OBX|1|FT|N1^Note||Seen by Dr. {name}at noon\.br\BP 120/80||||||F"
    return Case(
        "hl7_escaped",
        "MSH|^~\\&|LAB|NWH|EHR|NWH|20240105||ORU^R01|M551|P|2.5\r" + obx,
        (p.family,),
        ("120/80",),
    )


def x12(p: People) -> Case:
    """Loops without their interchange, with blanks or lines behind the segment's end."""
    rows = [
        f"NM1*IL*1*{p.family.upper()}*{p.given.upper()}*B***MI*{p.mrn}77",
        f"N3*{p.street.upper()}",
        f"N4*{p.town.upper()}*MN*{p.zip}",
        f"DMG*D8*{p.dob}*F",
        f"REF*SY*{p.ssn.replace('-', '')}",
    ]
    head = p.draw.choice([[], ["ST*837*0001", "BHT*0019*00*4471*20240301*1200*CH"], ["HL*1**20*1"]])
    tie = p.draw.choice(["~", "~\n", "~ ", "\n", "~\r\n"])
    text = p.draw.choice(["", "Rejected claim below\n", "fix: "]) + tie.join([*head, *rows]) + "~"
    gone = (
        p.family.upper(),
        p.given.upper(),
        p.mrn,
        p.street.upper(),
        p.town.upper(),
        p.dob,
        p.ssn.replace("-", ""),
    )
    return Case("x12", text, gone)


def literal(p: People) -> Case:
    """A record as JSON, Python, JavaScript, Ruby or PHP writes it, amid words."""
    g, f = p.given.lower(), p.family.lower()
    row = p.draw.choice(
        [
            json.dumps({"first_name": g, "last_name": f, "mrn": p.mrn, "dob": p.iso, "dose": 5}),
            f"{{'first_name': '{g}', 'last_name': '{f}', 'mrn': '{p.mrn}', 'dob': datetime.date({p.year}, {p.month}, {p.day}), 'dose': 5}}",
            f"{{firstName: '{g}', lastName: '{f}', mrn: '{p.mrn}', dose: 5}}",
            f'{{ :first_name => "{g}", :last_name => "{f}", :mrn => "{p.mrn}", :dose => 5 }}',
            f"['first_name' => '{g}', 'last_name' => '{f}', 'mrn' => '{p.mrn}', 'dose' => 5]",
            f"[{{'last_name': '{f}', 'first_name': '{g}', 'mrn': '{p.mrn}', 'dose': 5}}]",
        ]
    )
    frame = p.draw.choice(
        [
            "Please upsert this row: {}",
            "```\n{}\n```",
            "10:02:11 DEBUG row={} took 5 ms",
            "cat <<EOF\n{}\nEOF",
            "{}",
            "update({}) failed",
        ]
    )
    return Case("literal", frame.replace("{}", row), (g, f, p.mrn))


def dicom(p: People) -> Case:
    """A dump of elements, or DICOM's JSON: by VR and tag."""
    name = f"{p.family}^{p.given}"
    if p.draw.random() < 0.5:
        document = {
            "00100010": {"vr": "PN", "Value": [{"Alphabetic": name}]},
            "00100020": {"vr": "LO", "Value": [p.mrn]},
            "00100030": {"vr": "DA", "Value": [p.dob]},
            "00080060": {"vr": "CS", "Value": ["MR"]},
            "00081030": {"vr": "LO", "Value": ["MR BRAIN W/O"]},
            "00101010": {"vr": "AS", "Value": ["094Y"]},
        }
        return Case(
            "dicom",
            document,
            (p.family, p.given, p.mrn, p.dob, "094Y"),
            ("00100010", "MR BRAIN W/O"),
        )
    rows = [
        f"(0010,0010) PN [{name}]                 #  10, 1 PatientName",
        f"(0010,0020) LO [{p.mrn}]                       #   4, 1 PatientID",
        f"(0010,0030) DA [{p.dob}]                   #   8, 1 PatientBirthDate",
        "(0008,0060) CS [MR]                     #   2, 1 Modality",
        "(0010,1010) AS [094Y]                       #   4, 1 PatientAge",
    ]
    other = [
        f"(0010, 0010) Patient's Name                      PN: '{name}'",
        f"(0010, 0020) Patient ID                          LO: '{p.mrn}'",
        f"(0010, 0030) Patient's Birth Date                DA: '{p.dob}'",
        "(0008, 0060) Modality                            CS: 'MR'",
    ]
    return Case(
        "dicom",
        "\n".join(p.draw.choice([rows, other])),
        (p.family, p.given, p.mrn, p.dob),
        ("MR", "0010"),
    )


def tagged(p: People) -> Case:
    """A value cut by inline tags, as mail editors and word processors write it."""
    half = len(p.family) // 2
    a, b = p.family[:half], p.family[half:]
    s = p.ssn.split("-")
    html = p.draw.choice(
        [
            f"<p>Patient: <b>{p.given}</b> {a}<i>{b}</i>, SSN {s[0]}-<span>{s[1]}</span>-<span>{s[2]}</span></p>",
            f"<div>Pt name: {p.given} <em>{a}</em>{b}<br/>ssn <u>{s[0]}</u>-{s[1]}-<u>{s[2]}</u></div>",
            f'<w:p><w:r><w:t>Patient: {p.given} {a}</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>{b}</w:t></w:r><w:r><w:t xml:space="preserve">, SSN {s[0]}-</w:t></w:r><w:r><w:t>{s[1]}-{s[2]}</w:t></w:r></w:p>',
            rf"{{\rtf1\ansi\deff0 {{\fonttbl{{\f0 Arial;}}}}\f0 Patient: {p.given} {{\b {a}}}{{\b0 {b}}}\par SSN: {s[0]}-{s[1]}-{{\b {s[2]}}}\par}}",
            f"Patient **{p.given}** {a}**{b}**, SSN {s[0]}-**{s[1]}**-{s[2]}",
        ]
    )
    return Case("tagged", html, (p.family, a + "<", s[2]))


def mailed(p: People) -> Case:
    """A message as mail carries it: encoded words, quoted-printable, base64 parts."""
    said = f"Patient: {p.name}\nMRN: {p.mrn}44\nDOB: {p.iso}\nPlease call {p.phone} — ça va."
    quoted = quopri.encodestring(said.replace("\n", "\r\n").encode()).decode()
    coded = base64.b64encode(said.encode()).decode()
    q = "".join(f"={ord(c):02X}" if c in "ae" else c for c in p.name.replace(" ", "_"))
    subject = p.draw.choice(
        [
            f"Subject: =?utf-8?Q?Results_for_{q}?=",
            f"Subject: =?UTF-8?B?{base64.b64encode(f'Results for {p.name}'.encode()).decode()}?=",
        ]
    )
    text = p.draw.choice(
        [
            f"{subject}\nContent-Transfer-Encoding: quoted-printable\n\n{quoted}",
            f"MIME-Version: 1.0\n{subject}\nContent-Type: multipart/mixed; boundary=b1\n\n--b1\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\n{coded}\n--b1--",
        ]
    )
    return Case("mailed", text, (p.family, p.mrn + "44", p.iso, p.phone, coded[:24], q))


def fhir(p: People) -> Case:
    """Elements that were kept by name alone, with a value that is none of theirs."""
    slug = f"{p.given.lower()}-{p.family.lower()}"
    n = f"{p.draw.randint(10000, 99999)}"
    document, gone = p.draw.choice(
        [
            (
                {
                    "resourceType": "Patient",
                    "name": [{"prefix": [f"Mrs {p.given}"], "suffix": [p.family], "family": "X"}],
                },
                (p.given, p.family),
            ),
            (
                {
                    "resourceType": "Observation",
                    "status": "final",
                    "subject": {"reference": f"https://ehr.example/fhir/Patient/{slug}/_history/2"},
                },
                (slug,),
            ),
            (
                {
                    "resourceType": "Patient",
                    "photo": [
                        {
                            "contentType": "image/png",
                            "url": f"https://img.example/patients/{n}/{slug}.png",
                        }
                    ],
                },
                (n, slug),
            ),
            (
                {
                    "resourceType": "Bundle",
                    "type": "transaction",
                    "entry": [
                        {
                            "fullUrl": f"https://ehr.example/Patient/{n}",
                            "request": {
                                "method": "PUT",
                                "url": f"Patient?identifier={p.mrn}",
                                "ifNoneExist": f"family={p.family}&birthdate={p.iso}",
                            },
                        }
                    ],
                },
                (n, p.mrn, p.family, p.iso),
            ),
            (
                {
                    "resourceType": "Communication",
                    "status": "completed",
                    "code": f"{p.name} SSN {p.ssn}",
                    "comparator": f"call {p.phone}",
                    "url": f"mailto:{p.given.lower()}.{p.family.lower()}@mail.example",
                },
                (p.given, p.family, p.ssn, p.phone),
            ),
            (
                {
                    "resourceType": "Patient",
                    "address": [{"state": f"{p.street}, {p.town}", "country": p.name}],
                },
                (p.street, p.town, p.family),
            ),
            (
                {
                    "resourceType": "DocumentReference",
                    "content": [{"attachment": {"url": f"Binary/{slug}-{p.dob}.pdf"}}],
                },
                (slug, p.dob),
            ),
            (
                {
                    "resourceType": "Patient",
                    "link": [{"other": {"reference": f"Patient/{slug}"}, "type": "seealso"}],
                },
                (slug,),
            ),
            (
                {
                    "resourceType": "Bundle",
                    "entry": [
                        {
                            "response": {
                                "status": "201 Created",
                                "location": f"Patient/{n}/_history/1",
                            }
                        }
                    ],
                },
                (n,),
            ),
        ]
    )
    if p.draw.random() < 0.3:
        return Case(
            "fhir",
            json.dumps(document)
            + "\n"
            + json.dumps({"resourceType": "Patient", "birthDate": p.iso}),
            (*gone, p.iso),
        )
    return Case("fhir", document, gone)


def chat(p: People) -> Case:
    """Speakers of lines, signatures, quoted headers."""
    g, f = p.given.lower(), p.family.lower()
    lines = p.draw.choice(
        [
            f"14:02 <{g[0]}{f}> can someone call the pt back\n14:03 <{g[0]}{f}> never mind",
            f"[09:14] {g}.{f}: labs are back\n[09:15] {g}.{f}: k is 3.1",
            f"From: {g}.{f}@wardmail\nTo: pharmacy@wardmail\nSubject: refill\n\nplease refill\n--\n{p.name}\nBed manager",
            f"> On Tue, {p.name} wrote:\n> labs are back\nthanks",
            f"{g}: morning\nbot: hello\n{g}: is bed 4 free",
            f"cc: {p.name}; re: bed 4",
            f"[10:22 AM] {p.name}: can we move the scan",
        ]
    )
    gone = tuple(v for v in (p.name, f"{g[0]}{f}", f"{g}.{f}") if v in lines) or (g,)
    return Case("chat", lines, gone)


def path(p: People) -> Case:
    """A name that is a word, cued elsewhere, in file names, buckets, keys and searches."""
    g, f = p.given.lower(), p.family.lower()
    place = p.draw.choice(
        [
            f"s3://ward-exports/2024/{f}_{g}/notes.pdf",
            f"grep -ri {f} /var/log/ehr",
            f"/mnt/scans/{f}-{g}.dcm",
            f"rm -f {f.capitalize()}{p.given}_scan.pdf",
            f"SELECT id FROM notes WHERE body LIKE '%{f}%'",
            f"cp {g}_{f}.csv /tmp/out",
        ]
    )
    document = {"justification": f"Patient {p.name} asked for a copy", "command": place}
    return Case("path", document, (f, p.family), ())


def numbers(p: People) -> Case:
    """Telephones, dates and ages as people write them oddly."""
    a, b, c = p.phone.split("-")
    months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
    roman = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"]
    text, gone = p.draw.choice(
        [
            (f"call {p.phone}#12 today", ("#12", c)),
            (f"tel:+1-{p.phone};ext=48", ("=48", c)),
            (f"reach her on {a}·{b}·{c}", (c,)),
            (f"cell {' '.join(a)} - {' '.join(b)} - {' '.join(c)}", (" ".join(c),)),
            (f"phone {a}\u202f–\u202f{b}\u202f–\u202f{c}", (c,)),
            (f"born {p.day}.{roman[p.month - 1]}.{p.year}", (f"{roman[p.month - 1]}.{p.year}",)),
            (
                f"born {months[p.month - 1]}-{p.year % 100}",
                (f"{months[p.month - 1]}-{p.year % 100}",),
            ),
            (
                f"born 昭和{p.year - 1925 if p.year > 1926 else 5}年{p.month}月{p.day}日",
                (f"{p.month}月{p.day}日",),
            ),
            ("DOB O3/l4/196O, MRN OO9l223", ("O3/l4/196O", "OO9l223")),
            (
                f"SSN {p.ssn.replace('1', 'l').replace('0', 'O').replace('5', 'S')}",
                (p.ssn.replace("1", "l").replace("0", "O").replace("5", "S"),),
            ),
            ("she is ninety-four years old", ("ninety-four",)),
            ("OBX|1|NM|30525-0^Age^LN||94|a|||||F", ("94",)),
        ]
    )
    return Case("numbers", text, gone)


def house(p: People) -> Case:
    """Institutions of generic words and short names, behind words that say so."""
    text, gone = p.draw.choice(
        [
            ("seen at Memorial General last week", "Memorial General"),
            ("admitted to County overnight", "County"),
            ("transferred from University Medical on 2 L", "University Medical"),
            ("follow up at our downtown office", "downtown"),
            ("records from UHMC were faxed", "UHMC"),
            ("she was seen at BayCare on Monday", "BayCare"),
            ("transferred to St V's for cath", "St V's"),
            ("lives in the city of Washington", "Washington"),
            ("she lives in Kansas City with her son", "Kansas City"),
        ]
    )
    return Case("house", text, (gone,))


_HARMLESS = """MR BRAIN W/O CONTRAST was read as normal|MR BRAIN
DR Foot Left, 2 views|DR Foot Left
MS Contin 15 mg twice daily|MS Contin
font-family: Arial, Helvetica, sans-serif|Arial
per RFC 7519 the token has claims|7519
RxNorm 860975 metformin 500 MG|860975
the line is open 24/7|24/7
LOINC 2160-0 creatinine|2160-0
BP 168/52, HR 88|168/52
SpO2 93% on 2 L|93% on 2 L
O2 sat 94 on room air|O2 sat 94
covered by Medicaid, HMO plan|Medicaid
curl http://localhost:8080/healthz|localhost:8080/healthz
open the CT Chest With Contrast order|CT Chest With Contrast
US Abdomen Limited was done|US Abdomen Limited
Good morning, the best time is short|Good morning
her head pain is worse in winter|head pain
see RFC 2616 section 14|2616
MR Lumbar Spine|MR Lumbar Spine
a young woman with brown sputum|brown sputum"""


def harmless(p: People) -> Case:
    """What looks like a name or a number and identifies nobody."""
    text, kept = p.draw.choice(_HARMLESS.split("\n")).split("|")
    return Case("harmless", text, (), (kept,))


Kind = Callable[[People], Case]
KINDS: tuple[Kind, ...] = (
    hl7, hl7_escaped, x12, literal, dicom, tagged, mailed, fhir, chat, path, numbers, house, harmless,
)  # fmt: skip


def cases(kind: Kind, seeds: range) -> Iterator[Case]:
    """Yield a kind's cases, one a seed."""
    for seed in seeds:
        yield kind(People(seed * 31 + KINDS.index(kind)))


def faults(case: Case, document: Any) -> list[str]:
    """Return what survived of a case, or was lost, in a masked document."""
    said = document if isinstance(document, str) else json.dumps(document, ensure_ascii=False)
    return [v for v in case.gone if v in said] + [f"lost {v}" for v in case.kept if v not in said]
