"""Which role a binding means, which rules that role has, and which bindings give it."""

from collections.abc import Iterator
from typing import Final

from daytwo.model.gap import Gap, Unseen
from daytwo.model.rbac import ALL, Binding, ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, RoleSubject
from daytwo.model.ref import Cell, Ref
from daytwo.model.snapshot import Snapshot

AnyRole = Role | ClusterRole

# Cluster roles that every API server makes anew when it starts.
# Source: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles-and-role-bindings
CLUSTER_ADMIN: Final = "cluster-admin"
USER_FACING: Final = frozenset({CLUSTER_ADMIN, "admin", "edit", "view"})
_BOOTSTRAPPING: Final = ("kubernetes.io/bootstrapping", "rbac-defaults")
_OF_THE_SYSTEM: Final = ("system:", "kubeadm:")
EVERYTHING: Final = (PolicyRule(("*",), ("*",), ("*",)), PolicyRule(("*",), non_resource_urls=("*",)))

ANONYMOUS: Final = frozenset({"system:anonymous", "system:unauthenticated"})
EVERYBODY: Final = frozenset({"system:authenticated", "system:serviceaccounts"})


def is_of_kubernetes(resource: AnyRole | Binding) -> bool:
    """Whether Kubernetes or kubeadm made it: nobody's to mend."""
    key, value = _BOOTSTRAPPING
    if resource.labels.get(key) == value or resource.name.startswith(_OF_THE_SYSTEM):
        return True
    return isinstance(resource, ClusterRole) and resource.name in USER_FACING


def is_own(resource: AnyRole | Binding) -> bool:
    return not is_of_kubernetes(resource)


def is_of_the_system(subject: RoleSubject) -> bool:
    """A component of the control plane, or who is above RBAC anyway; not the groups and users that anybody may turn out to be."""
    if subject.kind == "ServiceAccount" or subject.name in ANONYMOUS | EVERYBODY:
        return False
    return subject.name.startswith(_OF_THE_SYSTEM) and not subject.name.startswith("system:serviceaccount")


def role_ref(binding: Binding) -> Ref:
    """A Role stands in the binding's namespace."""
    return Ref(binding.role_ref.kind, "" if binding.role_ref.kind == ClusterRole.KIND else binding.namespace, binding.role_ref.name)


def is_known_everywhere(ref: Ref) -> bool:
    """Whether every cluster has this role, whatever files say."""
    return ref.kind == ClusterRole.KIND and (ref.name in USER_FACING or ref.name.startswith("system:"))


def role_of(binding: Binding, snapshot: Snapshot) -> AnyRole | None:
    """The role that a binding gives; None when there is none of that name. Raises Unseen."""
    ref = role_ref(binding)
    if ref.kind == Role.KIND:
        return snapshot.get(Role, ref.namespace, ref.name)
    if ref.kind != ClusterRole.KIND:
        return None
    if snapshot.is_of_files and snapshot.find(ref) is None and (is_known_everywhere(ref) or not snapshot.is_read(ref.kind)):
        raise Unseen(Gap("files", f"ClusterRole {ref.name}", "not among these files", Cell(ClusterRole.KIND)))
    return snapshot.get(ClusterRole, "", ref.name)


def rules_given(binding: Binding, snapshot: Snapshot) -> tuple[PolicyRule, ...]:
    """What a binding gives; nothing when its role is missing. Raises Unseen."""
    if role_ref(binding) == Ref(ClusterRole.KIND, "", CLUSTER_ADMIN) and snapshot.find(role_ref(binding)) is None:
        return EVERYTHING
    role = role_of(binding, snapshot)
    return rules_of(role, snapshot) if role is not None else ()


def rules_of(role: AnyRole, snapshot: Snapshot) -> tuple[PolicyRule, ...]:
    """A role's rules. Those of an aggregating role are written by a controller: for one that is only declared they are gathered here.

    Source: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles
    """
    if not isinstance(role, ClusterRole) or role.aggregation_rule is None or not role.is_declared:
        return role.rules
    rules: dict[PolicyRule, None] = {}
    passed, waiting = {role.name}, [role]
    while waiting:
        aggregating = waiting.pop()
        for part in _parts(aggregating, snapshot):
            if part.name in passed:
                continue
            passed.add(part.name)
            if part.aggregation_rule is None:
                rules.update(dict.fromkeys(part.rules))
            else:
                waiting.append(part)
    return tuple(rules)


def _parts(role: ClusterRole, snapshot: Snapshot) -> Iterator[ClusterRole]:
    selectors = role.aggregation_rule.cluster_role_selectors if role.aggregation_rule is not None else ()
    for other in snapshot.seen(ClusterRole):
        if any(selector.matches(other.labels) for selector in selectors):
            yield other


def bindings_by_role(snapshot: Snapshot) -> dict[Ref, list[Binding]]:
    """The bindings seen, by the role they name."""
    index: dict[Ref, list[Binding]] = {}
    for kind in (ClusterRoleBinding, RoleBinding):
        for binding in snapshot.seen(kind):
            index.setdefault(role_ref(binding), []).append(binding)
    return index


def aggregators(snapshot: Snapshot) -> dict[str, list[str]]:
    """Of each cluster role's name, those of the roles that take in its rules."""
    index: dict[str, list[str]] = {}
    for role in snapshot.seen(ClusterRole):
        if role.aggregation_rule is not None:
            for part in _parts(role, snapshot):
                if part.name != role.name:
                    index.setdefault(part.name, []).append(role.name)
    return index


def bindings_of(role: AnyRole, snapshot: Snapshot) -> tuple[Binding, ...]:
    """The bindings seen that give a role, by itself or within one that aggregates it; those of the whole cluster first."""
    by_role = snapshot.once(bindings_by_role)
    found = list(by_role.get(role.ref, ()))
    if isinstance(role, ClusterRole):
        above = snapshot.once(aggregators)
        passed, waiting = {role.name}, [role.name]
        while waiting:
            for name in above.get(waiting.pop(), ()):
                if name not in passed:
                    passed.add(name)
                    waiting.append(name)
                    found.extend(by_role.get(Ref(ClusterRole.KIND, "", name), ()))
    return tuple(sorted(found, key=lambda binding: (binding.KIND != ClusterRoleBinding.KIND, binding.namespace, binding.name)))


def require_bindings(role: AnyRole, snapshot: Snapshot) -> None:
    """Raises Unseen unless every binding was read that could give this role."""
    if isinstance(role, ClusterRole):
        snapshot.require(ClusterRoleBinding.KIND)
        snapshot.require(RoleBinding.KIND)
    else:
        snapshot.require(RoleBinding.KIND, role.namespace)


def given(rule: PolicyRule, verbs: tuple[str, ...], group: str, resource: str) -> tuple[str, ...]:
    """Which of these verbs a rule gives on a resource that it names, such as `pods/exec`; `*` for the resource is told elsewhere."""
    if ALL in rule.resources or (group not in rule.api_groups and ALL not in rule.api_groups):
        return ()
    _, slash, subresource = resource.partition("/")
    if resource not in rule.resources and not (slash and f"*/{subresource}" in rule.resources):
        return ()
    return verbs if ALL in rule.verbs else tuple(verb for verb in verbs if verb in rule.verbs)


def is_of_custom_groups(rule: PolicyRule) -> bool:
    """Whether a rule is about kinds that somebody added: there `*` says no more than what their maker thought of."""
    return bool(rule.api_groups) and all("." in group and not group.endswith("k8s.io") for group in rule.api_groups)
