"""The evidence: each entry of `cases`, with its consequence, as a link of a signed chain. Pure.

Reading order: `entry` (what is hashed and signed), `sequence` (how a link follows a link), `report`
(what can be wrong), `verify` (the walk that names the first break). The Merkle form (RFC 9162) is
to stand beside them: its leaf is `entry.leaf` and its leaf hash is `entry.entry_hash`, already.
"""
