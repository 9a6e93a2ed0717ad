"""Identifiers that have a shape of their own, or a label before them.

Each rule is a pattern with no nested repetition, so that its time grows with the text's length and
no faster. A rule that captures `v` masks that group, else the whole match. A validator refuses
matches that the shape alone cannot judge (a check digit).
"""

# ruff: noqa: E501, PLR2004, RUF001 - one pattern a line reads better than a folded one

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import NamedTuple

from streams.masking.codes.checks import iban, luhn, npi, ssn, vin
from streams.masking.results import Span
from streams.masking.vocabulary.lists import each

_EVERYBODY = each(
    """ubuntu root deploy app user users admin ec2-user shared public jenkins postgres runner node
    airflow hadoop kafka vagrant default guest service svc"""
)


# A file that only a year tells from others: `guideline_2023.pdf`.
_DATED_FILE = re.compile(r"\A\D*(?:19|20)\d\d\D*(?:mp[34]|m4a|hl7)?", re.IGNORECASE)


class CodeRule(NamedTuple):
    """One shape: its type, how sure a match is, and how a match is checked."""

    name: str
    type: str
    score: float
    pattern: re.Pattern[str]
    valid: Callable[[str], bool] | None = None
    needs: str = "digit"


def _rule(  # noqa: PLR0913, PLR0917 - the state of one step
    name: str,
    kind: str,
    score: float,
    pattern: str,
    valid: Callable[[str], bool] | None = None,
    needs: str = "digit",
) -> CodeRule:
    return CodeRule(
        name, kind, score, re.compile(pattern, re.IGNORECASE | re.VERBOSE), valid, needs
    )


# Between a label and its value: "MRN: 1", "MRN# 1", "MRN is 1", "MRN (1)".
_IS = r"""[\ \t]{0,3}(?:\#|no\b\.?|num(?:ber)?\b\.?|nr\b\.?|id\b|code\b)?[\ \t]{0,2}(?:(?:the\s)?(?:number|no|id)\s)?(?:is|of|was|ending\s(?:in|with)|[:=\#\-\(]){0,2}[\ \t"'\(]{0,3}"""
_UNIT = r"(?:mg|mcg|ml|g|kg|units?|tabs?|days?|weeks?|hours?|hrs?|min|times|patients|year|yo|y/o|%)"
_CODE = rf"(?P<v>(?:[A-Z]{{0,6}}[\-./]?|(?-i:[A-Z]{{1,6}})\s)\d[A-Z0-9]*(?:[\-./]?[A-Z0-9]*\d[A-Z0-9]*|[\-./][A-Z]{{1,3}}\b)*(?:\s\d{{3,5}}(?![\w/.\-]|\s?{_UNIT}\b)|(?:\s\d(?![\w/.\-]|\s?{_UNIT}\b)){{3,}})*(?:\s(?-i:\d|[A-Z])(?=\s*(?:[,.;:!?)]|\Z|\n)))?)"


def _labelled(name: str, kind: str, labels: str) -> CodeRule:
    return _rule(
        name, kind, 0.95, rf"(?<![A-Za-z])(?:{labels})(?![a-z]){_IS}{_CODE}(?![A-Za-z0-9])"
    )


RULES: tuple[CodeRule, ...] = (
    _rule("email", "EMAIL", 1.0,
          r"(?<![A-Za-z0-9.+%-])[\w.+%'&/=^{}~!*-]{1,64}@(?=[^\s<]{0,80}[A-Za-z\[])(?:[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}|\[[\d.:a-f]+\])", None, "@"),
    _rule("email_spaced", "EMAIL", 0.9, r"(?<![A-Za-z0-9.+%-])[\w.+-]{2,64}\s?@\s?[\w-]{1,63}(?:\.[\w-]{1,63}){0,6}\.[a-z]{2,24}\b", None, "@"),
    _rule("email_spelled", "EMAIL", 0.9,
          r"\b[\w.+-]{1,64}\s?(?:\(at\)|\[at\]|\s+at\s+)\s?[\w-]{1,63}(?:\s?(?:\(dot\)|\[dot\]|\s+dot\s+)\s?[\w-]{2,63}){1,4}\b", None, "at"),
    _rule("url", "URL", 0.95, r"\b(?:https?|ftps?|sftp|wss?|file)://[^\s<>\"'`|]+[^\s<>\"'`|.,;:!?)\]}]", None, ":"),
    _rule("www", "URL", 0.9, r"\bwww\d?\.[^\s<>\"']+[^\s<>\"'.,;:!?)\]}]", None, "."),
    _rule("domain", "URL", 0.75,
          r"(?<![A-Za-z0-9@.-])(?:[a-z0-9][a-z0-9-]{0,62}\.){1,6}(?:com|org|net|edu|gov|mil|info|biz|health|care|clinic|hospital|dental|doctor|app|dev|io|co|us|uk|ca|de|fr|ch|nl|se|au|eu|me|tv|ru|cn|in|jp|br|it|es|pl|int|internal|local|example)(?:/[^\s<>\"']*[^\s<>\"'.,;:!?)\]}])?(?![A-Za-z0-9@-]|\.\w)", None, "."),
    _rule("uuid", "ID", 0.95, r"(?<![A-Za-z0-9-])\{?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\}?(?![A-Za-z0-9-])"),
    _rule("ssn", "SSN", 0.9, r"(?<![A-Za-z0-9-])\d{3}[-. ]\d{2}[-. ]\d{4}(?![A-Za-z0-9]|-\d)", ssn),
    _rule("ssn_part", "SSN", 0.9, r"(?<![A-Za-z0-9])[x*#]{3}[-. ]?[x*#]{2}[-. ]?(?P<v>\d{4})(?![A-Za-z0-9])"),
    _rule("ssn_label", "SSN", 0.95, rf"(?<![A-Za-z])(?:ssn|soc(?:ial)?\.?\s(?:sec(?:urity)?)\.?|ss\#|social)(?![a-z]){_IS}(?P<v>\d[\d\s.-]{{2,12}}\d)(?![A-Za-z0-9])"),
    _rule("card", "CARD", 0.9, r"(?<![A-Za-z0-9.-])\d(?:[ -]?\d){11,18}(?![A-Za-z0-9-])", luhn),
    _rule("iban", "ACCOUNT", 0.9, r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,3})?(?![A-Za-z0-9])", iban),
    _rule("mac", "DEVICE", 0.95, r"(?<![A-Za-z0-9:-])[0-9a-f]{2}(?:([:-])[0-9a-f]{2})(?:\1[0-9a-f]{2}){4}(?![A-Za-z0-9:-])", None, "any"),
    _rule("ipv4", "IP", 0.95, r"(?<![A-Za-z0-9.])(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}(?:/\d{1,2})?(?![A-Za-z0-9]|\.\d)"),
    _rule("ipv6", "IP", 0.9, r"(?<![A-Za-z0-9:])(?:(?:[0-9a-f]{1,4}:){2,7}(?::?[0-9a-f]{1,4}){1,6}|[0-9a-f]{1,4}::(?:[0-9a-f]{1,4}:){0,6}[0-9a-f]{1,4})(?:%\w+)?(?![A-Za-z0-9:])", lambda s: "::" in s or s.count(":") == 7, ":"),
    _rule("vin", "VEHICLE", 0.9, r"(?<![A-Za-z0-9-])[A-HJ-NPR-Z0-9]{17}(?![A-Za-z0-9-])", vin),
    _rule("mbi", "MEMBER_ID", 0.95, r"(?<![A-Za-z0-9-])[1-9][AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d-?[AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d-?[AC-HJKMNP-RT-Y]{2}\d{2}(?![A-Za-z0-9-])"),
    _rule("dea", "LICENSE", 0.9, r"(?<![A-Za-z0-9-])[ABCDEFGHJKLMPRSTUX][A-Z9]\d{7}(?![A-Za-z0-9-])"),
    _rule("npi", "LICENSE", 0.9, r"(?<![A-Za-z0-9.-])[12]\d{9}(?![A-Za-z0-9-])", npi),
    _rule("phone", "PHONE", 0.9,
          r"(?<![A-Za-z0-9.-])(?:\+?1[\s.-]?)?(?:\(\d{3}\)\s?|\d{3}[\s./-]{1,3})\d{3}[\s.-]{1,3}\d{4}(?:\s{0,2},?(?:x|ext\.?|extension)\s?\#?\d{1,6})?(?![A-Za-z0-9]|-\d)"),
    _rule("phone_intl", "PHONE", 0.9, r"(?<![A-Za-z0-9.])(?:\+|00)\d{1,3}(?:[\s./-]{0,2}\(?\d{1,5}\)?){2,6}(?![A-Za-z0-9])", lambda s: 8 <= sum(c.isdigit() for c in s) <= 16),
    _rule("phone_short", "PHONE", 0.7, r"(?<![A-Za-z0-9./-])\d{3}-\d{4}(?![A-Za-z0-9/-])"),
    _rule("phone_groups", "PHONE", 0.75, r"(?<![A-Za-z0-9.,/+-])(?:\(\d{2,5}\)[\s-]?|0\d{1,4}[\s/-])\d{2,4}(?:[\s-]\d{2,4}){1,4}(?:x\d{1,5})?(?![A-Za-z0-9]|[.,/-]\d)", lambda s: 8 <= sum(c.isdigit() for c in s) <= 16),
    _rule("phone_parts", "PHONE", 0.7, r"(?<![A-Za-z0-9.,/+-])\d{2,4}(?:[\s-]\d{3,4}){2,3}(?![A-Za-z0-9]|[.,/-]\d)", lambda s: 8 <= sum(c.isdigit() for c in s) <= 14),
    _rule("phone_uk", "PHONE", 0.8, r"(?<![A-Za-z0-9.,/+-])0\d{3,4}\s\d{6}(?![A-Za-z0-9]|[.,/-]\d)"),
    _rule("last_digits", "ACCOUNT", 0.85, r"\b(?:end(?:s|ing|ed)?(?:\s(?:in|with))?|last\s(?:four|4)(?:\s(?:digits?|of))*(?:\s(?:the|his|her|their|my))?(?:\s(?:card|account|ssn|social|phone|number|are|is))*)\s?:?\s?\#?(?P<v>\d{4})(?![A-Za-z0-9])"),
    _rule("phone_label", "PHONE", 0.95,
          rf"(?<![A-Za-z])(?:(?:phone|mobile|tel|cell):\n?|phone|ph|tel(?:ephone)?|cell(?:phone)?|mobile|pager|beeper|call(?:ed|back|ing)?(?:\s(?:him|her|them|me|us|back))?(?:\s(?:at|on))?|registered(?:\snumber)?|answer(?:ing|s)?\sat|text|page(?:d)?(?:\s(?:me|him|her|us|them))?(?:\s(?:at|on|to))?|contact|reach(?:ed|able)?(?:\s\w{{2,4}})?\s(?:at|on)|ext(?:ension)?)(?![a-z])\.?{_IS}(?:at\s|on\s)?(?P<v>\+?\(?\d[\d\s().x-]{{2,20}}\d)(?![A-Za-z0-9])", lambda s: 4 <= sum(c.isdigit() for c in s.rsplit(":", 1)[-1]) <= 17),
    _rule("fax_label", "FAX", 0.95, r"(?<![A-Za-z])(?:fax|facsimile|telefax|f)(?![a-z])\.?\s?(?:number|no|\#)?\.?\s?(?:is|to|at|[:=])\s?(?P<v>\+?\(?\d[\d\s().x-]{5,20}\d)(?![A-Za-z0-9])"),
    _labelled("mrn_label", "MRN", r"mrns?|mr|med(?:ical)?\.?\srec(?:ord)?s?|e?mpi|chart|hospital\s(?:no|number|id)|patient\s?(?:id|number|no|\#|identifier)|pt\.?\s?(?:id|\#)|record\s(?:number|no|\#|id)|unit\s(?:number|no)|pid|epic\sid"),
    _labelled("member_label", "MEMBER_ID", r"member(?:ship)?|subscriber|insur(?:ance|ed)|polic(?:y|ies)|group|grp|beneficiary|medicare|medicaid|mbi|hicn?|plan|health\splan|payer|bin|pcn"),
    _labelled("account_label", "ACCOUNT", r"acct|account|a/c|invoice|billing|bill|routing|iban|bank|aba|fin|guarantor|credit\scard|debit\scard|card|checking|savings"),
    _labelled("license_label", "LICENSE", r"licen[cs]e|lic|driver'?s?|dl|passport|certificate|cert|certification|npi|dea|upin|registration|permit|visa"),
    _labelled("vehicle_label", "VEHICLE", r"vin|plates?|tag|vehicle|license\splates?|registration\splate|car"),
    _rule("plate_groups", "VEHICLE", 0.8, r"\bplates?\b\s?(?:no\.?\s|\#|:\s?|is\s)?(?P<v>(?-i:[A-Z0-9]{1,4}(?:[\s-][A-Z0-9]{1,4}){0,2}))(?![A-Za-z0-9])", lambda s: sum(c.isdigit() for c in s) >= 2),
    _rule("any_number", "ID", 0.7, rf"\b(?:number|num)\b\s?(?:is|was|:|(?:starts?|begins?|starting|beginning|ends?)(?:\s(?:with|in))?)?\s?{_CODE}(?![A-Za-z0-9]|\s?%|\s(?:mg|mcg|ml|patients|people)\b)", lambda s: sum(c.isdigit() for c in s) >= 3),
    _rule("plate", "VEHICLE", 0.8, r"\bplates?\b(?:\s\w+){0,4}?\s(?:is|was|reads?|were|number|no\.?)\s(?P<v>(?-i:[A-Z0-9]{1,4}[\s-]?[A-Z0-9]{2,4}))(?![A-Za-z0-9])", lambda s: any(c.isdigit() for c in s)),
    _labelled("device_label", "DEVICE", r"serial|s/n|sn|udi|imei|imsi|lot|device|implant|pacemaker|pump|icd\sserial|mac|meid|ventilator|glucometer|hearing\said|stent|ref"),
    _labelled("id_label", "ID", r"accession|acc|case|claim|encounter|visit|csn|specimen|sample|order|rx|prescription|referral|auth(?:orization)?|prior\sauth|ticket|tracking|confirmation|study|subject|participant|trial|badge|employee|staff|id(?:entifier|entification)?|ref(?:erence)?|barcode|file|document|doc|report|requisition|transaction|user|biometric|fingerprint|voiceprint|template|scan|image|photo|record|donor|appointment|locker|token"),
    _rule("udi", "DEVICE", 0.95, r"\(01\)\s?\d{14}(?:\s?\(\d\d\)\s?[\w\-]{1,30})*"),
    _rule("biometric_label", "BIOMETRIC", 0.9, r"(?<![A-Za-z])(?:finger\s?print|voice\s?print|retina(?:l)?(?:\sscan)?|iris(?:\sscan)?|palm\s?print|face\s?(?:id|print|template)|biometric)s?(?:\s(?:id|template|hash|code|ref(?:erence)?|scan|no|number|identifier))*\s?(?:is|[:=\#])?\s?(?P<v>[A-Z]{0,6}[-_:]?[A-Z0-9]*\d[\w:-]*)"),
    _rule("record_file", "ID", 0.8, r"(?<![A-Za-z0-9/\\.])[\w\-~]{0,80}\d{4}[\w\-~]{0,80}\.(?:pdf|docx?|xlsx?|csv|rtf|txt|odt|zip|mp[34]|mov|m4a|wav|nii|hl7|eml|msg|pptx?)\b", lambda s: not _DATED_FILE.fullmatch(s)),
    _rule("in_path", "ID", 0.75, r"(?<=[A-Za-z][/\\])(?!(?:19|20)\d\d[/\\])\d{4,14}(?=[/\\])"),
    _rule("mac_dotted", "DEVICE", 0.9, r"(?<![\w.])(?=[0-9a-f.]*\d)[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}(?![\w.])"),
    _rule("ip_port", "IP", 0.95, r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5}|/\d{1,2})(?![\w.]\w)"),
    _rule("email_said", "EMAIL", 0.95, r"(?<![\w.])[\w.+-]{2,64}\s?[(\[{]\s?at\s?[)\]}]\s?[\w-]{1,63}(?:\s?(?:\.|[(\[{]?\s?dot\s?[)\]}]?)\s?[\w-]{2,63}){1,4}", None, "any"),
    _rule("image_file", "PHOTO", 0.9, r"(?<![A-Za-z0-9/\\])[\w\-./\\~]{1,200}\.(?:jpe?g|png|gif|tiff?|bmp|heic|dcm|webp|raw|dicom)\b", None, "."),
    _rule("hash_id", "ID", 0.8, r"(?<![A-Za-z0-9-])(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{16,128}(?![A-Za-z0-9-])"),
    _rule("imei", "DEVICE", 0.8, r"(?<![A-Za-z0-9-])\d{15}(?![A-Za-z0-9-])", luhn),
    _rule("username", "USER", 0.85, r"\b(?:user(?:name|\s?id)?|login|handle|screen\sname)(?![a-z])\s?(?:is|[:=])?\s?(?P<v>[A-Za-z][\w.\-]*\d[\w.\-]*|[A-Za-z]+[_.][A-Za-z][\w.]*)"),
    _rule("spelled_digits", "ID", 0.8, r"\b(?:(?:zero|oh|one|two|three|four|five|six|seven|eight|nine)[\s,.\-]{1,3}){6,20}(?:zero|oh|one|two|three|four|five|six|seven|eight|nine)\b", None, "any"),
    _rule("spaced_digits", "ID", 0.7, r"(?<![\d.,/])\d(?:[ -]{1,3}\d){6,20}(?![\d/]|[.,]\d)"),
    _rule("name_in_file", "ID", 0.85, r"(?<![A-Za-z])(?:pt|pat|patient|mrn|subj(?:ect)?|case|acct|member|chart|enc|encounter|claim)[_-](?P<v>\d{3,14})(?!\d)"),
    _rule("ramq", "MEMBER_ID", 0.85, r"(?<![A-Za-z0-9])(?-i:[A-Z]{4})\s\d{4}\s\d{4}(?![A-Za-z0-9])"),
    _rule("login", "USER", 0.8, r"(?:\bby|@)\s?(?P<v>(?-i:[a-z]{5,20}\d{1,4}))(?![\w.@])"),
    _rule("home", "USER", 0.85, r"(?:/home|[\\/]users)[\\/](?P<v>[A-Za-z][\w.\-]{1,40})", lambda s: s.lower() not in _EVERYBODY, "any"),
    _rule("hash_number", "ID", 0.75, r"(?<![A-Za-z0-9&])\#\s?(?P<v>[A-Z]{0,4}[\s-]?\d{4,12}(?:[\s-]\d{1,6}){0,4})(?![A-Za-z0-9])"),
    _rule("in_brackets", "ID", 0.7, r"(?<=[(\[])\#?\d{5,12}(?=[)\]])"),
    _rule("coordinates", "LOCATION", 0.8, r"(?<![A-Za-z0-9.])-?\d{1,2}\.\d{3,9}\s?[,;]\s?-?\d{1,3}\.\d{3,9}(?![A-Za-z0-9.])"),
    _rule("code_mixed", "ID", 0.7, r"(?<![A-Za-z0-9.$-])(?=[A-Z\d-]*\d{4})(?:[A-Z]{1,5}-?){1,2}\d{4,14}(?:-?[A-Z\d]{1,6}){0,3}(?![A-Za-z0-9-])"),
    _rule("code_dashed", "ID", 0.65, r"(?<![A-Za-z0-9.$/-])(?:[A-Z]{1,5}-)?\d{2,9}(?:-[A-Z0-9]{2,9}){1,4}(?![A-Za-z0-9-])", lambda s: sum(c.isdigit() for c in s) >= 6),
    _rule("code_turns", "ID", 0.65, r"(?<![A-Za-z0-9.$/-])(?-i:(?!CYP|HLA|G\dP|[PC]?T[0-4X]N|[A-Z]\d[A-Z]\d[A-Z]\d(?![A-Z0-9]))(?=[A-Z0-9]{6,24}(?![A-Za-z0-9]))(?:[A-Z]{1,6}\d{1,12}|\d{1,12}[A-Z]{1,6}){2,6}[A-Z0-9]{0,6})(?![A-Za-z0-9-])", lambda s: _turns(s) >= 3 and sum(c.isdigit() for c in s) >= 2),
    _rule("code_split", "ID", 0.65, r"(?<![A-Za-z0-9.$/-])(?-i:\d{3,9}[A-Z]{1,3}\d{3,9})(?![A-Za-z0-9-]|[.,]\d)"),
    _rule("card_versioned", "MEMBER_ID", 0.8, r"(?<![A-Za-z0-9.,/+-])\d{4}[\s-]\d{3}[\s-]\d{3}(?:[\s-](?-i:[A-Z]{2}))?(?![A-Za-z0-9])"),
    _rule("initials", "PERSON", 0.7, r"\b(?:by|per|over-?read|initials?|signed|witness(?:ed)?|tech|rn|md)[\s:,]{1,2}(?P<v>(?-i:[A-Z]['’]?[A-Z]?(?:\.\s?[A-Z]['’]?[A-Z]?){1,3}\.?))(?![A-Za-z])", lambda s: s not in {"P.O", "P.O.", "I.V.", "I.M.", "S.C.", "U.S.", "U.K.", "I.V", "N.G.", "N.G", "M.D.", "R.N."}, "any"),
    _rule("long_number", "ID", 0.6, r"(?<![A-Za-z0-9.,$/:+-])\d{7,30}(?![A-Za-z0-9%]|[.,]\d|-\d)"),
)  # fmt: skip


def find(text: str) -> Iterator[Span]:
    """Yield the span of each rule's matches; overlaps are settled by the caller."""
    digits = any(char.isdigit() for char in text)
    for rule in RULES:
        if not (digits if rule.needs == "digit" else rule.needs == "any" or rule.needs in text):
            continue
        group = "v" if "v" in rule.pattern.groupindex else 0
        for match in rule.pattern.finditer(text):
            said = match.group(group)
            if not said or (rule.valid is not None and not rule.valid(said)):
                continue
            if not _doubtful(rule, match, said, text):
                yield Span(*match.span(group), rule.type, rule.score, rule.name)


def _doubtful(  # noqa: PLR0911 - one rule after the other
    rule: CodeRule, match: re.Match[str], said: str, text: str
) -> bool:
    """Tell a count behind a label (`case 2`) and a public code (`CPT 99213`) from an identifier."""
    if rule.name == "url":
        own = _OWN_HOST.match(said)
        return own is not None and not set(own.group("path").lower().split("/")) - _OWN_PATHS - {""}
    if rule.name.endswith("_label"):
        if rule.name == "phone_label" and _TIMED.search(match.group()):
            return True
        marked = any(mark in match.group() for mark in ":#=") or match.group()[:3].lower() == "mrn"
        return not marked and sum(char.isdigit() for char in said) < _DIGITS_MIN
    if rule.name == "phone_parts" and _READINGS.search(
        text, max(0, match.start() - 24), match.start()
    ):
        return True
    if rule.name in _CODES:
        if _range(said) or _taper(said):
            return True
        return bool(
            _PUBLIC.search(text, max(0, match.start() - 24), match.start()) or _NDA.match(said)
        )
    return False


def _turns(said: str) -> int:
    """Count how often letters and digits take turns: `8QX4TF` does it three times."""
    return sum(a.isdigit() != b.isdigit() for a, b in pairwise(said))


def _taper(said: str) -> bool:
    """Tell doses (`40-30-20-10`, `875-125`, `400-600`) from a code."""
    parts = said.split("-")
    rounded = all(part.isdigit() and len(part) < 3 and int(part) % 5 == 0 for part in parts)
    return rounded or (len(parts) == 2 and all(_ROUND.fullmatch(part) for part in parts))


def _range(said: str) -> bool:
    """Tell `150-199` and `2019-2023` from a code: two numbers of one length, not far apart."""
    parts = _RANGE.fullmatch(said)
    if parts is None or len(parts.group(1)) != len(parts.group(2)):
        return False
    hours = all(_HOUR.fullmatch(part) for part in parts.groups())
    return hours or 0 < int(parts.group(2)) - int(parts.group(1)) <= _RANGE_MAX


_DIGITS_MIN = 3
# The machine itself, asked how it is: nobody is named.
_OWN_HOST = re.compile(
    r"[a-z]{2,6}://(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\]|host\.docker\.internal)(?::\d{1,5})?(?P<path>(?:/[\w.\-]{0,24}){0,6})\Z",
    re.IGNORECASE,
)
_OWN_PATHS = each(
    """health healthz ready readyz live livez metrics status ping version info api fhir docs graphql actuator debug admin
    login swagger openapi metadata v1 v2 v3 r4 index.html swagger.json openapi.json"""
)
_READINGS = re.compile(  # `bgs 212 188 240`
    r"\b(?:bps?|bgs?|fsbs|sugars?|glucoses?|readings?|hrs?|rates?|vitals|weights|levels?|systolics?|peak\sflows?)\W{1,3}(?:\w+\W)?\Z",
    re.IGNORECASE,
)
_TIMED = re.compile(  # `called at 0218`, no number but a time of day
    r"(?:called|paged|texted|contacted|reached)(?:\s\w+)?\sat\s(?:[01]\d|2[0-3])[0-5]\d\Z",
    re.IGNORECASE,
)
_CODES = frozenset(
    (
        "code_mixed", "code_dashed", "long_number", "dea", "phone_intl", "phone_parts", "phone_groups",
        "spaced_digits", "phone_short", "any_number",
    )
)  # fmt: skip
_RANGE = re.compile(r"(\d{2,4})-(\d{2,4})")
_RANGE_MAX = 150
_ROUND = re.compile(r"[1-9]\d{0,2}(?:00|25|50|75)")
_HOUR = re.compile(r"(?:[01]\d|2[0-3])(?:00|15|30|45)")  # `1900-0700`
_PUBLIC = re.compile(
    r"\b(?:hcpcs|cpt|icd(?:-?10)?(?:-cm|-pcs)?|loinc|snomed(?:[ -]ct)?|rxnorm|rxcui|ndc|cvx|drg|sctid|atc|umls|mesh|cas)\b"
    r"(?:\s?(?:code|id|no\.?|number))?s?\s?[:#=(]?\s?\Z",
    re.IGNORECASE,
)
_NDA = re.compile(
    r"(?:(?:A?NDA|BLA|PMID|DOI|NCT)\d+|(?:CMS|HCFA|MRNA|ISO|RFC|OSHA|NFPA)-?\d{3,5})\Z",
    re.IGNORECASE,
)
