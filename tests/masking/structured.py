"""Intents whose structure names what is planted in them, drawn anew from lists that no rule has.

Each kind of naming has its makers: keys and what stands under them, siblings, columns, statements
with literals and bound values, filters, addresses, commands. A record is drawn once; a maker writes
it down, and says which of its values stand there and which clinical values must stay.
"""

# ruff: noqa: E501, S311, S608, TID251 - one template a line; a seeded corpus is the point
import csv
import io
import json
import random
import re
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from urllib.parse import quote_plus

if TYPE_CHECKING:
    from collections.abc import Callable

LAST = str.split(
    """Good Best Head Pain Rich Young Day Short Winter Brown Field Will May Grant Mark Bond Close Cope
    Crisp Dear Drew Early Fair Flood Fogg Fry Gale Gill Hale Hardy Hart Hay Heath Hood Keen Knell
    Lamb Little Lusk Major Mead Moody Moon Noon Pace Peck Penny Pratt Read Sharp Small Speed Strong
    Swift Tew Trim Vance Ward Wick Wise Worth Abdulrazaq Brzezinska Chukwuemeka Duarte-Leiva
    Eriksdottir Fuentealba Gunasekara Hrvatin Iyengar Jaramillo Kealoha Lomidze Mukherjee Nakamatsu
    Ostrowska Pokharel Quintanilla Rasmusdottir Szabolcs Teodorescu Uwimana Vaszary Wielgosz
    Xochitl Ylonen Zetterlund"""
)
FIRST = str.split(
    """Hope Faith Joy Rose Grace Will Mark Pat Dawn April May June Chase Rich Jack Bill Sue Art Gene
    Miles Dean Drew Frank Guy Rusty Sandy Summer Star Sky River Reed Ozias Ilkay Thessaly Brisa
    Maelle Kwabena Saoirse Ludmila Nerea Oddvar Prosper Quirin Rutendo Sunniva Tahmina Ulises
    Vesna Wangari Yolotl Zeferino"""
)
STREETS = ["Tolliver Ct", "Old Quarry Rd", "Pippin Lane", "Ferrous Way", "E Mulberry St", "Nine Mile Pike"]  # fmt: skip
TOWNS = ["Orange", "Bath", "Reading", "Mobile", "Sandwich", "Truth or Consequences", "Kettleby", "Ystad", "Mechelen", "Elko"]  # fmt: skip
DRUGS = ["metformin", "lisinopril", "warfarin", "apixaban", "sertraline", "furosemide", "insulin glargine"]  # fmt: skip
LABS = ["potassium", "hemoglobin", "creatinine", "sodium", "ferritin", "troponin"]
UNITS = ["mg", "mmol/L", "g/dL", "mcg"]

KEYS = {
    "last": ["last_name", "lastName", "LASTNAME", "surname", "family_name", "patient_last_name", "pt_lname", "PatientLastName", "apellido", "nachname"],
    "first": ["first_name", "firstName", "FIRST_NAME", "given_name", "fname", "forename", "vorname", "nombres"],
    "mrn": ["mrn", "MRN", "patient_mrn", "medicalRecordNumber", "mrn_number", "chart_number", "PatientMRN", "med_rec_no"],
    "ssn": ["ssn", "SSN", "social_security_number", "socialSecurityNumber", "patient_ssn"],
    "dob": ["dob", "DOB", "date_of_birth", "birthDate", "birth_date", "patientDob", "geburtsdatum", "fecha_nacimiento"],
    "phone": ["phone", "phoneNumber", "home_phone", "mobile", "contactPhone", "telefono"],
    "email": ["email", "emailAddress", "contact_email"],
    "zip": ["zip", "zipCode", "postal_code", "plz"],
    "member": ["member_id", "memberId", "subscriberId", "insurance_member_id", "policyNumber"],
    "town": ["city", "homeCity", "residence_city", "town"],
    "street": ["address_line1", "streetAddress", "home_address", "addressLine1"],
}  # fmt: skip
PLAIN = {"drug": ["drug", "medication", "drugName"], "lab": ["test", "analyte", "lab_test"], "dose": ["dose", "strength"], "status": ["status", "orderStatus"]}  # fmt: skip


class Made(NamedTuple):
    """One document, what must not survive in it, what must stay, and its kind."""

    kind: str
    document: Any
    gone: list[str]
    kept: list[str]


class Draw:
    """Draws records and writes them down in every way of naming."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def _digits(self, count: int) -> str:
        return "".join(self.random.choice("123456789") for _ in range(count))

    def record(self) -> dict[str, str]:
        """Draw the values of one person and one order."""
        pick, r = self.random.choice, self.random
        case = pick((str, str, str.lower, str.upper))
        year, month, day = r.randint(1931, 1999), r.randint(1, 12), r.randint(1, 28)
        return {
            "last": case(pick(LAST)),
            "first": case(pick(FIRST)),
            "mrn": pick((f"{pick('ABKQZ')}{self._digits(2)}{pick('BCX')}", self._digits(5), self._digits(7), f"{self._digits(2)}-{self._digits(4)}", f"ZX{self._digits(6)}")),
            "ssn": pick((self._digits(9), f"{self._digits(3)}-{self._digits(2)}-{self._digits(4)}")),
            "dob": pick((f"{year}-{month:02}-{day:02}", f"{month}/{day}/{year % 100:02}", f"{day:02}{month:02}{year}", f"{year}{month:02}{day:02}")),
            "phone": pick((f"{self._digits(3)}-{self._digits(3)}-{self._digits(4)}", self._digits(10), f"+1 ({self._digits(3)}) {self._digits(3)}-{self._digits(4)}")),
            "email": f"{pick(FIRST).lower()}.{self._digits(3)}@{pick(('mail.example', 'clinic.internal', 'host'))}",
            "zip": self._digits(5),
            "member": pick((f"XQ{self._digits(7)}", f"{self._digits(3)}{pick('ABC')}{self._digits(4)}", self._digits(8))),
            "town": pick(TOWNS),
            "street": f"{self._digits(3)} {pick(STREETS)}",
            "drug": pick(DRUGS), "lab": pick(LABS), "dose": f"{self._digits(2)} {pick(UNITS)}", "status": pick(("active", "final", "pending")),
        }  # fmt: skip

    def some(self, least: int = 2, most: int = 5) -> list[tuple[str, str, str]]:
        """Draw fields of one record: what each is, its name here, and its value."""
        record = self.record()
        whats = self.random.sample(list(KEYS), self.random.randint(least, most))
        return [(what, self.random.choice(KEYS[what]), record[what]) for what in whats]

    def plain(self) -> list[tuple[str, str, str]]:
        """Draw fields that identify nobody."""
        record = self.record()
        whats = self.random.sample(list(PLAIN), 2)
        return [(what, self.random.choice(PLAIN[what]), record[what]) for what in whats]

    def rows(self) -> tuple[list[str], list[list[str]], list[str], list[str]]:
        """Draw a table: columns, rows, what must go, what must stay."""
        fields = self.some(2, 4) + self.plain()
        self.random.shuffle(fields)
        rows = []
        for _ in range(self.random.randint(3, 6)):
            record = self.record()
            rows.append([record[what] for what, _, _ in fields])
        gone = [
            cell
            for row in rows
            for (what, _, _), cell in zip(fields, row, strict=True)
            if what in KEYS
        ]
        kept = [
            cell
            for row in rows
            for (what, _, _), cell in zip(fields, row, strict=True)
            if what in PLAIN
        ]
        return [name for _, name, _ in fields], rows, gone, kept

    # One maker a kind of naming.

    def keys(self) -> Made:
        """Write values under keys, and under neutral keys below them."""
        document: dict[str, Any] = {}
        gone = []
        for _, name, value in self.some():
            document[name] = self.random.choice([
                {"value": value}, {"old": value, "new": None}, {"from": value}, {"$eq": value}, {"$in": [value]}, {"query": value},
                {"0": value}, [value], [[value]], {"eq": value, "mode": "insensitive"}, {"value": {"value": value}}, {"_eq": value}, {"stringValue": value}, {"S": value}, {"contains": value},
            ])  # fmt: skip
            gone.append(value)
        plain = self.plain()
        document |= {name: {"value": value} for _, name, value in plain}
        wrap: list[Any] = [
            document,
            {"filter": document},
            {"where": {"AND": [document]}},
            {"changes": document},
            [document],
        ]
        return Made("keys", self.random.choice(wrap), gone, [v for _, _, v in plain])

    def suffixed(self) -> Made:
        """Write keys with suffixes, numbers and paths."""
        fields = self.some()
        ways = (lambda n: f"{n}.keyword", lambda n: f"{n}_1", lambda n: f"patient.{n}", lambda n: f"{n}_old", lambda n: f"new_{n}", lambda n: f"p_{n}", lambda n: f"{n}.raw", lambda n: f"demographics/{n}")  # fmt: skip
        document = {self.random.choice(ways)(name): value for _, name, value in fields}
        return Made("suffixed", {"match": document}, [v for _, _, v in fields], [])

    def siblings(self) -> Made:
        """Write rows of name and value."""
        pairs = [("field", "value"), ("name", "value"), ("column", "value"), ("key", "value"), ("field_name", "value"), ("attribute", "newValue"), ("property", "operand"), ("fieldName", "fieldValue"), ("variable", "val"), ("label", "answer"), ("path", "value"), ("id", "value")]  # fmt: skip
        named, valued = self.random.choice(pairs)
        fields, plain = self.some(), self.plain()
        prefix = "/" if named == "path" else ""
        rows = [{named: prefix + name, valued: value} for _, name, value in fields + plain]
        if named == "path":
            rows = [{"op": "replace", **row} for row in rows]
        return Made("siblings", {"items": rows} if self.random.random() < 0.5 else rows, [v for _, _, v in fields], [v for _, _, v in plain])  # fmt: skip

    def asked(self) -> Made:
        """Write questions with answers: FHIR, REDCap and plain."""
        record = self.record()
        asked = {"last": "What is your last name?", "first": "First name", "dob": "Date of birth", "phone": "Phone number:", "mrn": "Medical record number", "email": "Your e-mail address", "zip": "ZIP code"}  # fmt: skip
        whats = self.random.sample(list(asked), 3)
        gone = [record[what] for what in whats]
        items = [
            {"linkId": str(i + 1), "text": asked[what], "answer": [{"valueString": record[what]}]}
            for i, what in enumerate(whats)
        ]
        made: list[Any] = [
            {"resourceType": "QuestionnaireResponse", "status": "completed", "item": items},
            {"form": [{"question": asked[what], "answer": record[what]} for what in whats]},
            {"responses": [{"label": asked[what], "value": record[what]} for what in whats]},
            [{"record": "1", "field_name": KEYS[what][0], "value": record[what]} for what in whats],
        ]
        return Made("asked", self.random.choice(made), gone, [])

    def table_json(self) -> Made:
        """Write a table as JSON."""
        columns, rows, gone, kept = self.rows()
        typed = [{"name": column, "type": "text"} for column in columns]
        made: list[Any] = [
            {"columns": columns, "rows": rows}, {"columns": columns, "data": rows}, {"fields": columns, "values": rows}, [columns, *rows],
            {"header": columns, "records": rows}, {"columns": typed, "rows": rows}, {"table": [columns, *rows]},
            {"schema": {"fields": typed}, "rows": [{"f": [{"v": cell} for cell in row]} for row in rows]},
            {column: [row[i] for row in rows] for i, column in enumerate(columns)},
            {column: {str(k): row[i] for k, row in enumerate(rows)} for i, column in enumerate(columns)},
        ]  # fmt: skip
        return Made("table_json", self.random.choice(made), gone, kept)

    def table_text(self) -> Made:
        """Write a table as text, in one of its many forms."""
        columns, rows, gone, kept = self.rows()
        table = [columns, *rows]
        form = self.random.choice(["csv", "csv", "tsv", "semicolon", "pipe", "markdown", "psql", "mysql", "fixed", "html", "quoted"])  # fmt: skip
        widths = [max(len(row[i]) for row in table) for i in range(len(columns))]
        if form in {"csv", "tsv", "semicolon", "pipe", "quoted"}:
            out = io.StringIO()
            quoting: Literal[0, 1] = csv.QUOTE_ALL if form == "quoted" else csv.QUOTE_MINIMAL
            csv.writer(
                out,
                delimiter={"tsv": "\t", "semicolon": ";", "pipe": "|"}.get(form, ","),
                quoting=quoting,
                lineterminator=self.random.choice(["\n", "\r\n"]),
            ).writerows(table)
            text = out.getvalue()
        elif form == "html":
            text = (
                "<table><tr>"
                + "".join(f"<th>{c}</th>" for c in columns)
                + "</tr>"
                + "".join("<tr>" + "".join(f"<td>{c}</td>" for c in row) + "</tr>" for row in rows)
                + "</table>"
            )
        else:
            padded = [
                [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
                for row in table
            ]
            if form == "fixed":
                lines = ["   ".join(row).rstrip() for row in padded]
            elif form == "psql":
                lines = [" " + " | ".join(row) for row in padded]
                lines.insert(1, "-+-".join("-" * width for width in widths))
                lines.append(f"({len(rows)} rows)")
            else:
                lines = ["| " + " | ".join(row) + " |" for row in padded]
                rule = "|".join("-" * (width + 2) for width in widths)
                lines.insert(1, f"|{rule}|")
                if form == "mysql":
                    rule = "+" + "+".join("-" * (width + 2) for width in widths) + "+"
                    lines[1] = rule
                    lines = [rule, *lines, rule]
            text = "\n".join(lines)
        lead = self.random.choice(["", "", "Here is the export:\n", "Result of the query\n\n"])
        return Made(f"table_{form}", {"body": lead + text} if self.random.random() < 0.5 else lead + text, gone, kept)  # fmt: skip

    def headless(self) -> Made:
        """Write rows without a header."""
        order = self.random.choice([["last", "first", "dob", "mrn"], ["mrn", "ssn", "phone"], ["email", "last", "dob"], ["ssn", "dob", "zip", "lab"]])  # fmt: skip
        rows, gone = [], []
        for _ in range(5):
            record = self.record()
            record["mrn"] = self._digits(7)
            record["dob"] = "-".join(
                ["19" + self._digits(2), "0" + self._digits(1), "1" + self._digits(1)]
            )
            record["ssn"] = f"{self._digits(3)}-{self._digits(2)}-{self._digits(4)}"
            record["phone"] = f"{self._digits(3)}-{self._digits(3)}-{self._digits(4)}"
            record["last"], record["first"] = self.random.choice(LAST), self.random.choice(FIRST)
            rows.append([record[what] for what in order])
            gone += [record[what] for what in order if what != "lab"]
        made: list[Any] = [rows, {"rows": rows}, "\n".join(",".join(row) for row in rows), "\n".join("\t".join(row) for row in rows)]  # fmt: skip
        return Made("headless", self.random.choice(made), gone, [])

    def statement(self) -> Made:
        """Write a statement with literals."""
        fields = self.some(2, 3)
        names, values = [n for _, n, _ in fields], [v for _, _, v in fields]
        said = ["'" + value.replace("'", "''") + "'" for value in values]
        ops = ["{n} = {v}", "{n} IN ({v})", "lower({n}) = lower({v})", "{n} LIKE {v}", "{n} ILIKE {v}", "p.{n} = {v}", "{v} = {n}", "{n} ~* {v}", "{n} <> {v}", "trim({n}) = {v}", "COALESCE({n}, '') = {v}", '"{n}" = {v}', "{n} BETWEEN {v} AND {v}"]  # fmt: skip
        where = self.random.choice([" AND ", " OR "]).join(
            self.random.choice(ops).format(n=n, v=v) for n, v in zip(names, said, strict=True)
        )
        made = [
            f"SELECT count(*) FROM patients p WHERE {where}",
            f"DELETE FROM patients p WHERE {where}",
            f"UPDATE patients SET {', '.join(f'{n} = {v}' for n, v in zip(names, said, strict=True))} WHERE status = 'active'",
            f"INSERT INTO patients ({', '.join(names)}) VALUES ({', '.join(said)})",
            f"INSERT INTO patients ({', '.join(names)}) SELECT {', '.join(said)}",
            "EXEC dbo.upsert_patient "
            + ", ".join(f"@{n} = {v}" for n, v in zip(names, said, strict=True)),
            "SELECT "
            + ", ".join(f"{v} AS {n}" for n, v in zip(names, said, strict=True))
            + " FROM dual",
        ]
        return Made("statement", {"sql": self.random.choice(made)}, values, [])

    def bound(self) -> Made:
        """Write a statement with bound values."""
        fields = self.some(2, 4)
        names, values = [n for _, n, _ in fields], [v for _, _, v in fields]
        style = self.random.choice(["?", "$", ":p", "%s", "@p", ":name", "%(name)s", ":1"])
        marks = [
            {
                "?": "?",
                "$": f"${i + 1}",
                ":p": f":p{i}",
                "%s": "%s",
                "@p": f"@p{i}",
                ":name": f":v{i}",
                "%(name)s": f"%(x{i})s",
                ":1": f":{i + 1}",
            }[style]
            for i in range(len(names))
        ]
        sql = self.random.choice([
            "SELECT id FROM patients WHERE " + " AND ".join(f"{n} = {m}" for n, m in zip(names, marks, strict=True)),
            f"INSERT INTO patients ({', '.join(names)}) VALUES ({', '.join(marks)})",
            "UPDATE patients SET " + ", ".join(f"{n} = {m}" for n, m in zip(names, marks, strict=True)) + " WHERE id = 7",
            "SELECT 1 FROM p WHERE " + " OR ".join(f"lower({n}) LIKE lower({m})" for n, m in zip(names, marks, strict=True)),
            "SELECT 1 FROM p WHERE " + " OR ".join(f"{n} IN ({m})" for n, m in zip(names, marks, strict=True)),
        ])  # fmt: skip
        statement = self.random.choice(["sql", "statement", "query", "text"])
        key = self.random.choice(
            ["params", "bind", "bindings", "values", "args", "parameters", "variables", "inputs"]
        )
        by_name = style in {":p", "@p", ":name", "%(name)s"}
        given: Any = (
            {mark.strip(":@%()s$"): value for mark, value in zip(marks, values, strict=True)}
            if by_name
            else values
        )
        if by_name and self.random.random() < 0.3:
            given = [
                {"name": mark.strip(":@%()s$"), "value": value}
                for mark, value in zip(marks, values, strict=True)
            ]
        elif not by_name and self.random.random() < 0.3:
            given = [values, values]
        return Made(f"bound {style}", {statement: sql, key: given}, values, [])

    def filters(self) -> Made:
        """Write filters of MongoDB, Elasticsearch, ORMs, OData and GraphQL."""
        fields = self.some(2, 3)
        first, others = fields[0], fields[1:]
        quoted = [(n, '"' + v + '"') for _, n, v in fields]
        made: list[Any] = [
            {"filter": {n: {"$regex": f"^{v}", "$options": "i"} for _, n, v in fields}},
            {"pipeline": [{"$match": {n: v for _, n, v in fields}}, {"$count": "n"}]},
            {"$expr": {"$eq": ["$" + first[1], first[2]]}, **{n: v for _, n, v in others}},
            {"query": {"bool": {"must": [{"term": {f"{n}.keyword": {"value": v}}} for _, n, v in fields]}}},
            {"query": {"bool": {"filter": [{"terms": {n: [v]}} for _, n, v in fields]}}},
            {"query": {"match_phrase": {first[1]: {"query": first[2]}}}, **{n: v for _, n, v in others}},
            {"domain": [[n, "=", v] for _, n, v in fields]},
            {"rules": [{"id": n, "field": n, "operator": "equal", "value": v} for _, n, v in fields]},
            {"filters": [{"left": {"column": n}, "op": "=", "right": {"value": v}} for _, n, v in fields]},
            {"and": [{"==": [{"var": n}, v]} for _, n, v in fields]},
            {"query": "query { patients(" + ", ".join(f"{n}: {v}" for n, v in quoted) + ") { id } }"},
            {"query": "query Q($a: String) { patients(x: $a) { id } }", "variables": {n: v for _, n, v in fields}},
            "https://ehr.example/odata/Patients?$filter=" + " and ".join(f"{n} eq '{v}'" for _, n, v in fields),
            {"filter": " and ".join(f'{n} eq "{v}"' for _, n, v in fields)},
            {"where": {"OR": [{n: {"equals": v, "mode": "insensitive"}} for _, n, v in fields]}},
        ]  # fmt: skip
        return Made("filters", self.random.choice(made), [v for _, _, v in fields], [])

    def addressed(self) -> Made:
        """Write values into addresses and commands."""
        fields = self.some(2, 3)
        record = self.record()
        query = "&".join(f"{n}={quote_plus(v)}" for _, n, v in fields)
        gone = [v for _, _, v in fields]
        coded = [quote_plus(v) for v in gone]
        made: list[tuple[Any, list[str]]] = [
            ({"url": f"https://ehr.example/api/search?{query}"}, coded),
            (f"curl -s 'https://ehr.example/api/patients?{query}'", coded),
            (f"curl -X POST https://ehr.example/p -d '{query}'", coded),
            ({"path": f"/api/patients/{record['mrn']}/notes"}, [record["mrn"]]),
            ({"request": {"method": "GET", "url": f"Patient/{record['mrn']}/_history/2"}}, [record["mrn"]]),
            ({"url": f"https://fhir.example/Patient?family={record['last']}&birthdate={record['dob'].replace('/', '-')}&identifier=http://x|{record['mrn']}"}, [record["last"], record["mrn"]]),
            ({"path": "/patients/{id}/notes", "pathParams": {"id": record["mrn"]}}, [record["mrn"]]),
            ("python load.py " + " ".join(f'--{n.replace("_", "-")} "{v}"' for _, n, v in fields), gone),
            ("\n".join(f"{n}={v}" for _, n, v in fields), gone),
            ("patient:\n" + "\n".join(f"  {n}: {v}" for _, n, v in fields), gone),
            ("upsert " + json.dumps({n: v for _, n, v in fields}) + " into patients", gone),
            ("row = {" + ", ".join(f"'{n}': '{v}'" for _, n, v in fields) + "}", gone),
            ({"body": json.dumps({"changes": {n: {"old": v} for _, n, v in fields}})}, gone),
            ({"body": json.dumps([{"field": n, "value": v} for _, n, v in fields])}, gone),
        ]  # fmt: skip
        document, planted = self.random.choice(made)
        return Made("addressed", document, planted, [])

    def any(self) -> Made:
        """Draw a maker and let it make."""
        makers: list[Callable[[], Made]] = [self.keys, self.suffixed, self.siblings, self.asked, self.table_json, self.table_text, self.table_text, self.headless, self.statement, self.bound, self.filters, self.addressed]  # fmt: skip
        return self.random.choice(makers)()


def survivors(document: Any, gone: list[str]) -> list[str]:
    """Return the planted values that stand in what is left, as words of their own."""
    said = document if isinstance(document, str) else json.dumps(document, ensure_ascii=False)
    return [value for value in gone if re.search(rf"(?<![^\W_]){re.escape(value)}(?![^\W_])", said)]
