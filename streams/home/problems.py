"""How a command of this room tells what whoever runs phigate has to mend: exit code 2."""

from collections.abc import Iterator
from contextlib import contextmanager

import click


class OperatorProblem(click.ClickException):
    """What whoever runs phigate has to mend: exit code 2, as for a wrong option."""

    exit_code = 2


@contextmanager
def problems_told() -> Iterator[None]:
    """Turn an OperatorError into its line and hint."""
    from streams.errors import OperatorError  # noqa: PLC0415 - `phigate --help` stays quick

    try:
        yield
    except OperatorError as error:
        raise OperatorProblem(f"{error}\n{error.hint}".rstrip()) from None
