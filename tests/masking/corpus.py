"""A corpus of made-up clinical texts, messages and intents, the same for the same seed.

Every value is invented: names are drawn from lists of many origins or made of syllables, numbers from
the generator. Half of the seeds (odd) are held out: they are looked at once, for a report.
"""

# ruff: noqa: E501, S311, S608, TID251 - one template or row a line; a seeded corpus is the point

import base64
import json
import random
from dataclasses import dataclass, field
from typing import Any

GIVEN = str.split(
    """Thandiwe Agnieszka Rajesh Siobhan Dmitri Xiomara Kwame Ingrid Mei-Ling Tomasz Fatima Paulo
    Baljinder Wren Yusuf Lakshmi Amara Priya Hye-jin Zainab Liam Marguerite Noor Ayodele
    Bronwyn Cedric Dagny Esperanza Farid Giulia Hamza Ikram Joaquin Katarzyna Leilani
    Mohammed Nkechi Oluwaseun Perpetua Quyen Rosalind Soo-jin Tariq Ulrike Vikram Wilhelmina
    Ximena Yevgenia Zoltan Mary James Linda Robert Patricia Michael Jennifer William
    Elizabeth David Barbara Richard Susan Joseph Jessica Thomas Sarah Charles Karen Emma
    Olivia Noah Sophia Ethan Ava Lucas Isabella Mason Mia Hope Grace Rose Mark Grant Dawn
    Faith Summer Ruby Jasper Reed Jack Will Pat Sue Bill Art Gene Iris Violet Angel Destiny
    Nguyen Hoa Linh Minh Anh Tuan Jose Maria Juan Ana Luis Carmen Miguel Rosa Wei Fang Jing
    Lei Hiroshi Yuki Kenji Akiko Ahmed Layla Omar Hassan Amina Ravi Anjali Sanjay Deepa
    Arjun Olga Sergei Natasha Boris Svetlana Ivan Chloe Pierre Amelie Jean-Luc Hans Greta
    Lars Freya Sven Astrid Aoife Niamh Eoin Chidi Ngozi Ifeoma Tunde Abena Kofi Makena Aroha
    Tane Keoni Malia Tala Winona Dakota Cheyenne Abdul-Rahman Eun-ji Mihai Ioana Zsofia
    Bence Petra Marek"""
)
SURNAMES = str.split(
    """Mokoena Wojciechowska Venkataraman O'Connell Ivanov Quispe Asante Bergström Tsai Nowak
    Hassan Neto Gill Abernathy Khalid Subramaniam Nwosu Okafor Lindqvist Delacroix
    Castellanos Farnsworth Penhaligon Thornbury Oyelaran Smith Johnson Williams Brown Jones
    Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez Wilson Anderson Taylor
    Moore Jackson Martin Lee Perez Thompson White Harris Sanchez Clark Ramirez Lewis
    Robinson Walker Young Allen King Wright Scott Torres Nguyen Hill Flores Green Adams
    Nelson Baker Hall Rivera Campbell Mitchell Carter Roberts Park Kim Chen Wang Li Zhang
    Liu Singh Patel Kumar Shah Khan Ali Ahmed Kowalczyk Novak Horvat Popescu Papadopoulos
    Yamamoto Takahashi Suzuki Tanaka Müller Schmidt Fischer Dubois Lefèvre Moreau Rossi
    Bianchi Esposito Santos Ferreira Almeida Costa Andersson Johansson Nielsen Hansen
    Virtanen Korhonen McAllister MacDougall O'Brien Fitzgerald DeLuca St.Claire Mbeki
    Dlamini Nkosi Adeyemi Eze Mwangi Otieno Tesfaye Haile Cohen Levy Goldberg Katz Bell
    Rivers Stone Woods Brooks Banks Rice Cook Cross Fields Grant Hunter Mason Price Wolf
    Frost Snow Marsh Lake Rose Day May English Begaye Yazzie Kahananui Tuiasosopo Vang Xiong
    Thao Pham Tran Vo Bui Quezada Huamán Iglesias Zavala Ibarra"""
)
SYLLABLES = str.split(
    """ba ka lo mi ra ne tu shi vo del gar han jo kel lim mor nas pol qui ros sen tar ul vin wes
    yor zan bri cha dro fen"""
)
CITIES = """Tulsa|Baton Rouge|Akron|Fresno|Kraków|Dayton|Savannah|Rotorua|Beaverton|Des Moines|Chula Vista|Winston-Salem|Lubbock
Spokane|Scranton|Amarillo|Guadalajara|Lagos|Hyderabad|Uppsala|Ljubljana|Antwerp|Cebu City|St. Louis|El Paso|Fort Wayne
Santa Fe|Boise|Chattanooga|Duluth|Poughkeepsie|Kalamazoo|Sheboygan|Terre Haute|Walla Walla|Yonkers|Milwaukee|Denver""".replace(
    "\n", "|"
).split("|")
STREETS = "Elm Maple Larkspur Amber Willow Juniper Washington Kingsley Old Mill,Sycamore Hawthorne Bayview Orchard Prospect Magnolia".replace(
    ",", " "
).split()
KINDS = str.split("""Street St Avenue Ave Road Rd Lane Drive Dr Court Boulevard Blvd Way Place""")
STATES = str.split("""OH TX CA GA OR NY WA MN FL CO AZ NC""")
SITES = [
    "Riverside",
    "Lakeview",
    "St. Brigid's",
    "Harborview",
    "Cedar Ridge",
    "Mercy Valley",
    "North Shore",
    "Bluestone",
    "Pinecrest",
    "Saint Aldhelm",
]
SITE_KINDS = [
    "Hospital",
    "Medical Center",
    "Clinic",
    "Cardiology Clinic",
    "Nursing Home",
    "Pharmacy",
    "Family Practice",
    "Health System",
    "Children's Hospital",
]
MONTHS = str.split(
    """January February March April May June July August September October November December"""
)

DRUGS = """metformin 500 mg|lisinopril 10 mg|Lantus 20 units|atorvastatin 40 mg|Eliquis 5 mg|Ozempic 0.5 mg|prednisone 20 mg
amoxicillin 875 mg|Augmentin 875 mg|warfarin 5 mg|levothyroxine 75 mcg|furosemide 40 mg|Humira 40 mg|gabapentin 300 mg|Keppra 750 mg
sertraline 50 mg|albuterol 2 puffs|Xarelto 20 mg|insulin aspart 6 units|morphine 2 mg|Zofran 4 mg|vancomycin 1.25 g|Tylenol 650 mg
hydrochlorothiazide 25 mg|methotrexate 15 mg|Synthroid 100 mcg|Plavix 75 mg|carvedilol 12.5 mg|Jardiance 10 mg|tacrolimus 1 mg""".replace(
    "\n", "|"
).split("|")
FREQUENCIES = [
    "twice daily",
    "daily",
    "every 8 hours",
    "BID",
    "TID",
    "at bedtime",
    "weekly",
    "q6h PRN",
    "nightly",
    "once a day",
]
LABS = """potassium 4.1|sodium 138|creatinine 1.2 mg/dL|hemoglobin 10.2 g/dL|A1c 7.8%|INR 2.4|WBC 11.4|platelets 250,000|troponin 0.02
TSH 3.1|LDL 128|glucose 342|lactate 1.9|eGFR 42|BNP 880|ferritin 15 ng/mL|AST 44|bilirubin 1.1""".replace(
    "\n", "|"
).split("|")
VITALS = [
    "BP 142/88",
    "HR 96",
    "SpO2 97%",
    "temp 98.6 F",
    "RR 18",
    "weight 71.5 kg",
    "BMI 31.2",
    "pain 6/10",
    "BP 118/76",
]
PROBLEMS = """hypertension|type 2 diabetes|Parkinson's disease|Crohn's disease|atrial fibrillation|COPD|asthma|Hashimoto thyroiditis
heart failure|migraine|rheumatoid arthritis|Guillain-Barré syndrome|Graves' disease|iron deficiency anemia|pneumonia|Hodgkin lymphoma
chronic kidney disease|Raynaud's phenomenon|celiac disease|Bell's palsy|Lyme disease|gout|sleep apnea|osteoarthritis""".replace(
    "\n", "|"
).split("|")

QUESTIONS = [
    "Can you tell me when {name}'s next infusion is scheduled?",
    "What was the potassium for MRN {mrn} on {date}?",
    "Please send {title} {last}'s echo results to Dr. {last2} at {site}.",
    "Refill {drug} for patient {name}, phone {phone}.",
    "Is {name} allergic to penicillin? Member ID is {member}.",
    "My mother, {name}, {age}, lives at {street}, {city}, {state} {zip}.",
    "Email the visit summary to {email} and cc {name}.",
    "Pt {name} seen {date} by Dr {last2}, c/o chest pain x 3 days.",
    "SSN {ssn} belongs to {name}.",
    "The pacemaker serial number {serial} was implanted on {date} for {name}.",
    "{first} moved from {city} last year and sees someone at {site}.",
    "Call {title} {last} back at {phone} about the A1c result.",
    "Patient: {LAST}, {FIRST}  DOB: {dob}  Acct# {account}",
    "Who is covering for Dr. {last} tonight?",
    "{first}'s glucose was 342 this morning, should we give a correction dose?",
    "Schedule {name} for an MRI at 2 pm on {date}.",
    "{title} {last}'s vehicle, VIN {vin}, is on the accident report.",
    "The portal {url} was opened from {ip} by {name}.",
    "Her insurance policy number is {member}; she was seen at {site} on {date}.",
    "License plate {plate} was listed for {name}.",
    "the patient, {lower}, is a {age} from {city}",
    "Fax the H&P to {phone}, attention {name}.",
    "Prescribed by {name}, NP on {date}.",
    "NPI {npi} is for Dr. {name}.",
    "Did {title} {last} sign the consent for her daughter {first2}?",
    "I am {first}, born {dob}, ZIP {zip}, can I take ibuprofen with warfarin?",
    "Transfer pt {name} from ICU at {site} to hospice.",
    "According to {first}, the seizure lasted 2 minutes.",
    "Accession {accession} for {name} needs an addendum.",
    "Is there a drug interaction for {first} between sertraline and tramadol?",
    "{name} ({mrn}) needs a prior auth for Ozempic.",
    "pull up {lower}'s latest A1c please",
    "tell {lower} that the pap smear was normal",
    "Has {name} picked up the lisinopril from the pharmacy on {street}?",
    "Next of kin for {name} is {name2}, {phone}.",
    "Why was {name}'s claim {claim} denied?",
    "Message from {name}: feeling better since {date}.",
    "{name}, DOB {dob}, presents with fever and cough.",
    "Can we move {first} {last}'s appointment from {date} to next week?",
    "Compare today's ECG of {name} with the one from {date}.",
    "Please cancel the order for {LAST},{FIRST} MRN:{mrn}.",
    "Dr. {last} asked {name2} to review the chart of {name}.",
    "What dose of {drug} is {first} taking?",
    "The certificate number for {name} is {license}.",
    "Does {name} still live at {street} in {city}?",
    "Hi, this is {name}. My phone changed to {phone}.",
    "{first} and {first2} {last} both tested positive on {date}.",
    "Discharge {name} home with {drug}.",
    "Add {name} to the transplant list, blood type O.",
    "I need labs for {last}, {first}, drawn {date}",
]

CLEAN = [
    "What is the recommended starting dose of {drug} for a {young}-year-old with {problem}?",
    "Can {problem} cause orthostatic hypotension?",
    "Is {drug} {freq} safe with {lab}?",
    "The patient is a {young}-year-old woman with {problem}, on {drug} {freq}.",
    "{vital}, {vital2}, {lab}, {lab2}.",
    "Follow up in 2 weeks, sooner if fever > 101.",
    "Start {drug} {freq} x 10 days for {problem}.",
    "Which drugs interact with {drug}?",
    "How often should I check {lab} after starting {drug}?",
    "Explain the Wells criteria for pulmonary embolism.",
    "Does {drug} need renal dose adjustment when {lab}?",
    "Patient denies chest pain, shortness of breath, nausea or vomiting.",
    "Assessment: {problem}, stable. Plan: continue {drug} {freq}, recheck in 3 months.",
    "What are the guideline targets for {problem} in 2023?",
    "Glasgow Coma Scale 14, pupils equal, {vital}.",
    "Titrate to MAP > 65; {vital}; {lab}.",
    "Positive Murphy's sign; {lab}; start {drug}.",
    "Summarize the last three visits for {problem}.",
    "Order a CBC, CMP, TSH and lipid panel.",
    "Is {problem} more common after age {young}?",
    "Physical therapy three times a week for 6 weeks after ACL repair.",
    "Medications: {drug} {freq}, {drug2} {freq2}.",
    "Hold {drug} before surgery; resume after 48 hours.",
    "SELECT department, avg(length_of_stay) FROM encounters WHERE year = 2023 GROUP BY department",
    "Send the monthly readmission dashboard to the quality team.",
    "Foley catheter removed; {vital}; voiding trial passed.",
    "Will {drug} affect {lab}?",
    "Apgar scores were 8 and 9 at 1 and 5 minutes.",
    "Increase {drug} from {freq} to {freq2} if {lab}.",
    "Mark the order for {drug} as complete.",
    "Review of Systems: negative except as noted.",
    "May I take {drug} with {drug2}?",
    "Discharge instructions for {problem}: low sodium diet, daily weights.",
    "Child-Pugh class B cirrhosis; {lab}; MELD 18.",
    "Vaccines due: influenza, Tdap, Shingrix.",
]


@dataclass
class Text:
    """One text and the values that must not survive in it; `kept` must."""

    text: str
    values: list[tuple[int, int, str]] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


class Corpus:
    """Draws values and texts from one seeded generator."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)

    def digits(self, count: int) -> str:
        """Draw so many digits."""
        return "".join(self.draw.choice("0123456789") for _ in range(count))

    def given(self) -> str:
        """Draw a given name."""
        return self._made(2) if self.draw.random() < 0.08 else self.draw.choice(GIVEN)

    def surname(self) -> str:
        """Draw a surname."""
        return self._made(3) if self.draw.random() < 0.12 else self.draw.choice(SURNAMES)

    def _made(self, count: int) -> str:
        return "".join(self.draw.choice(SYLLABLES) for _ in range(count)).capitalize()

    def name(self) -> str:
        """Draw a whole name in one of its forms."""
        first, last = self.given(), self.surname()
        form = self.draw.random()
        if form < 0.1:
            return f"{first} {self.draw.choice('ABCDEFGHJKLMNPRSTW')}. {last}"
        if form < 0.15:
            return f"{first} {last}-{self.surname()}"
        return (
            f"{first} {self.draw.choice(('van der', 'de', 'al'))} {last}"
            if form < 0.18
            else f"{first} {last}"
        )

    def date(self) -> str:
        """Draw a date in one of its forms."""
        year, month, day = (
            self.draw.randint(1930, 2024),
            self.draw.randint(1, 12),
            self.draw.randint(1, 28),
        )
        long = MONTHS[month - 1]
        return self.draw.choice([
            f"{year}-{month:02}-{day:02}", f"{month:02}/{day:02}/{year}", f"{month}/{day}/{year % 100:02}", f"{long} {day}, {year}",
            f"{day} {long[:3]} {year}", f"{long} {day}", f"{day}-{long[:3]}-{year}", f"{long[:3]} {day}", f"{month:02}-{day:02}-{year}",
        ])  # fmt: skip

    def phone(self) -> str:
        """Draw a phone number in one of its forms."""
        a, b, c = f"{self.draw.randint(2, 9)}{self.digits(2)}", self.digits(3), self.digits(4)
        return self.draw.choice(
            [
                f"({a}) {b}-{c}",
                f"{a}-{b}-{c}",
                f"{a}.{b}.{c}",
                f"+1 {a} {b} {c}",
                f"{a} {b} {c}",
                f"{a}-{b}-{c} ext 12",
            ]
        )

    def values(self) -> dict[str, str]:
        """Draw one of each kind of identifier."""
        first, last = self.given(), self.surname()
        pick = self.draw.choice
        return {
            "name": self.name(), "name2": self.name(), "first": first, "first2": self.given(), "last": last, "last2": self.surname(),
            "FIRST": self.draw.choice(GIVEN[:100]).upper(), "LAST": self.draw.choice(SURNAMES[:110]).upper(),
            "lower": f"{pick(GIVEN[50:70])} {pick(SURNAMES[25:100])}".lower(), "mrn": self.digits(pick((6, 7, 8, 10))), "date": self.date(),
            "dob": f"{self.draw.randint(1, 12)}/{self.draw.randint(1, 28)}/{self.draw.randint(1930, 2010)}", "phone": self.phone(),
            "member": pick((f"XQH{self.digits(9)}", f"W{self.digits(4)}-{self.digits(2)}-{self.digits(3)}", f"ZGP-{self.digits(4)}-{self.digits(4)}")),
            "street": f"{self.draw.randint(1, 9999)} {pick(STREETS)} {pick(KINDS)}", "city": pick(CITIES), "zip": self.digits(5),
            "email": f"{pick('abcdefg')}.{pick(SURNAMES[25:60]).lower()}{self.digits(2)}@{pick(('stmarys.example', 'gmail.com', 'clinic.internal'))}",
            "ssn": f"{self.draw.randint(100, 899)}-{self.draw.randint(10, 99)}-{self.digits(4)}", "serial": f"PM-{self.digits(4)}-{self.digits(2)}X",
            "vin": f"1HGCM8263{self.digits(1)}A{self.digits(6)}", "url": f"https://portal.example-health.org/p/{self.digits(5)}",
            "ip": ".".join(str(self.draw.randint(1, 254)) for _ in range(4)), "plate": f"{self.digits(1)}{pick(('KLM', 'BXT', 'RWD'))}{self.digits(3)}",
            "npi": f"1{self.digits(9)}", "site": f"{pick(SITES)} {pick(SITE_KINDS)}", "accession": f"24-CT-{self.digits(7)}", "account": self.digits(8),
            "claim": f"CLM-2024-{self.digits(6)}", "license": f"RN-{self.digits(6)}", "age": f"{self.draw.randint(90, 106)} years old",
        }  # fmt: skip

    def plain(self) -> dict[str, str]:
        """Draw clinical fillers, which must stay."""
        pick = self.draw.choice
        return {
            "drug": pick(DRUGS), "drug2": pick(DRUGS), "freq": pick(FREQUENCIES), "freq2": pick(FREQUENCIES), "lab": pick(LABS), "lab2": pick(LABS),
            "vital": pick(VITALS), "vital2": pick(VITALS), "problem": pick(PROBLEMS), "young": str(self.draw.randint(18, 89)),
            "title": pick(("Mr.", "Mrs.", "Ms.")), "state": pick(STATES),
        }  # fmt: skip

    def question(self) -> Text:
        """Draw one short question with identifiers."""
        return self._fill(self.draw.choice(QUESTIONS))

    def clean(self) -> Text:
        """Draw one clinical text without identifiers."""
        return self._fill(self.draw.choice(CLEAN))

    def _fill(self, template: str) -> Text:
        values, plain = self.values(), self.plain()
        made = Text("")
        rest = template
        while "{" in rest:
            before, _, rest = rest.partition("{")
            slot, _, rest = rest.partition("}")
            made.text += before
            said = values.get(slot) or plain[slot]
            if slot in values:
                made.values.append((len(made.text), len(made.text) + len(said), slot))
            elif slot in {"drug", "drug2", "lab", "lab2", "vital", "vital2"}:
                made.kept.append(said)
            made.text += said
        made.text += rest
        return made

    def intent(self) -> tuple[dict[str, Any], list[str]]:
        """Draw one agent's intent and the values planted in it."""
        v, p = self.values(), self.plain()
        first, last = v["first"], v["last"]
        action, params = self.draw.choice([
            ("db.update", {"sql": f"UPDATE patients SET phone='{v['phone']}' WHERE last_name='{last.replace(chr(39), chr(39) * 2)}' AND mrn='{v['mrn']}'", "limit": 1}),
            ("db.query", {"sql": f"SELECT name FROM patients WHERE dob = '{v['dob']}' -- for {first} {last}", "rows": 10}),
            ("message.send", {"to": v["email"], "body": f"Dear {first}, your visit is on {v['date']}. {p['drug']} {p['freq']}.", "patientName": f"{first} {last}"}),
            ("file.export", {"path": f"/exports/{first.lower()}_{last.lower()}.csv", "columns": ["mrn", "lab"], "patient": {"firstName": first, "lastName": last}}),
            ("order.create", {"order": json.dumps({"patient": {"name": f"{last}, {first}", "mrn": v["mrn"]}, "drug": p["drug"]}), "priority": "high"}),
            ("http.post", {"url": f"https://ehr.example/api/patients/{v['mrn']}?q={first}%20{last}", "headers": {"x": "1"}}),
            ("shell.run", {"command": f"grep -i '{first} {last}' /var/ehr/{v['mrn']}.txt | mail {v['email']}"}),
            ("chart.note", {"note": f"{first} {last} {v['date']}: {p['vital']}, {p['lab']}. Lives at {v['street']}, {v['city']}.", "dept": "cardiology"}),
            ("blob.put", {"data": base64.b64encode(f"{first} {last} MRN {v['mrn']}".encode()).decode(), "name": "export"}),
        ])  # fmt: skip
        patient = {
            "name": f"{first} {last}",
            "mrn": v["mrn"],
            "ssn": v["ssn"],
            "memberId": v["member"],
        }
        document = {
            "action": action,
            "resource": {"type": "table", "env": "prod", "patient": patient},
            "params": params,
            "justification": f"Requested by {v['name']} for {first} {last} (SSN {v['ssn']}), who takes {p['drug']} {p['freq']}; {p['lab']}.",
        }
        planted = [f"{first} {last}", v["mrn"], v["ssn"], v["member"], v["name"]]
        planted += [
            v[key] for key in ("phone", "email", "street", "dob") if v[key] in json.dumps(params)
        ]
        return document, planted
