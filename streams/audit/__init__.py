"""The evidence: each event of `cases`, with its consequence, as a leaf of a Merkle tree. Pure.

Reading order: `facts` and `entry` (a leaf), `merkle` (RFC 9162's tree and proofs), `sequence` (how
a shard's tree grows, when it is signed), `note` and `checkpoint` (C2SP's formats: what is signed,
how, and what a witness adds), `tlogproof` (a proof as text), `report` (what can be wrong),
`notebook` (all notes together), `verify` (the walk that names the first break).
"""
