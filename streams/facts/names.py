"""Which parameter names matter, and which names of tables and columns facts may repeat.

A parameter's name is compared in lower case without `_`, `-` and blanks, so that `sendTo`,
`send_to` and `Send-To` are one. A name of a table or column is the agent's word (a table may be
named after a patient): it is repeated only where it stands here or in the catalogue's attributes
`tables` and `columns`, and is `other` else.
"""

import re
from collections.abc import Mapping
from typing import Final

OTHER: Final = "other"


def plain(name: str) -> str:
    """Return a parameter's name as it is compared."""
    return re.sub(r"[\s_\-]+", "", name).lower()


def words(text: str) -> frozenset[str]:
    """Return the words of a text as a set: how this room writes its lists."""
    return frozenset(text.split())


SQL: Final = words(
    "sql query queries statement statements stmt sqltext sqlquery querytext rawsql rawquery"
    " command commandtext script batch tsql plsql ddl dml select cte procedure"
)
BOUND: Final = words(
    "params parameters param args arguments bind binds binding bindings bound variables vars"
    " values value inputs input placeholders sqlparams queryparams data row rows record records"
)
TO: Final = words(
    "to cc bcc recipient recipients email emails emailaddress emailaddresses mail mails mailto"
    " sendto sentto addressee addressees address addresses audience phone phones phonenumber"
    " phonenumbers number numbers mobile msisdn sms contacts contact targets target toaddresses"
    " ccaddresses bccaddresses torecipients ccrecipients bccrecipients distribution"
    " distributionlist users members subscribers channel channels receiver receivers dest"
    " destination destinations fax envelope rcpt rcptto"
)
METHOD: Final = words("method verb httpmethod requestmethod")
URL: Final = words("url uri endpoint href link webhook callback baseurl requesturl targeturl")
PATH: Final = words(
    "path paths file files filename filepath filepaths dir directory folder dest destination"
    " output outputfile outfile source src target from input inputfile location root workdir cwd"
)
AMOUNT: Final = words(
    "amount amounts total sum price cost value quantity qty dose budget payment refund copay"
)
ROWS: Final = words("limit rows rowlimit maxrows count top pagesize batchsize maxresults size n")
SHELL: Final = words(
    "cmd command commands shell exec script run bash sh powershell argv args entrypoint"
)

_TABLES: Final = words(
    "patients patient conditions condition encounters encounter observations observation visits"
    " visit admissions admission medications medication prescriptions prescription allergies"
    " allergy procedures procedure immunizations labs lab lab_results results appointments"
    " appointment claims claim payments staff employees users accounts orders wards ward"
    " departments department clinicians providers diagnoses diagnosis notes messages roles"
    " organizations locations devices specimens reports billing insurance coverage dual"
    " sqlite_master sqlite_schema"
)
COARSE: Final = words(
    "gender sex ward department dept unit clinic site facility year month quarter week weekday"
    " status type category class kind state country region race ethnicity age_group age_band"
    " specialty severity code diagnosis_code icd icd10 icd_code drug medication condition"
    " diagnosis procedure payer plan language outcome role active deceased"
)
"""Columns by which a table may be grouped without a row being one person's."""
IDENTIFYING: Final = words(
    "id mrn ssn name names first_name last_name given family surname full_name patient"
    " patient_name dob birth_date birthdate date_of_birth birthday phone telephone mobile fax"
    " email mail address street line zip zipcode postcode postal_code nhs npi license licence"
    " passport account iban card member_number policy_number device_serial serial ip url photo"
    " face fingerprint username login password notes note text comment comments narrative body"
    " rowid ctid oid uuid guid latitude longitude social_security_number medical_record_number"
    " tax_id"
)
_SAFE_COLUMNS: Final = words("age since start_date end_date created_at updated_at total count")


_TELLTALE: Final = ("ssn", "mrn", "name", "birth", "dob", "phone", "mail", "addr", "passport")
KEYS: Final = words(
    "id mrn ssn nhs patient_id person_id subject_id patient_mrn medical_record_number email uuid"
    " guid social_security_number name full_name patient_name"
)
"""Columns of which one value is one person, or a few of the same name."""


def is_identifying(column: str) -> bool:
    """Tell whether a column by its name may pick out a person: the whole name, or a part of it.

    SQL folds case, so `PATIENTNAME` cannot be cut into words: the tell-tale ones count anywhere.
    """
    word = column.lower()
    parts = set(re.findall(r"[a-z]+", word))
    return (
        word in IDENTIFYING
        or bool(parts & IDENTIFYING)
        or word.endswith("id")
        or any(each in word for each in _TELLTALE)
    )


def listed(attributes: Mapping[str, str], name: str) -> frozenset[str]:
    """Return the words of a catalogue attribute: separated by blanks or commas, lower case."""
    return frozenset(re.split(r"[\s,;]+", attributes.get(name, "").lower())) - {""}


def told_tables(found: "frozenset[str]", attributes: Mapping[str, str]) -> frozenset[str]:
    """Return the names of tables that may be repeated; any other is `other`."""
    return _told(found, _TABLES | listed(attributes, "tables"))


def told_columns(found: "frozenset[str]", attributes: Mapping[str, str]) -> frozenset[str]:
    """Return the names of columns that may be repeated; any other is `other`."""
    known = IDENTIFYING | COARSE | _SAFE_COLUMNS | listed(attributes, "columns")
    return _told(found, known)


def _told(found: "frozenset[str]", known: "frozenset[str]") -> frozenset[str]:
    words = {word.lower() for word in found}
    return frozenset(word[:40] if word in known else OTHER for word in words)
