"""Who may do what: roles, their rules, and the bindings that give them to subjects."""

from collections.abc import Iterator
from typing import ClassVar, Final

import msgspec

from daytwo.model.metadata import Resource
from daytwo.model.selector import Selector

GROUP: Final = "rbac.authorization.k8s.io"
ALL: Final = "*"


class PolicyRule(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """What one rule allows. It is about resources or about other URLs of the API server; a rule that names both is both."""

    verbs: tuple[str, ...] = ()
    api_groups: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    resource_names: tuple[str, ...] = ()
    non_resource_urls: tuple[str, ...] = msgspec.field(default=(), name="nonResourceURLs")

    def allows(self, verb: str, group: str, resource: str, subresource: str = "", name: str = "") -> bool:
        """Whether a request for a resource passes, as the API server's authorizer has it.

        A request without a name (create, a list) never meets a rule with resourceNames. `pods/*` is no pattern, `*/scale` is one.
        Source: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources
        """
        return (
            (verb in self.verbs or ALL in self.verbs)
            and (group in self.api_groups or ALL in self.api_groups)
            and self._covers(resource, subresource)
            and (not self.resource_names or name in self.resource_names)
        )

    def allows_url(self, verb: str, url: str) -> bool:
        """Whether a request for another URL passes; `/healthz*` covers what begins like it."""
        return (verb in self.verbs or ALL in self.verbs) and any(
            pattern in (ALL, url) or (pattern.endswith(ALL) and url.startswith(pattern.rstrip(ALL))) for pattern in self.non_resource_urls
        )

    def _covers(self, resource: str, subresource: str) -> bool:
        if ALL in self.resources:
            return True
        if not subresource:
            return resource in self.resources
        return f"{resource}/{subresource}" in self.resources or f"*/{subresource}" in self.resources


class RoleRef(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    kind: str = ""
    name: str = ""


class RoleSubject(msgspec.Struct, frozen=True, order=True, omit_defaults=True, rename="camel", gc=False):
    """Whom a binding is for: a User, a Group or a ServiceAccount. An account without a namespace is one of the binding's."""

    kind: str = ""
    name: str = ""
    namespace: str = ""

    def __str__(self) -> str:
        if self.kind == "ServiceAccount":
            return f"service account {self.namespace}/{self.name}" if self.namespace else f"service account {self.name}"
        return f"{self.kind.lower()} {self.name}"


class AggregationRule(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    cluster_role_selectors: tuple[Selector, ...] = ()


class Role(Resource, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    KIND: ClassVar[str] = "Role"

    rules: tuple[PolicyRule, ...] = ()


class ClusterRole(Resource, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    """Where it aggregates, `rules` are written by a controller, from the roles that the selectors choose."""

    KIND: ClassVar[str] = "ClusterRole"

    rules: tuple[PolicyRule, ...] = ()
    aggregation_rule: AggregationRule | None = None


class Binding(Resource, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    """The common face of both bindings."""

    role_ref: RoleRef = RoleRef()
    subjects: tuple[RoleSubject, ...] = ()

    def bound(self) -> Iterator[RoleSubject]:
        """Its subjects, accounts with their namespace. An account of a ClusterRoleBinding that has none is nobody."""
        for subject in self.subjects:
            if subject.kind == "ServiceAccount" and not subject.namespace:
                if self.namespace:
                    yield RoleSubject(subject.kind, subject.name, self.namespace)
            else:
                yield subject


class RoleBinding(Binding, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    KIND: ClassVar[str] = "RoleBinding"


class ClusterRoleBinding(Binding, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    KIND: ClassVar[str] = "ClusterRoleBinding"
