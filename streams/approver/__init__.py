"""For the people who decide: the inbox, the screen, and a signed answer.

Reading order: `judge` (what holds before anything is signed, and the statement that then is),
`box` (requests as they are read, within bounds), `client` (the library: requests in, decisions out,
and what came of them), `screen` and `table` (80 columns), `who` (options and keys), `command`
(`phigate inbox | show | approve | deny`).
"""

from typing import TYPE_CHECKING

from streams.door import opening

if TYPE_CHECKING:
    from streams.approver.box import Inbox
    from streams.approver.client import Approver, SentDecision
    from streams.approver.judge import Reviewer
    from streams.directory import Directory
    from streams.events import Answer, Assurance, AuditEntry, Consequence, Decision, Request
    from streams.settings import Settings
    from streams.signing import Signer, SigningKey
else:
    __getattr__ = opening(
        __name__,
        {
            "Answer": "streams.events",
            "Approver": "streams.approver.client",
            "Assurance": "streams.events",
            "AuditEntry": "streams.events",
            "Consequence": "streams.events",
            "Decision": "streams.events",
            "Directory": "streams.directory",
            "Inbox": "streams.approver.box",
            "Request": "streams.events",
            "Reviewer": "streams.approver.judge",
            "SentDecision": "streams.approver.client",
            "Settings": "streams.settings",
            "Signer": "streams.signing",
            "SigningKey": "streams.signing",
        },
    )

__all__ = [
    "Answer",
    "Approver",
    "Assurance",
    "AuditEntry",
    "Consequence",
    "Decision",
    "Directory",
    "Inbox",
    "Request",
    "Reviewer",
    "SentDecision",
    "Settings",
    "Signer",
    "SigningKey",
]
