"""Messages of each format with planted identifiers, and the clinical values that must stay."""

# ruff: noqa: E501 - one row a line

import json
from typing import NamedTuple

from streams.masking.vocabulary.lists import each
from tests.masking.corpus import Corpus


class Message(NamedTuple):
    """One message, what must not survive in it, and what must."""

    format: str
    text: str
    planted: list[str]
    kept: list[str]


def messages(seed: int) -> list[Message]:
    """Return one message of each format, drawn from a seed."""
    c = Corpus(seed)
    v, p = c.values(), c.plain()
    while (
        v["first"].lower() in _EVERYDAY
        or v["last"].lower() in _EVERYDAY
        or not v["last"].isalpha()
        or not v["first"].isalpha()
    ):
        v = c.values()
    date = f"{c.draw.randint(1931, 2022)}{c.draw.randint(10, 12)}{c.draw.randint(10, 28)}"
    drug, dose = p["drug"].split(" ", 1)
    note = f"{v['first']} {v['last']} seen today; {p['vital']}, {p['lab']}, on {p['drug']} {p['freq']}. Call {v['phone']}."
    common = [v["first"], v["last"], v["mrn"], v["ssn"], v["phone"], v["member"], v["street"], date]
    kept = [p["vital"], p["lab"], drug]
    return [
        Message("hl7", _hl7(v, date, note), common, [*kept, "140", "mmol/L", "2951-2", "136-145"]),
        Message("x12", _x12(v, date, note), common, [*kept, "99213", "HC", "40"]),
        Message("ncpdp", _ncpdp(v, date), common[:2] + common[4:], ["00093721410", "0000030000"]),
        Message("ccda", _ccda(v, date, note), common, [*kept, "Sodium", "140 mmol/L", dose]),
        Message("fhir", _fhir(v, date, note, p["drug"]), common, [*kept, "Sodium", "140", "mmol/L"]),
        Message("json", json.dumps({"patient": {"fullName": f"{v['first']} {v['last']}", "ssn": v["ssn"], "mrn": v["mrn"], "phone": v["phone"], "memberId": v["member"], "address": v["street"], "dob": date}, "note": note}), common, kept),
    ]  # fmt: skip


_EVERYDAY = each(
    """rose may mark will grant hope grace faith dawn summer page day english rice art bill pat sue
    park stone lake"""
)


def _hl7(v: dict[str, str], date: str, note: str) -> str:
    return "\r".join([
        rf"MSH|^~\&|EHR|GENHOSP|LAB|REF|{date}1230||ORU^R01|MSG0001|P|2.5.1",
        f"PID|1||{v['mrn']}^^^GENHOSP^MR||{v['last'].upper()}^{v['first'].upper()}^K||{date}|F||2106-3|{v['street']}^^Savannah^GA^{v['zip']}||{v['phone']}|||||{v['account']}|{v['ssn']}",
        f"IN1|1|PLAN|77|PAYER|||||||||||{''}|{v['last']}^{v['first']}|SEL|{date}|{v['street']}|||||||||||||||||{v['member']}",
        "OBX|1|NM|2951-2^Sodium^LN||140|mmol/L|136-145|N|||F",
        f"OBX|2|TX|NOTE||{note}||||||F",
        f"ZZZ|1|{v['last']}|{v['mrn']}",
    ])  # fmt: skip


def _x12(v: dict[str, str], date: str, note: str) -> str:
    return "~".join([
        "ISA*00*          *00*          *ZZ*SENDERID       *ZZ*RECEIVERID     *240115*1230*^*00501*000000905*1*P*:",
        f"GS*HC*SENDER*RECEIVER*{date}*1230*1*X*005010X222A1", "ST*837*0021*005010X222A1",
        f"NM1*IL*1*{v['last'].upper()}*{v['first'].upper()}*R***MI*{v['member']}", f"N3*{v['street']}", f"N4*SAVANNAH*GA*{v['zip']}",
        f"DMG*D8*{date}*F", f"REF*SY*{v['ssn']}", f"REF*EA*{v['mrn']}", f"PER*IC*{v['first']}*TE*{v['phone']}", f"CLM*{v['account']}*40***11:B:1*Y*A*Y*I",
        "SV1*HC:99213*40*UN*1***1", f"NTE*ADD*{note.replace('*', ' ')}", "SE*12*0021", "GE*1*1", "IEA*1*000000905", "",
    ])  # fmt: skip


def _ncpdp(v: dict[str, str], date: str) -> str:
    fs, gs, rs = "\x1c", "\x1d", "\x1e"
    claim = [f"C2{v['member']}", f"CC{v['first']}", f"CD{v['last']}", rs + fs + "AM01", f"C4{date}", "C52", f"CA{v['first']}", f"CB{v['last']}",
             f"CM{v['street']}", f"CQ{v['phone']}", gs + rs + fs + "AM07", f"D2{v['account']}", "D700093721410", "E70000030000", f"ZZ{v['last']}"]  # fmt: skip
    return (
        f"610066D0B1PCN{v['account'][:7]} 1011234567890     {date}SOFT123456{rs}{fs}AM04{fs}"
        + fs.join(claim)
    )


def _ccda(v: dict[str, str], date: str, note: str) -> str:
    return (
        f'<?xml version="1.0"?><ClinicalDocument xmlns="urn:hl7-org:v3"><id root="2.16.840.1.113883.19.5" extension="{v["mrn"]}"/>'
        f"<recordTarget><patientRole><id extension='{v['ssn']}' root='2.16.840.1.113883.4.1'/><addr><streetAddressLine>{v['street']}</streetAddressLine>"
        f"<city>Savannah</city><state>GA</state><postalCode>{v['zip']}</postalCode></addr><telecom value='tel:{v['phone']}'/>"
        f"<patient><name><given>{v['first']}</given><family>{v['last']}</family></name><birthTime value='{date}'/></patient></patientRole></recordTarget>"
        f"<component><section><text><paragraph>{note} Member {v['member']}.</paragraph><table><tr><td>Sodium</td><td>140 mmol/L</td></tr></table></text>"
        "</section></component></ClinicalDocument>"
    )


def _fhir(v: dict[str, str], date: str, note: str, drug: str) -> str:
    patient = {
        "resourceType": "Patient", "id": v["mrn"], "identifier": [{"value": v["ssn"]}, {"value": v["member"]}, {"value": v["mrn"]}],
        "name": [{"family": v["last"], "given": [v["first"]]}], "birthDate": f"{date[:4]}-{date[4:6]}-{date[6:]}",
        "telecom": [{"system": "phone", "value": v["phone"]}], "address": [{"line": [v["street"]], "postalCode": v["zip"]}],
    }  # fmt: skip
    sodium = {
        "resourceType": "Observation", "code": {"coding": [{"system": "http://loinc.org", "code": "2951-2", "display": "Sodium"}]},
        "valueQuantity": {"value": 140, "unit": "mmol/L"}, "subject": {"reference": f"Patient/{v['mrn']}", "display": f"{v['first']} {v['last']}"},
        "note": [{"text": note}],
    }  # fmt: skip
    taken = {
        "resourceType": "MedicationRequest",
        "medicationCodeableConcept": {"text": drug},
        "authoredOn": f"{date[:4]}-{date[4:6]}-{date[6:]}",
    }
    return json.dumps(
        {
            "resourceType": "Bundle",
            "entry": [{"resource": each} for each in (patient, sodium, taken)],
        }
    )
