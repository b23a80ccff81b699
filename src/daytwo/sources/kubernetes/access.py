"""What the user may read, as the API server tells it, and the ClusterRoles that allow all that daytwo reads."""

from collections.abc import Iterable
from typing import Final

import msgspec

from daytwo.api_server.connection import Connection, decoded
from daytwo.model.control_plane import CustomResourceDefinition
from daytwo.model.kinds import KINDS
from daytwo.model.right import ClusterRole, Right, Rule

_REVIEWS: Final = "/apis/authorization.k8s.io/v1"
READER: Final = "daytwo-reader"
SECRET_READER: Final = "daytwo-secret-reader"


class Permission(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whether the user has a right in the whole cluster; `reason` is the authorizer's own."""

    right: Right
    is_allowed: bool
    reason: str = ""


class NamespaceRules(msgspec.Struct, frozen=True, rename="camel"):
    """What the user may do in one namespace; an incomplete answer may leave rights out."""

    resource_rules: tuple[Rule, ...] | None = None
    incomplete: bool = False

    def may_list(self, group: str, resource: str) -> bool:
        """Whether it is worth asking: False only when the answer is complete and allows nothing of the kind."""
        return self.incomplete or any(rule.allows("list", group, resource) for rule in self.resource_rules or ())


class _RulesReview(msgspec.Struct):
    status: NamespaceRules


class _AccessStatus(msgspec.Struct):
    allowed: bool = False
    reason: str = ""


class _AccessReview(msgspec.Struct):
    status: _AccessStatus


class _UserInfo(msgspec.Struct):
    username: str = ""


class _SelfSubjectStatus(msgspec.Struct, rename="camel"):
    user_info: _UserInfo = msgspec.field(default_factory=_UserInfo)


class _SelfSubjectReview(msgspec.Struct):
    status: _SelfSubjectStatus = msgspec.field(default_factory=_SelfSubjectStatus)


async def user_name(connection: Connection) -> str:
    """Who the API server says we are. Raises NoAnswer; before Kubernetes 1.28 it may not say."""
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    path = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
    return (await connection.review(path, body, decoded(_SelfSubjectReview))).status.user_info.username


async def rules_in(connection: Connection, namespace: str) -> NamespaceRules:
    """The user's own rules in one namespace. Raises NoAnswer."""
    body = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectRulesReview", "spec": {"namespace": namespace}}
    return (await connection.review(f"{_REVIEWS}/selfsubjectrulesreviews", body, decoded(_RulesReview))).status


async def permission(connection: Connection, right: Right, namespace: str = "") -> Permission:
    """Whether the user has this right, in one namespace or in all of them. Raises NoAnswer."""
    if right.path:
        spec: dict[str, object] = {"nonResourceAttributes": {"verb": right.verb, "path": right.path}}
    else:
        resource, _, subresource = right.resource.partition("/")
        attributes = {"verb": right.verb, "group": right.group, "resource": resource, "subresource": subresource, "namespace": namespace}
        spec = {"resourceAttributes": attributes}
    body = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "spec": spec}
    status = (await connection.review(f"{_REVIEWS}/selfsubjectaccessreviews", body, decoded(_AccessReview))).status
    return Permission(right, status.allowed, status.reason)


def needed_rights(custom: Iterable[CustomResourceDefinition] = ()) -> tuple[Right, ...]:
    """All that reading a cluster takes; `custom` adds the custom kinds with a pod template."""
    rights = [Right("list", kind.group, kind.plural) for kind in KINDS]
    rights.extend(Right("list", definition.group, definition.plural) for definition in custom if definition.pod_template_versions)
    rights.append(Right("get", "", "pods/log"))
    rights.append(Right("get", path="/readyz"))
    return tuple(dict.fromkeys(rights))


def reader_role(include_secrets: bool = False, custom: Iterable[CustomResourceDefinition] = ()) -> ClusterRole:
    """The ClusterRole that reads all that daytwo reads. Secrets are left out unless asked for: a role of their own adds them later."""
    groups: dict[str, set[str]] = {}
    for right in needed_rights(custom):
        if right.verb == "list" and (include_secrets or (right.group, right.resource) != ("", "secrets")):
            groups.setdefault(right.group, set()).add(right.resource)
    rules = [Rule(api_groups=(group,), resources=tuple(sorted(found)), verbs=("get", "list")) for group, found in sorted(groups.items())]
    rules.append(Rule(api_groups=("",), resources=("pods/log",), verbs=("get",)))
    rules.append(Rule(non_resource_urls=("/readyz",), verbs=("get",)))
    return ClusterRole(READER, tuple(rules))


def secret_reader_role() -> ClusterRole:
    """The ClusterRole that adds Secrets: their values reach daytwo's memory, only names, sizes and public certificates stay."""
    return ClusterRole(SECRET_READER, (Rule(api_groups=("",), resources=("secrets",), verbs=("get", "list")),))


def missing_role(lacking: Iterable[Right]) -> ClusterRole:
    """The ClusterRole that gives just these rights."""
    groups: dict[tuple[str, str], set[str]] = {}
    paths: set[str] = set()
    for right in lacking:
        if right.path:
            paths.add(right.path)
        else:
            groups.setdefault((right.group, right.verb), set()).add(right.resource)
    rules = [
        Rule(api_groups=(group,), resources=tuple(sorted(found)), verbs=("get", "list") if verb == "list" else (verb,))
        for (group, verb), found in sorted(groups.items())
    ]
    if paths:
        rules.append(Rule(non_resource_urls=tuple(sorted(paths)), verbs=("get",)))
    return ClusterRole(f"{READER}-missing", tuple(rules))
