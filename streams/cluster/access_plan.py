"""The table of rights against a cluster, as a pure function: what is missing, what is too much.

Only users of the table are looked at: what a cluster allows to others, and what it denies to
anybody, stays as it is.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from streams.cluster import roles
from streams.cluster.roles import Right

if TYPE_CHECKING:
    from streams.settings import Settings

Kind = Literal["create_user", "remove_user", "allow", "remove", "limit"]


@dataclass(frozen=True, slots=True)
class AccessState:
    """What a cluster allows, and its SCRAM users; `others` are ACLs that this table cannot say.

    `rates` are users' quotas, bytes a second; None where they cannot be asked from here.
    """

    rights: frozenset[Right]
    users: frozenset[str]
    others: frozenset["Other"] = frozenset()
    rates: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True, order=True)
class Other:
    """An ACL as Kafka has it, in words, of a user of ours or of anybody."""

    principal: str
    kind: str
    name: str
    operation: str
    prefixed: bool
    host: str
    allows: bool


@dataclass(frozen=True, slots=True)
class AccessChange:
    """One thing to do. `right` or `other` says which ACL, for `allow` and `remove`.

    `rate` is what a user may write in a second, for `limit`; 0 is no limit.
    """

    kind: Kind
    user: str
    role: str = ""
    right: Right | None = None
    other: Other | None = None
    rate: int = 0

    @property
    def what(self) -> str:
        """Return what is changed, in words."""
        if self.kind == "limit":
            return f"writes {self.rate} bytes a second" if self.rate else "writes without limit"
        acl = self.right or self.other
        if acl is None:
            return "user, with a password drawn here" if self.kind == "create_user" else "user"
        return f"{acl.operation} {acl.kind} {acl.name}{'*' if acl.prefixed else ''}"


def plan(settings: "Settings", state: AccessState, *, users: bool = True) -> list[AccessChange]:
    """Return what would make the cluster as the table has it: users, then rights, then removals.

    Without `users`, or for roles whose names stand in `settings.principals`, no user is made.
    SettingsError where the directory does not load.
    """
    changes = list(_missing_users(settings, state)) if users else []
    wanted = roles.wanted(settings)
    for right in sorted(wanted - state.rights):
        changes.append(AccessChange("allow", _name(right.principal), right=right))
    for right in sorted(state.rights - wanted):
        if roles.is_ours(settings, _name(right.principal)):
            changes.append(AccessChange("remove", _name(right.principal), right=right))
    for other in sorted(state.others):
        if other.allows and roles.is_ours(settings, _name(other.principal)):
            changes.append(AccessChange("remove", _name(other.principal), other=other))
    changes += _limits(settings, state.rates)
    return changes + (list(_lost_users(settings, state)) if users else [])


def _limits(settings: "Settings", rates: Mapping[str, float] | None) -> Iterator[AccessChange]:
    """Yield the quotas that are missing, wrong, or of a role that has none."""
    if rates is None:
        return
    limited = [role.name for role in roles.ours(settings) if roles.is_limited(role)]
    wanted = {roles.user(settings, name): settings.quota_bytes for name in limited}
    kept = {user: rate for user, rate in rates.items() if roles.is_ours(settings, user)}
    for user in sorted(wanted.keys() | kept.keys()):
        rate = wanted.get(user, 0)
        if kept.get(user, 0) != rate:
            yield AccessChange("limit", user, rate=rate)


def _missing_users(settings: "Settings", state: AccessState) -> Iterator[AccessChange]:
    for role, user in made_here(settings).items():
        if user not in state.users:
            yield AccessChange("create_user", user, role)


def _lost_users(settings: "Settings", state: AccessState) -> Iterator[AccessChange]:
    kept = set(made_here(settings).values())
    for user in sorted(state.users - kept):
        if roles.is_ours(settings, user):
            yield AccessChange("remove_user", user)


def made_here(settings: "Settings") -> Mapping[str, str]:
    """Return the roles whose users are made by phigate, and the users' names."""
    found = {role.name: roles.user(settings, role.name) for role in roles.ours(settings)}
    return {role: user for role, user in found.items() if role not in settings.principals}


def _name(principal: str) -> str:
    return principal.removeprefix("User:")
