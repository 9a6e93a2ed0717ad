"""For the people who decide: the inbox, the screen, and a signed answer.

Reading order: `judge` (what holds before anything is signed, and the statement that then is),
`client` (the library: requests in, decisions out, and what came of them), `screen` and `table` (80
columns), `who` (options and keys), `command` (`phigate inbox | show | approve | deny`).
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from streams.approver.client import Approver, Inbox, Sent

__all__ = ["Approver", "Inbox", "Sent"]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for (PEP 562): `phigate --help` stays quick."""
    if name not in __all__:
        raise AttributeError(name)
    from streams.approver import client  # noqa: PLC0415 - the point is to import late

    return getattr(client, name)
