"""The table of rights on a cluster: compare, apply, check. Decides nothing, draws the passwords."""

import os
import secrets
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from streams.cluster import acls, quotas, roles, shape
from streams.cluster.access_plan import AccessChange, AccessState, made_here, plan
from streams.errors import OperatorError, SettingsError
from streams.hosts import is_this_machine, of_broker
from streams.wire import client, credential
from streams.wire.credential import KafkaLogin

if TYPE_CHECKING:
    from streams.settings import Settings


def changes(settings: "Settings", *, users: bool = True) -> list[AccessChange]:
    """Return what `apply` would do. SettingsError, BrokerError; `no_acls` where there are none."""
    return plan(settings, acls.read(settings), users=users)


def apply(
    settings: "Settings", *, users: bool = True, rotate: Collection[str] = ()
) -> list[AccessChange]:
    """Make the cluster as the table has it, and return what was changed; errors as `changes`.

    A user that is made gets the password of its file in `settings.credentials`, drawn now where
    there is none; that of a role in `rotate` is drawn anew. A user that is there already keeps its
    own: its file may be on another machine.
    """
    known = made_here(settings)
    if unknown := set(rotate) - set(known):
        raise SettingsError(
            f"there is no user for {min(unknown)} to rotate", hint=f"known: {', '.join(known)}"
        )
    todo = changes(settings, users=users)
    todo[:0] = [
        AccessChange("create_user", known[role], role)
        for role in known
        if role in rotate and not any(x.role == role for x in todo)
    ]
    logins = {x.role: _login(settings, x, anew=x.role in rotate) for x in todo if x.role}
    acls.apply(settings, todo, logins)
    acls.wait(settings, lambda state: not plan(settings, state, users=users))
    return todo


def _login(settings: "Settings", change: AccessChange, *, anew: bool) -> KafkaLogin:
    """Return the login of a role; it is on disk before the cluster knows it."""
    kept = None if anew else credential.read(settings.credentials, change.role)
    if kept is not None and kept.name == change.user:
        return kept
    made = KafkaLogin(change.user, secrets.token_urlsafe(credential.PASSWORD_BYTES))
    credential.write(settings.credentials, change.role, made)
    return made


def unlimited(settings: "Settings") -> str:
    """Return why the table's rates are neither compared nor set; nothing where they are."""
    return quotas.left_as_they_are(settings)


# ---------------------------------------------------------------- what is at risk


def check(settings: "Settings", *, users: bool = True) -> list[str]:
    """Return what is wrong with the cluster's access rights, a line each; empty if nothing is.

    It asks as the admin. What cannot be asked is a problem too; nothing is raised for it.
    """
    asking = credential.as_role(settings, settings.role or credential.ADMIN)
    found = list(_open_files(settings))
    try:
        found += _connection(asking)
        state = acls.read(asking)
        found += _differences(asking, state, users)
        found += _strangers(asking, state)
        found += filter(None, [unlimited(asking)])
    except OperatorError as error:
        found.append(str(error).splitlines()[0])
    return found


def _open_files(settings: "Settings") -> Iterator[str]:
    for file in sorted(settings.credentials.glob("*.properties")):
        if (mode := os.stat(file).st_mode & 0o777) & 0o077:  # noqa: PTH116 - follows the link
            yield f"{file} can be read by others (mode {mode:o}): chmod 600, then rotate it"


def _connection(settings: "Settings") -> Iterator[str]:
    protocol = credential.kafka(settings).get("security.protocol", "PLAINTEXT").upper()
    if not protocol.startswith("SASL") and protocol != "SSL":
        yield "clients do not say who they are: security.protocol is PLAINTEXT"
    hosts = map(of_broker, client.bootstrap(settings).split(","))
    if not protocol.endswith("SSL") and not all(map(is_this_machine, hosts)):
        yield f"the connection is open to whoever listens: security.protocol is {protocol}"


def _differences(settings: "Settings", state: AccessState, users: bool) -> Iterator[str]:
    todo = plan(settings, state, users=users)
    too_much = [x for x in todo if x.kind in {"remove", "remove_user"}]
    for change in too_much:
        yield f"{change.user} may do more than the table says: {change.what}"
    if len(todo) > len(too_much):
        yield f"{len(todo) - len(too_much)} users or rights are missing: `phigate access plan`"


def _strangers(settings: "Settings", state: AccessState) -> Iterator[str]:
    """Yield what others may do with our topics: they are yours to know."""
    names = {topic.full_name(settings.prefix) for topic in shape.ours(settings)}
    for acl in sorted(state.rights | {x for x in state.others if x.allows}, key=str):
        known = roles.is_ours(settings, acl.principal.removeprefix("User:"))
        met = acl.name == "*" or acl.name in names
        met = met or (acl.prefixed and any(name.startswith(acl.name) for name in names))
        if acl.kind == "topic" and met and not known:
            star = "*" if acl.prefixed else ""
            yield f"{acl.principal} is none of ours and may {acl.operation} {acl.name}{star}"
