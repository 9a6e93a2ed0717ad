"""Golden vectors, both ways: made here and accepted by Go, made by Go and accepted here.

`tests/vectors/go` is the program; `accepted-by-go.txt` is what it said of `made-by-phigate.json`.
"""

import base64
import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from streams.audit import merkle, note, tlogproof
from streams.audit.checkpoint import read
from streams.audit.note import WitnessKey
from streams.signing import PublicKey

FOLDER = Path(__file__).parents[1] / "vectors" / "audit"


def vectors(name: str) -> dict[str, Any]:
    """Return one file's vectors."""
    found: dict[str, Any] = json.loads((FOLDER / name).read_text())
    return found


def raw(text: str) -> bytes:
    """Return the bytes of base64."""
    return base64.b64decode(text)


def test_made_here_are_the_same_bytes_as_ever() -> None:
    """What Go accepted is what is still made, byte for byte."""
    spec = importlib.util.spec_from_file_location("make", FOLDER / "make.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert vectors("made-by-phigate.json") == module.vectors()
    assert "ACCEPTED" == (FOLDER / "accepted-by-go.txt").read_text().split("\n")[-2]


@pytest.mark.parametrize("name", ["made-by-go.json", "made-by-phigate.json"])
def test_notes_and_proofs_are_accepted(name: str) -> None:
    """Keys, checkpoint, cosignature, roots and proofs of both kinds, as others make them."""
    found = vectors(name)
    key, witness = PublicKey.parse(found["audit_key"]), WitnessKey.parse(found["witness_key"])
    leaves = [raw(leaf) for leaf in found["leaves"]]
    hashes = [merkle.leaf_hash(leaf) for leaf in leaves]
    roots = [raw(root) for root in found["roots"]]
    assert roots == [merkle.root_of(hashes[:size]) for size in range(len(leaves) + 1)]

    signed = note.parse(found["checkpoint"])
    assert key == note.verified(signed, [key])
    head = read(signed.text).head
    assert (len(leaves), roots[-1]) == (head.size, head.root)
    cosigned = note.parse(found["cosigned"])
    (seen,) = note.cosignatures(cosigned, [witness])
    assert found["time_s"] in {seen.time_s, 0}
    assert signed.text == cosigned.text

    for index, text in enumerate(found["proofs"]):
        proof = tlogproof.parse(text)
        assert merkle.included(proof.index, head.size, hashes[index], proof.hashes, head.root)
        assert list(proof.hashes) == merkle.inclusion_proof(hashes, index)
    for size, coded in enumerate(found["consistency"]):
        steps = [raw(step) for step in coded]
        assert merkle.consistent(size, head.size, roots[size], head.root, steps)
        assert steps == merkle.consistency_proof(hashes, size)
