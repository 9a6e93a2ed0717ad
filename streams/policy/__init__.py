"""Cedar: load and validate a policy set, rule on a request. Pure: texts in, a ruling out.

The one door is `PolicySet`: `load` once, then `rule` for each `PolicyRequest`. Reading order:
`request` (what Cedar is told), `policyset` (load), `ruling` (permit, review or forbid), then what
loading needs: `source` (statements and their lines), `annotations` (what a rule asks of people),
`schema`, `engine` (the one call into Cedar). `words` says it all in plain words.

`example/` holds a policy set with sensible defaults for a hospital, to copy and change.
"""

from typing import TYPE_CHECKING

from streams.door import opening

if TYPE_CHECKING:
    from streams.events import Assurance, Requester, Ruling
    from streams.facts import Facts
    from streams.policy.annotations import Rule
    from streams.policy.policyset import PolicySet
    from streams.policy.request import PolicyRequest
    from streams.policy.words import explain, rows
else:
    __getattr__ = opening(
        __name__,
        {
            "Assurance": "streams.events",
            "Facts": "streams.facts",
            "PolicyRequest": "streams.policy.request",
            "PolicySet": "streams.policy.policyset",
            "Requester": "streams.events",
            "Rule": "streams.policy.annotations",
            "Ruling": "streams.events",
            "explain": "streams.policy.words",
            "rows": "streams.policy.words",
        },
    )

__all__ = [
    "Assurance",
    "Facts",
    "PolicyRequest",
    "PolicySet",
    "Requester",
    "Rule",
    "Ruling",
    "explain",
    "rows",
]
