"""The files of a policy set: a directory of them, and the set that is shipped.

The one place that reads policy files; the rest of the room takes texts.
"""

from importlib.resources import files
from typing import TYPE_CHECKING

from streams.errors import PolicyError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

__all__ = ["SCHEMA_FILE", "example", "read_policies"]

SCHEMA_FILE = "schema.cedarschema"


def read_policies(directory: "Traversable") -> tuple[dict[str, str], str]:
    """Return the `*.cedar` texts of a directory by file name, and its schema's text.

    Raises PolicyError if it cannot be read, or if it holds anything else than these and notes
    (*.md, hidden files): a rule in a misnamed file would silently not hold.
    """
    try:
        entries = sorted(directory.iterdir(), key=lambda entry: entry.name)
    except OSError as error:
        reason = error.strerror or "it cannot be read"
        raise PolicyError(f"{directory}: {reason}", hint=_HINT) from None
    kept = [entry for entry in entries if not _is_note(entry.name)]
    strange = [e.name for e in kept if e.name != SCHEMA_FILE and not e.name.endswith(".cedar")]
    if strange:
        raise PolicyError(
            "\n".join(f"{name}:1: not read: neither *.cedar nor {SCHEMA_FILE}" for name in strange),
            hint="Rename it, or move it out of the policy directory.",
        )
    texts = {entry.name: _text(entry) for entry in kept}
    if SCHEMA_FILE not in texts:
        raise PolicyError(f"{directory}: no {SCHEMA_FILE} here", hint=_HINT)
    schema = texts.pop(SCHEMA_FILE)
    return texts, schema


def example() -> tuple[dict[str, str], str]:
    """Return the shipped example set, in the form of `read_policies`."""
    return read_policies(files("streams.policy") / "example")


_HINT = f"Name a directory with *.cedar files and a {SCHEMA_FILE}; `phigate init` writes one."


def _is_note(name: str) -> bool:
    return name.startswith(".") or name.endswith(".md")


def _text(entry: "Traversable") -> str:
    try:
        return entry.read_bytes().decode()
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise PolicyError(f"{entry.name}:{line}: not UTF-8", hint="Save it as UTF-8.") from None
    except OSError as error:
        reason = error.strerror or "it cannot be read"
        raise PolicyError(f"{entry.name}:1: {reason}", hint=_HINT) from None
