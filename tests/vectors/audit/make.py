"""Rebuild `made-by-phigate.json`: notes, cosignatures and proofs, from keys that are no secret.

    python tests/vectors/audit/make.py > tests/vectors/audit/made-by-phigate.json
    cd tests/vectors/go && go run . ../audit

The second command has implementations that nobody here wrote (golang.org/x/mod/sumdb/note and
github.com/transparency-dev's merkle and formats) accept this file, and write `made-by-go.json`.
"""

import base64
import json
import sys
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from streams.audit import merkle, note, tlogproof
from streams.audit.checkpoint import Head, all_text, shard_text
from streams.audit.note import WitnessKey
from streams.signing import SigningKey

LEAVES = [f'{{"index":{number}}}'.encode() for number in range(23)]
SEEN_S = 1_770_000_600


def key(name: str, seed: int) -> SigningKey:
    """Return the key of a fixed seed."""
    return SigningKey._named(name, Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))


AUDIT, WITNESS = key("gate-audit", 1), key("hospital-witness", 2)


def b64(data: bytes) -> str:
    """Return standard base64."""
    return base64.b64encode(data).decode()


def vectors() -> dict[str, Any]:
    """Return all of it; every byte is determined."""
    hashes = [merkle.leaf_hash(leaf) for leaf in LEAVES]
    head = Head(len(hashes), merkle.root_of(hashes))
    signed = note.sign(shard_text("gate-audit", 0, head), AUDIT)
    seen = note.cosign(signed, WITNESS, SEEN_S)
    empty = Head(0, merkle.EMPTY_ROOT)
    over = note.sign(all_text("gate-audit", [head, empty, Head(7, hashes[3], 40)]), AUDIT)
    return {
        "audit_key": AUDIT.public.text,
        "witness_key": WitnessKey.of(WITNESS.public).text,
        "time_s": SEEN_S,
        "leaves": [b64(leaf) for leaf in LEAVES],
        "roots": [b64(merkle.root_of(hashes[:size])) for size in range(len(hashes) + 1)],
        "checkpoint": signed,
        "cosigned": seen,
        "all": note.cosign(over, WITNESS, SEEN_S),
        "proofs": [
            tlogproof.write(index, merkle.inclusion_proof(hashes, index), seen)
            for index in range(len(hashes))
        ],
        "consistency": [
            [b64(each) for each in merkle.consistency_proof(hashes, size)]
            for size in range(len(hashes) + 1)
        ],
    }


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[3]))
    sys.stdout.write(json.dumps(vectors(), indent=1, ensure_ascii=False) + "\n")
