"""What a cluster allows, and changing it: the admin calls behind `phigate access`."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ConfigResource,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialDeletion,
    UserScramCredentialUpsertion,
)

from streams.cluster import quotas
from streams.cluster.access_plan import AccessChange, AccessState, Other
from streams.cluster.roles import Right
from streams.errors import BrokerError
from streams.wire import client
from streams.wire.credential import KafkaLogin
from streams.wire.faults import POLL_S, TIMED_OUT, fail, patiently

if TYPE_CHECKING:
    from concurrent.futures import Future

    from streams.settings import Settings

T = TypeVar("T")
TIMEOUT_S = 15.0
ITERATIONS = 8192
ANY_HOST = "*"
_UNREAD = "the cluster's access rights cannot be read"

_ALL = AclBindingFilter(
    ResourceType.ANY,
    None,
    ResourcePatternType.ANY,
    None,
    None,
    AclOperation.ANY,
    AclPermissionType.ANY,
)
_KINDS = {"topic": ResourceType.TOPIC, "group": ResourceType.GROUP}
_OPERATIONS = {
    "read": AclOperation.READ,
    "write": AclOperation.WRITE,
    "describe": AclOperation.DESCRIBE,
    "describe_configs": AclOperation.DESCRIBE_CONFIGS,
    "create": AclOperation.CREATE,
}


def read(settings: "Settings", timeout_s: float = TIMEOUT_S) -> AccessState:
    """Return what the cluster allows, and its SCRAM users; BrokerError, `no_acls` without ACLs."""
    admin = client.admin(settings)
    client.reach(admin, settings, timeout_s)
    return replace(_read(admin, timeout_s), rates=quotas.read(settings))


def _read(admin: AdminClient, timeout_s: float) -> AccessState:
    def ask(call: Callable[..., Any], *of: Any, **more: Any) -> Any:
        given = {**more, "request_timeout": timeout_s}
        return patiently(lambda: call(*of, **given).result(), timeout_s, _UNREAD)

    _check_may_ask(admin, ask)
    bindings = ask(admin.describe_acls, _ALL)
    users = ask(admin.describe_user_scram_credentials)
    said = {each: _right(each) for each in bindings}
    return AccessState(
        frozenset(right for right in said.values() if right is not None),
        frozenset(users),
        frozenset(_other(each) for each, right in said.items() if right is None),
    )


def _check_may_ask(admin: AdminClient, ask: Callable[..., Any]) -> None:
    """Raise BrokerError where we may not see rights and users, or where there are none to see.

    Asked beforehand: where it may not see rights, librdkafka 2.16 shows none, and where it may not
    see users, it aborts the process.
    """
    cluster = ask(admin.describe_cluster, include_authorized_operations=True)
    if AclOperation.DESCRIBE not in (cluster.authorized_operations or ()):
        fail(KafkaError.CLUSTER_AUTHORIZATION_FAILED, _UNREAD)
    broker = ConfigResource(ResourceType.BROKER, str(cluster.nodes[0].id))
    try:
        (found,) = admin.describe_configs([broker]).values()
        authorizer = found.result(TIMEOUT_S).get("authorizer.class.name")
    except KafkaException as error:
        fail(error.args[0], _UNREAD)
    if authorizer is not None and not authorizer.value:
        raise BrokerError(
            "the brokers keep no access rights: whoever reaches them may do anything",
            code="no_acls",
            hint="set `authorizer.class.name` on your brokers; one that `phigate kafka up` made"
            " without: `phigate kafka reset` deletes it, `up` makes another",
        )


def _right(binding: Any) -> Right | None:
    """Return the ACL as the table says it; None where it is of another form."""
    kinds = {code: name for name, code in _KINDS.items()}
    operations = {code: name for name, code in _OPERATIONS.items()}
    plain = (
        binding.permission_type == AclPermissionType.ALLOW
        and binding.host == ANY_HOST
        and binding.restype in kinds
        and binding.operation in operations
    )
    if not plain:
        return None
    prefixed = binding.resource_pattern_type == ResourcePatternType.PREFIXED
    kind: Any = kinds[binding.restype]
    operation: Any = operations[binding.operation]
    return Right(binding.principal, kind, binding.name, operation, prefixed)


def _other(binding: Any) -> Other:
    return Other(
        binding.principal,
        binding.restype.name.lower(),
        binding.name,
        binding.operation.name.lower(),
        binding.resource_pattern_type == ResourcePatternType.PREFIXED,
        binding.host,
        binding.permission_type == AclPermissionType.ALLOW,
    )


# ---------------------------------------------------------------- changing it


def apply(
    settings: "Settings",
    changes: Iterable[AccessChange],
    passwords: Mapping[str, KafkaLogin],
    timeout_s: float = TIMEOUT_S,
) -> None:
    """Make the changes, in their order: users first, removals last. May raise BrokerError.

    `passwords` holds a login for each role that gets one. Returns once the broker that answers has
    all of it.
    """
    todo = list(changes)
    admin = client.admin(settings)
    upserts = [_upsert(login) for login in passwords.values()]
    _settle(admin.alter_user_scram_credentials(upserts) if upserts else {}, timeout_s)
    new = [_binding(x.right) for x in todo if x.kind == "allow" and x.right]
    _settle(admin.create_acls(new, request_timeout=timeout_s) if new else {}, timeout_s)
    gone = [_filter(x.right or x.other) for x in todo if x.kind == "remove"]
    _settle(admin.delete_acls(gone, request_timeout=timeout_s) if gone else {}, timeout_s)
    quotas.apply(settings, {x.user: x.rate for x in todo if x.kind == "limit"})
    lost = [_deletion(x.user) for x in todo if x.kind == "remove_user"]
    _settle(admin.alter_user_scram_credentials(lost) if lost else {}, timeout_s)


def wait(
    settings: "Settings", done: Callable[[AccessState], bool], timeout_s: float = TIMEOUT_S
) -> None:
    """Return once the cluster's answer is as it should be; BrokerError where it is not in time."""
    admin = client.admin(settings)
    deadline = time.monotonic() + timeout_s
    while not done(replace(_read(admin, timeout_s), rates=quotas.read(settings))):
        if time.monotonic() > deadline:
            fail(TIMED_OUT, "the access rights were changed, but the broker does not say so")
        time.sleep(POLL_S)


def _upsert(login: KafkaLogin) -> UserScramCredentialUpsertion:
    info = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, ITERATIONS)
    return UserScramCredentialUpsertion(login.name, info, login.password.encode())


def _deletion(user: str) -> UserScramCredentialDeletion:
    return UserScramCredentialDeletion(user, ScramMechanism.SCRAM_SHA_512)


def _binding(right: Right) -> AclBinding:
    return AclBinding(
        _KINDS[right.kind],
        right.name,
        ResourcePatternType.PREFIXED if right.prefixed else ResourcePatternType.LITERAL,
        right.principal,
        ANY_HOST,
        _OPERATIONS[right.operation],
        AclPermissionType.ALLOW,
    )


def _filter(acl: Right | Other | None) -> AclBindingFilter:
    if acl is None:
        raise AssertionError
    return AclBindingFilter(
        ResourceType[acl.kind.upper()],
        acl.name,
        ResourcePatternType.PREFIXED if acl.prefixed else ResourcePatternType.LITERAL,
        acl.principal,
        acl.host if isinstance(acl, Other) else ANY_HOST,
        AclOperation[acl.operation.upper()],
        AclPermissionType.ALLOW,
    )


def _settle(futures: Mapping[Any, "Future[Any]"], timeout_s: float) -> None:
    for about, future in futures.items():
        try:
            future.result(timeout_s)
        except KafkaException as error:
            name = getattr(about, "principal", about)
            fail(error.args[0], f"the access rights of {name} could not be changed")
