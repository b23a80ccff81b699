"""Which policies restrict a pod's traffic, of every family that clusters know: Kubernetes', Cilium's, Calico's, administrators'."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from daytwo.model.calico import matcher
from daytwo.model.control_plane import Namespace
from daytwo.model.gap import Gap, Unseen
from daytwo.model.metadata import Resource
from daytwo.model.network import NetworkPolicy, PolicyPort, PolicyRule
from daytwo.model.network_policy import (
    AdminNetworkPolicy,
    AdminPolicy,
    AdminSpec,
    BaselineAdminNetworkPolicy,
    CalicoGlobalNetworkPolicy,
    CalicoNetworkPolicy,
    CalicoPolicy,
    CalicoSpec,
    CiliumClusterwideNetworkPolicy,
    CiliumNetworkPolicy,
    CiliumRule,
    ClusterNetworkPolicy,
    StoredCalicoGlobalNetworkPolicy,
    StoredCalicoNetworkPolicy,
)
from daytwo.model.ref import Cell, Ref
from daytwo.model.runnable import Runnable
from daytwo.model.selector import Requirement, Selector
from daytwo.model.snapshot import Snapshot
from daytwo.model.targets import ports_of

# What a cluster's makers put there: its pods are theirs to isolate.
SYSTEM_NAMESPACES: Final = frozenset({"kube-system", "kube-public", "kube-node-lease"})
# Written by the API server into every namespace.
NAMESPACE_NAME: Final = "kubernetes.io/metadata.name"

_CALICO: Final[tuple[type[CalicoPolicy], ...]] = (
    CalicoNetworkPolicy,
    CalicoGlobalNetworkPolicy,
    StoredCalicoNetworkPolicy,
    StoredCalicoGlobalNetworkPolicy,
)
_ADMIN: Final[tuple[type[AdminPolicy], ...]] = (AdminNetworkPolicy, BaselineAdminNetworkPolicy, ClusterNetworkPolicy)
_CILIUM: Final[tuple[type[CiliumNetworkPolicy], ...]] = (CiliumNetworkPolicy, CiliumClusterwideNetworkPolicy)
# All but Kubernetes' own.
OTHER_FAMILIES: Final[tuple[type[Resource], ...]] = (*_CILIUM, *_CALICO, *_ADMIN)


class Direction(StrEnum):
    INGRESS = "ingress"
    EGRESS = "egress"


def is_isolated(runnable: Runnable, direction: Direction, snapshot: Snapshot) -> bool:
    """Whether some policy selects these pods for a direction, so that they get only the traffic that policies allow.

    Raises Unseen when none that was seen does, and another family of policies, or what it selects by, was not read.
    """
    if any(_isolates(policy, direction) for policy in policies_selecting(runnable, snapshot)):
        return True
    hidden: Unseen | None = None
    try:
        if any(True for _ in others_selecting(runnable, direction, snapshot)):
            return True
    except Unseen as unseen:
        hidden = unseen
    require_families(runnable.namespace, snapshot)
    if hidden is not None:
        raise hidden
    return False


def policies_selecting(runnable: Runnable, snapshot: Snapshot) -> tuple[NetworkPolicy, ...]:
    """The NetworkPolicies seen in its namespace that select its pods."""
    index = snapshot.once(_by_label)
    namespace, labels = runnable.namespace, runnable.pod_labels
    candidates = [*index.get((namespace, "", ""), ())]
    for key, value in labels.items():
        candidates.extend(index.get((namespace, key, value), ()))
    return tuple(policy for policy in candidates if policy.spec.pod_selector.matches(labels))


def lets_in(policies: Iterable[NetworkPolicy], port: int, protocol: str, runnable: Runnable) -> bool:
    """Whether a rule of one of these policies lets anybody at all in at a port of these pods: it is the pod's port that counts."""
    return any(not rule.ports or any(_is_open(one, port, protocol, runnable) for one in rule.ports) for rule in ingress_rules(policies))


def ingress_rules(policies: Iterable[NetworkPolicy]) -> Iterator[PolicyRule]:
    return (rule for policy in policies if policy.isolates_ingress for rule in policy.spec.ingress)


def is_closed(runnable: Runnable, port: int, protocol: str, snapshot: Snapshot) -> bool:
    """Whether policies let nobody in at a port of these pods, but their own node.

    Policies of other families may allow what NetworkPolicies do not: where one selects the pods it counts as open. Raises Unseen when
    there may be one that was not read.
    """
    policies = [policy for policy in policies_selecting(runnable, snapshot) if policy.isolates_ingress]
    if not policies or runnable.pod_spec.host_network or lets_in(policies, port, protocol, runnable):
        return False
    parts = snapshot.once(_others_of)
    if any(part.selects(runnable, snapshot) for part in (*parts.get("", ()), *parts.get(runnable.namespace, ()))):
        return False
    require_families(runnable.namespace, snapshot)
    return True


def others_selecting(runnable: Runnable, direction: Direction, snapshot: Snapshot) -> Iterator[Resource]:
    """The policies of other families, as far as they were seen, that restrict a direction of these pods."""
    hidden: Unseen | None = None
    parts = snapshot.once(_others_of)
    for part in (*parts.get("", ()), *parts.get(runnable.namespace, ())):
        if direction not in part.directions:
            continue
        try:
            if part.selects(runnable, snapshot):
                yield part.policy
        except Unseen as unseen:
            hidden = unseen
    if hidden is not None:
        raise hidden


def namespace_labels(namespace: str, keys: frozenset[str], snapshot: Snapshot) -> Mapping[str, str]:
    """A namespace's labels, as far as these keys need them: its name is a label of its own. Raises Unseen for one that nobody read."""
    found = snapshot.find(Ref(Namespace.KIND, "", namespace))
    if found is None and keys - {NAMESPACE_NAME}:
        snapshot.require(Namespace.KIND)
        if snapshot.is_of_files:
            raise Unseen(Gap("files", f"labels of namespace {namespace}", "not among these files", Cell(Namespace.KIND)))
    return {**(found.labels if found is not None else {}), NAMESPACE_NAME: namespace}


def keys_of(selector: Selector) -> frozenset[str]:
    return frozenset((*selector.match_labels, *(requirement.key for requirement in selector.match_expressions)))


def matches_namespace(selector: Selector, namespace: str, snapshot: Snapshot) -> bool:
    return selector.is_empty or selector.matches(namespace_labels(namespace, keys_of(selector), snapshot))


def _is_open(wanted: PolicyPort, port: int, protocol: str, runnable: Runnable) -> bool:
    if wanted.protocol != protocol:
        return False
    if wanted.port is None:
        return True
    if isinstance(wanted.port, str):
        return any((one.name, one.container_port, one.protocol) == (wanted.port, port, protocol) for one in ports_of((runnable,)))
    return wanted.port == port or (wanted.end_port is not None and wanted.port <= port <= wanted.end_port)


def _isolates(policy: NetworkPolicy, direction: Direction) -> bool:
    return policy.isolates_ingress if direction is Direction.INGRESS else policy.isolates_egress


def require_families(namespace: str, snapshot: Snapshot) -> None:
    """Raises Unseen unless whatever policies there may be were looked at; of files any family will do, as nobody writes in all."""
    if not snapshot.is_of_files:
        snapshot.require(NetworkPolicy.KIND, namespace)
        for kind in OTHER_FAMILIES:
            snapshot.require(kind.KIND, namespace)
    elif not any(snapshot.is_read(kind.KIND, namespace) for kind in OTHER_FAMILIES):
        snapshot.require(NetworkPolicy.KIND, namespace)


def _by_label(snapshot: Snapshot) -> dict[tuple[str, str, str], list[NetworkPolicy]]:
    """Each policy under one label of its selector, which whatever it selects must carry; under none where it names none."""
    index: dict[tuple[str, str, str], list[NetworkPolicy]] = {}
    for policy in snapshot.seen(NetworkPolicy):
        key, value = next(iter(policy.spec.pod_selector.match_labels.items()), ("", ""))
        index.setdefault((policy.namespace, key, value), []).append(policy)
    return index


# -- the other families -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Part:
    """What one rule of a policy restricts. An empty namespace is the whole cluster."""

    policy: Resource
    namespace: str
    directions: frozenset[Direction]

    def selects(self, runnable: Runnable, snapshot: Snapshot) -> bool:
        raise NotImplementedError(type(self).__name__)


@dataclass(frozen=True, slots=True)
class _CiliumPart(_Part):
    selector: Selector

    def selects(self, runnable: Runnable, snapshot: Snapshot) -> bool:
        prefix = "io.cilium.k8s.namespace.labels."
        labels = {
            **runnable.pod_labels,
            "io.kubernetes.pod.namespace": runnable.namespace,
            "io.cilium.k8s.policy.serviceaccount": runnable.pod_spec.service_account_name or "default",
        }
        wanted = frozenset(key.removeprefix(prefix) for key in keys_of(self.selector) if key.startswith(prefix))
        if wanted:
            known = namespace_labels(runnable.namespace, wanted, snapshot)
            labels.update({f"{prefix}{key}": value for key, value in known.items()})
        return self.selector.matches(labels)


@dataclass(frozen=True, slots=True)
class _CalicoPart(_Part):
    selector: str
    namespace_selector: str
    service_account_selector: str

    def selects(self, runnable: Runnable, snapshot: Snapshot) -> bool:
        try:
            if not matcher(self.selector)({**runnable.pod_labels, "projectcalico.org/namespace": runnable.namespace}):
                return False
            if self.namespace_selector:
                known = namespace_labels(runnable.namespace, frozenset({"any"}), snapshot)
                if not matcher(self.namespace_selector)({**known, "projectcalico.org/name": runnable.namespace}):
                    return False
        except ValueError as error:
            raise Unseen(Gap("calico", str(self.policy.ref), str(error), Cell(self.policy.KIND, self.namespace))) from None
        if self.service_account_selector:
            reason = "selects by the labels of service accounts, which nobody looks at"
            raise Unseen(Gap("calico", str(self.policy.ref), reason, Cell(self.policy.KIND, self.namespace)))
        return True


@dataclass(frozen=True, slots=True)
class _AdminPart(_Part):
    namespaces: Selector
    pods: Selector

    def selects(self, runnable: Runnable, snapshot: Snapshot) -> bool:
        return self.pods.matches(runnable.pod_labels) and matches_namespace(self.namespaces, runnable.namespace, snapshot)


def _others_of(snapshot: Snapshot) -> dict[str, list[_Part]]:
    found: dict[str, list[_Part]] = {}
    for part in (*_cilium(snapshot), *_calico(snapshot), *_admin(snapshot)):
        found.setdefault(part.namespace, []).append(part)
    return found


def _cilium(snapshot: Snapshot) -> Iterator[_Part]:
    for kind in _CILIUM:
        for policy in snapshot.seen(kind):
            for rule in policy.rules:
                if rule.endpoint_selector is not None:
                    yield _CiliumPart(policy, policy.namespace, _directions(rule), _without_sources(rule.endpoint_selector))


def _calico(snapshot: Snapshot) -> Iterator[_Part]:
    for kind in _CALICO:
        for policy in snapshot.seen(kind):
            spec = policy.spec
            yield _CalicoPart(
                policy, policy.namespace, _directions(spec), spec.selector, spec.namespace_selector, spec.service_account_selector
            )


def _admin(snapshot: Snapshot) -> Iterator[_Part]:
    for kind in _ADMIN:
        for policy in snapshot.seen(kind):
            subject = policy.spec.subject
            if subject.pods is not None:
                yield _AdminPart(policy, "", _directions(policy.spec), subject.pods.namespace_selector, subject.pods.pod_selector)
            elif subject.namespaces is not None:
                yield _AdminPart(policy, "", _directions(policy.spec), subject.namespaces, Selector())


def _directions(rules: CiliumRule | CalicoSpec | AdminSpec) -> frozenset[Direction]:
    restricted = ((Direction.INGRESS, rules.isolates_ingress), (Direction.EGRESS, rules.isolates_egress))
    return frozenset(direction for direction, is_restricted in restricted if is_restricted)


def _without_sources(selector: Selector) -> Selector:
    """A selector of Cilium's without the sources of its labels, `k8s:app` or `any:app`: a pod's labels are all of Kubernetes."""

    def plain(key: str) -> str:
        return key.removeprefix("k8s:").removeprefix("any:")

    return Selector(
        {plain(key): value for key, value in selector.match_labels.items()},
        tuple(Requirement(plain(one.key), one.operator, one.values) for one in selector.match_expressions),
    )
