"""Dates in other calendars and hands: `14.III.1960`, `MAR-39`, `昭和35年3月14日`, `S35.3.14`, `date(1960, 3, 14)`."""

# ruff: noqa: E501, RUF001 - one pattern a line reads better than a folded one

import re
from collections.abc import Iterator

from streams.masking.results import Span

_ROMAN = r"(?:VIII|VII|VI|IV|IX|XII|XI|III|II|X|V|I)"
_MONTH = r"(?:JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEPT?|OCT|NOV|DEC)"
_DAY = r"(?:3[01]|[12]\d|0?[1-9])"
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?<![\w.-]){_DAY}\s?[./\-]\s?{_ROMAN}\s?[./\-]\s?(?:(?:18|19|20)\d\d|\d\d)(?![\w])",
        rf"(?<![\w.-]){_DAY}\s{_ROMAN}\s(?:18|19|20)\d\d(?![\w])",
        rf"(?<![\w.\-/]){_MONTH}[-'’/]\d\d(?![\w\-/]|\.\d)",
        rf"(?i:\b(?:born|dob|d\.o\.b\.?|birth(?:day|date)?|seen|since|admitted|dated?|due|expires?|exp)[\s:]{{1,3}})(?P<v>(?i:{_MONTH})[-'’]\d\d)(?![\w\-/])",
        r"(?:明治|大正|昭和|平成|令和|民國|民国|西元|公元)?\s?(?:元|\d{1,4})\s?年\s?(?:元|\d{1,2})\s?月(?:\s?\d{1,2}\s?日?)?|(?:명|\d{4})\s?년\s?\d{1,2}\s?월(?:\s?\d{1,2}\s?일)?",
        r"(?:明治|大正|昭和|平成|令和|民國|民国)\s?(?:元|\d{1,3})[./\-年]\s?\d{1,2}[./\-月]\s?\d{1,2}",
        r"(?<![\w.\-/])[MTSHR](?:[1-9]|[1-5]\d|6[0-4])([./\-])(?:1[0-2]|0?[1-9])\1(?:3[01]|[12]\d|0?[1-9])(?![\w.\-/])",
        r"(?i:\b(?:showa|sh[oō]wa|taisho|heisei|reiwa|minguo|(?-i:ROC))\s(?:era\s|year\s)?)\d{1,3}(?:[\s,./\-]{1,2}\d{1,2}){0,2}(?![\w/])",
        r"(?<![\w/.-])(?:0?[3-9]\d|1[01]\d)([./])(?:1[0-2]|0[1-9])\1(?:3[01]|[12]\d|0[1-9])(?![\w/.-])",
        r"\b(?:(?:datetime\.)?date(?:time)?|Date|LocalDate\.of|DATE|make_date|pendulum\.\w+)\((?P<v>(?:year=)?(?:18|19|20)\d\d,\s?(?:month=)?\d{1,2},\s?(?:day=)?\d{1,2}(?:,\s?\d{1,2}){0,3})",
        r"(?i:\bjulian(?:\s(?:date|day))?[\s:]{1,2})(?P<v>(?:(?:19|20)?\d\d)-?[0-3]\d\d)(?!\d)",
        r"(?<![\w.\-/])(?:19|20)\d\d-?W(?:0[1-9]|[1-4]\d|5[0-3])(?:-?[1-7])?(?![\w\-])",
        r"(?<![\w.\-/])(?:19|20)\d\d-[0-3]\d\d(?![\w\-/.])(?=\s(?:julian|ordinal))",
    )
)
_AGED = re.compile(
    r"(?<![\w.])0?(?P<v>(?:9\d|1[0-3]\d)Y)(?![\w])|(?<![\w.,/])(?:9\d|1[0-3]\d)\s?y(?:rs?|o)?[\s/]?[MF](?![\w])"
)
_FIGURE = re.compile(r"\d")


def find(text: str) -> Iterator[Span]:
    """Yield such dates, and ages over 89 as DICOM writes them (`094Y`)."""
    if not _FIGURE.search(text):
        return
    for pattern in _PATTERNS:
        group = "v" if "v" in pattern.groupindex else 0
        for match in pattern.finditer(text):
            yield Span(*match.span(group), "DATE", 0.9, "date_era")
    for match in _AGED.finditer(text):
        yield Span(*match.span(), "AGE", 0.9, "age_over_89")
