"""Identifiers in paths and file names: `/plates/7KXJ220.jpg`, `iris_tpl_A93F.dat`, `devices/SN-44XZ9/log`.

What a folder or the first word of a name says of the next one: a vehicle, a device, a print, a study.
"""

# ruff: noqa: E501 - one pattern a line reads better than a folded one

import re
from collections.abc import Iterator

from streams.masking.results import Span

_KINDS = {
    "VEHICLE": "plates?|vins?|vehicles?|licen[cs]e_?plates?|registrations?",
    "DEVICE": "devices?|serials?|sn|imei|udi|implants?|pumps?|pacemakers?|glucometers?|monitors?|sensors?|lots?",
    "BIOMETRIC": "biometrics?|fingerprints?|voiceprints?|faceprints?|faceids?|irises|iris|retinas?|palmprints?|templates?|tpls?|enrol?lments?|fp|minutiae|embeddings?|voices?|faces?|gaits?",
    "MRN": "mrns?|patients?|pts?|pat|charts?|medical[_-]records?",
    "ID": "subjects?|subj|participants?|stud(?:y|ies)|trials?|protocols?|cases?|specimens?|samples?|accessions?|encounters?|visits?|claims?|orders?|donors?|enc|acc",
    "MEMBER_ID": "members?|polic(?:y|ies)|subscribers?|beneficiar(?:y|ies)",
    "ACCOUNT": "accounts?|accts?|invoices?",
    "LICENSE": "licen[cs]es?|npis?|passports?",
}
_PATTERNS = tuple(
    (
        kind,
        re.compile(
            rf"(?<![A-Za-z])(?:{words})(?:[/\\]|[_-](?:(?:left|right|l|r|tpl|template|id|no|scan|enrol\w*)[_-]){{0,2}})(?P<v>(?=[\w\-]{{0,40}}\d)[A-Za-z0-9][A-Za-z0-9\-]{{1,40}})(?=[/\\._?#&\s\"'),;:]|\Z)",
            re.IGNORECASE,
        ),
    )
    for kind, words in _KINDS.items()
)
_SIGNS = frozenset("/\\.")
_PLAIN = re.compile(
    r"(?:v?\d{1,2}|(?:19|20)\d\d(?:-?[01]\d){0,2}(?:-[0-3]\d)?|[a-z]{1,12}[-_]?\d{1,2}|r4|u\d+|sha\d+|mp[34]|s3|utf-?8|base64|x86|h264)\Z",
    re.IGNORECASE,
)


def find(text: str) -> Iterator[Span]:
    """Yield identifiers that a path says what they are."""
    if not ("/" in text or "\\" in text or "_" in text or "." in text):
        return
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            said = match.group("v")
            where = text[max(0, match.start() - 1) : match.end() + 6]
            if not _PLAIN.match(said) and _SIGNS & set(where):
                yield Span(*match.span("v"), kind, 0.75, "path")
