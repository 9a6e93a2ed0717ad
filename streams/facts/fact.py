"""The facts as frozen models, and as codes for the log. Every default means "could not tell"."""

from collections.abc import Iterator
from typing import Annotated, Final

from pydantic import Field

from streams.events import Message

YES: Final = "yes"
NO: Final = "no"
UNKNOWN: Final = "unknown"
NONE: Final = "none"
ONE: Final = "one"
MANY: Final = "many"

COUNT_UNKNOWN: Final = 1_000_000_000
"""A count of something that cannot be counted: above every limit that a rule may set."""

SET_MAX: Final = 12
CODES_MAX: Final = 64
CODE_CHARS_MAX: Final = 200

Word = Annotated[str, Field(max_length=40)]
Words = Annotated[tuple[Word, ...], Field(max_length=SET_MAX)]
Count = Annotated[int, Field(ge=0, le=COUNT_UNKNOWN)]


class SqlFacts(Message):
    """The statements among the parameters.

    `read` is yes where there is one statement that states no effect, every part of it known.
    `aggregate` is yes where its rows are counts, sums and averages by coarse groups alone. `beside`
    counts other texts of the parameters that an executor could put into the statement. `rows` is
    what LIMIT says; `filter` is none, constant, column or key (one that picks out a person).
    """

    read: Word = UNKNOWN
    statements: Word = UNKNOWN
    aggregate: Word = UNKNOWN
    kinds: Words = ()
    effects: Words = ()
    tables: Words = (UNKNOWN,)
    columns: Words = (UNKNOWN,)
    functions_unknown: Count = 0
    filter: Word = UNKNOWN
    limit: Word = UNKNOWN
    rows: Count = COUNT_UNKNOWN
    beside: Count = COUNT_UNKNOWN
    active_comment: bool = False
    odd_characters: bool = False
    settings_dependent: bool = False


class RecipientFacts(Message):
    """To whom: distinct addresses over all fields; `external` are outside the own domains.

    `shape` is known, unknown (something under a recipient's name was no address), or none.
    """

    count: Count = COUNT_UNKNOWN
    external: Count = COUNT_UNKNOWN
    shape: Word = UNKNOWN


class HttpFacts(Message):
    """HTTP requests: methods, hosts of the catalogue, whether one may change something."""

    calls: Word = UNKNOWN
    methods: Words = ()
    hosts: Words = ()
    writes: Word = UNKNOWN


class FileFacts(Message):
    """Paths, normalised: how many, and whether one leaves the catalogue's `root`."""

    count: Count = COUNT_UNKNOWN
    outside: Word = UNKNOWN


class AmountFacts(Message):
    """The largest amount, and the largest number of rows that the parameters ask for."""

    largest: Count = COUNT_UNKNOWN
    rows: Count = COUNT_UNKNOWN


class ShellFacts(Message):
    """Commands for a shell: none, one or many; whether a shell would read more in them."""

    commands: Word = UNKNOWN
    chained: Word = UNKNOWN
    programs: Words = ()


class FhirFacts(Message):
    """FHIR interactions (R4 section 3.1) and resource types."""

    interactions: Words = ()
    types: Words = ()
    writes: Word = UNKNOWN


class Facts(Message):
    """All facts of one intent."""

    sql: SqlFacts = SqlFacts()
    recipients: RecipientFacts = RecipientFacts()
    http: HttpFacts = HttpFacts()
    files: FileFacts = FileFacts()
    amounts: AmountFacts = AmountFacts()
    shell: ShellFacts = ShellFacts()
    fhir: FhirFacts = FhirFacts()


NOTHING: Final = Facts(
    sql=SqlFacts(statements=NONE, beside=0),
    recipients=RecipientFacts(count=0, external=0, shape=NONE),
    http=HttpFacts(calls=NONE, writes=NO),
    files=FileFacts(count=0, outside=NO),
    amounts=AmountFacts(largest=0, rows=0),
    shell=ShellFacts(commands=NONE, chained=NO),
    fhir=FhirFacts(writes=NO),
)
"""The facts of parameters that hold nothing of all this."""


def bounded(words: "set[str] | frozenset[str]") -> tuple[str, ...]:
    """Return a set as facts carry it: sorted, and cut with the word `more`."""
    ordered = sorted(words)
    return tuple(ordered if len(ordered) <= SET_MAX else [*ordered[: SET_MAX - 1], "more"])


def codes(facts: Facts) -> tuple[str, ...]:
    """Return the facts as `name=value` codes, in a fixed order; what says nothing is left out."""
    found = [code[:CODE_CHARS_MAX] for code in _codes(facts)]
    return tuple(found[:CODES_MAX])


def _codes(facts: Facts) -> Iterator[str]:
    for section in Facts.model_fields:
        part, nothing = getattr(facts, section), getattr(NOTHING, section)
        if part == nothing:
            continue
        for name in type(part).model_fields:
            value = getattr(part, name)
            if value != getattr(nothing, name) or name in {"read", "statements"}:
                yield f"{section}.{name}={_text(value)}"


def _text(value: object) -> str:
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, tuple):
        return "+".join(value) or NONE
    return UNKNOWN if value == COUNT_UNKNOWN else str(value)
