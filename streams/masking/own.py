"""A deployment's own patterns, deny list and allow list (see `config`).

Extra patterns run as Presidio pattern recognizers, so that what a team has for Presidio can be
brought along. A pattern that times out there is skipped in silence; here each is
run under its own limit, and a time-out raises, so that the field is withheld.
"""

from collections.abc import Iterable
from time import thread_time
from typing import Any

import regex  # type: ignore[import-untyped]

from streams.errors import MaskingError
from streams.masking.budget import current
from streams.masking.config import MaskingConfig, Recognizer
from streams.masking.fields import words
from streams.masking.results import Span

_CONTEXT_CHARS = 60
_SECONDS_MAX = 2.0


class Own:
    """What a deployment adds to, and takes from, what is found."""

    def __init__(self, config: MaskingConfig) -> None:
        self._allow = frozenset(value.casefold() for value in config.allow)
        self.fields = {words(name): kind for name, kind in config.fields.items()}
        self._deny = [(kind, _words(values)) for kind, values in config.deny.items() if values]
        self._rules = [(rule, _presidio(rule)) for rule in config.recognizers]

    def rule(self, text: str, spans: Iterable[Span]) -> list[Span]:
        """Return the spans as the deployment wants them: its own first, its allowed ones gone."""
        own = self.find(text)
        return own + [
            span
            for span in self.allowed(text, spans)
            if not any(mine.start <= span.start and span.end <= mine.end for mine in own)
        ]

    def allowed(self, text: str, spans: Iterable[Span]) -> list[Span]:
        """Return the spans whose text the allow list does not hold."""
        if not self._allow:
            return list(spans)
        return [span for span in spans if text[span.start : span.end].casefold() not in self._allow]

    def find(self, text: str) -> list[Span]:
        """Return what the deny list and the deployment's patterns find."""
        found = [
            Span(match.start(), match.end(), kind, 1.0, "deny_list")
            for kind, pattern in self._deny
            for match in _matches(pattern, text)
        ]
        for rule, patterns in self._rules:
            for pattern in patterns:
                found += [
                    Span(match.start(), match.end(), rule.type, rule.score, rule.name)
                    for match in _matches(pattern, text)
                    if _in_context(rule, text, match.start(), match.end())
                ]
        return found


def _presidio(rule: Recognizer) -> list[Any]:
    """Read a rule as Presidio does, and take its compiled patterns."""
    from presidio_analyzer import Pattern, PatternRecognizer  # noqa: PLC0415 - imported late, where it is used

    recognizer = PatternRecognizer(
        supported_entity=rule.type,
        name=rule.name,
        patterns=[Pattern(rule.name, rule.pattern, rule.score)],
    )
    return [
        regex.compile(pattern.regex, recognizer.global_regex_flags)
        for pattern in recognizer.patterns
    ]


def _words(values: tuple[str, ...]) -> Any:
    ordered = sorted(values, key=len, reverse=True)
    return regex.compile(
        r"(?<!\w)(?:" + "|".join(regex.escape(value) for value in ordered) + r")(?!\w)",
        regex.IGNORECASE,
    )


def _matches(pattern: Any, text: str) -> list[Any]:
    try:
        left = min(_SECONDS_MAX, max(current().until - thread_time(), 0.01))
        return [match for match in pattern.finditer(text, timeout=left) if match.group()]
    except TimeoutError:
        raise MaskingError("a pattern of the masking file ran out of time") from None


def _in_context(rule: Recognizer, text: str, start: int, end: int) -> bool:
    if not rule.context:
        return True
    near = text[max(0, start - _CONTEXT_CHARS) : end + _CONTEXT_CHARS].casefold()
    return any(word.casefold() in near for word in rule.context)
