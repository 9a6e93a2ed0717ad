"""Cedar: load and validate a policy set, rule on a request. Pure: texts in, a ruling out.

The one door is `PolicySet`: `load` once, then `rule` for each `PolicyRequest`. Reading order:
`request` (what Cedar is told), `policyset` (load), `ruling` (permit, review or forbid), then what
loading needs: `source` (statements and their lines), `annotations` (what a rule asks of people),
`schema`, `engine` (the one call into Cedar). `explain` says it all in plain words.

`example/` holds a policy set with sensible defaults for a hospital, to copy and change.
"""

from streams.policy.annotations import Rule
from streams.policy.explain import explain, rows
from streams.policy.policyset import PolicySet
from streams.policy.request import PolicyRequest

__all__ = ["PolicyRequest", "PolicySet", "Rule", "explain", "rows"]
