"""Heads that were seen earlier, in a file: what a later run of `verify` has to continue."""

import base64
import binascii
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from streams import files
from streams.audit.checkpoint import Head
from streams.audit.merkle import HASH_BYTES
from streams.errors import OperatorError

_BYTES_MAX: Final = 16 * 1024 * 1024  # a hundred bytes a shard


def load_heads(path: Path) -> dict[int, Head]:
    """Read a file of heads; nothing where there is none yet. Raises OperatorError."""
    try:
        with path.open("rb") as file:
            found = json.loads(file.read(_BYTES_MAX))
        return {int(shard): _head(each) for shard, each in found["shards"].items()}
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise OperatorError(f"{path} cannot be read: {error.strerror}", code="no_file") from None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, binascii.Error):
        raise OperatorError(
            f"{path} is no file of heads",
            code="bad_heads",
            hint="name the file that an earlier `phigate audit verify --head FILE` wrote",
        ) from None


def _head(found: Mapping[str, Any]) -> Head:
    root = base64.b64decode(found["root"], validate=True)
    if len(root) != HASH_BYTES:
        raise ValueError
    return Head(int(found["size"]), root, int(found["first"]))


def save_heads(path: Path, heads: Mapping[int, Head]) -> None:
    """Write the heads, whole or not at all. Raises OperatorError."""
    shards = {
        str(shard): {
            "first": head.first,
            "size": head.size,
            "root": base64.b64encode(head.root).decode(),
        }
        for shard, head in sorted(heads.items())
    }
    files.write(path, json.dumps({"phigate": "audit-heads", "shards": shards}, indent=1) + "\n")
