"""All modules over one set of parameters. Whatever goes wrong in one makes its facts unknown."""

from collections.abc import Mapping
from typing import Any

from streams.facts.amounts import amount_facts
from streams.facts.fact import Facts
from streams.facts.fhir import fhir_facts
from streams.facts.files import file_facts
from streams.facts.http import http_facts
from streams.facts.leaves import TooManyError, leaves
from streams.facts.recipients import recipient_facts
from streams.facts.shell import shell_facts
from streams.facts.sql.find import find
from streams.facts.sql.judge import sql_facts


def read(params: Any, attributes: Mapping[str, str]) -> Facts:
    """Return the facts; of parameters with too many leaves nothing is known."""
    try:
        every = list(leaves(params))
    except TooManyError:
        return Facts()
    return Facts(
        sql=sql_facts(find(every), attributes),
        recipients=recipient_facts(every, attributes),
        http=http_facts(every, attributes),
        files=file_facts(every, attributes),
        amounts=amount_facts(every),
        shell=shell_facts(every),
        fhir=fhir_facts(params),
    )
