"""Where the embedded broker listens, and to whom: what clients read of its state file."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from streams.errors import BrokerError

if TYPE_CHECKING:
    from streams.settings import Settings


@dataclass(frozen=True, slots=True)
class Local:
    """The embedded broker's addresses; where it is guarded, clients must say who they are."""

    bootstrap: str
    guarded: bool = False
    ca: str = ""  # with TLS: the file of who signed its certificate

    @property
    def connection(self) -> dict[str, str]:
        """Return librdkafka's settings of the connection, less the client's identity."""
        if not self.guarded:
            return {}
        if not self.ca:
            return {"security.protocol": "SASL_PLAINTEXT"}
        return {"security.protocol": "SASL_SSL", "ssl.ca.location": self.ca}


def local(settings: "Settings") -> Local | None:
    """Return the embedded broker of this home, if there is one and the settings mean it.

    BrokerError `bad_state` where its state file cannot be read.
    """
    file = settings.home / "kafka" / "cluster.json"
    try:
        found = json.loads(file.read_bytes())
        addresses = [f"127.0.0.1:{int(node['port'])}" for node in found["nodes"]]
        ca = str((found.get("tls") or {}).get("ca", ""))
        made = Local(",".join(addresses), bool(found.get("guarded")), ca)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise BrokerError(
            f"{file} cannot be read",
            code="bad_state",
            hint="`phigate kafka reset` starts afresh, without the data",
        ) from None
    meant = {each.strip() for each in settings.bootstrap.split(",")} if settings.bootstrap else ()
    return made if set(meant) <= set(addresses) else None
