"""Policies on traffic beside Kubernetes' own: Cilium's, Calico's, and those of the cluster's administrators.

What they select and which directions they restrict is kept; whom they let through is not.
"""

from typing import ClassVar

import msgspec

from daytwo.model.metadata import Resource
from daytwo.model.selector import Selector


class DefaultDeny(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """Whether a rule of Cilium puts what it selects under default deny; None leaves it to whether there are rules."""

    ingress: bool | None = None
    egress: bool | None = None


class Nothing(msgspec.Struct, frozen=True, gc=False):
    """A rule of which only the presence counts."""


class CiliumRule(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """Keys of the selector may carry the source of the label, `k8s:app`. A rule with a nodeSelector is about hosts."""

    endpoint_selector: Selector | None = None
    ingress: tuple[Nothing, ...] = ()
    ingress_deny: tuple[Nothing, ...] = ()
    egress: tuple[Nothing, ...] = ()
    egress_deny: tuple[Nothing, ...] = ()
    enable_default_deny: DefaultDeny = DefaultDeny()

    @property
    def isolates_ingress(self) -> bool:
        """Source: https://docs.cilium.io/en/stable/security/policy/intro/"""
        said = self.enable_default_deny.ingress
        return said if said is not None else bool(self.ingress or self.ingress_deny)

    @property
    def isolates_egress(self) -> bool:
        said = self.enable_default_deny.egress
        return said if said is not None else bool(self.egress or self.egress_deny)


class CiliumNetworkPolicy(Resource, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    """One rule in `spec`, more in `specs`."""

    KIND: ClassVar[str] = "CiliumNetworkPolicy"

    spec: CiliumRule | None = None
    specs: tuple[CiliumRule, ...] = ()

    @property
    def rules(self) -> tuple[CiliumRule, ...]:
        return (*((self.spec,) if self.spec is not None else ()), *self.specs)


class CiliumClusterwideNetworkPolicy(CiliumNetworkPolicy, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    KIND: ClassVar[str] = "CiliumClusterwideNetworkPolicy"


class CalicoSpec(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """Selectors are of Calico's own language, `app == 'web' && has(role)`; the empty one selects everything."""

    selector: str = ""
    namespace_selector: str = ""
    service_account_selector: str = ""
    types: tuple[str, ...] = ()
    ingress: tuple[Nothing, ...] = ()
    egress: tuple[Nothing, ...] = ()

    @property
    def isolates_ingress(self) -> bool:
        """Source: https://docs.tigera.io/calico/latest/reference/resources/networkpolicy (types)"""
        return "Ingress" in self.types if self.types else bool(self.ingress) or not self.egress

    @property
    def isolates_egress(self) -> bool:
        return "Egress" in self.types if self.types else bool(self.egress)


class CalicoPolicy(Resource, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    """The common face of Calico's policies, in the group of its API server and in that of its store."""

    spec: CalicoSpec = CalicoSpec()


class CalicoNetworkPolicy(CalicoPolicy, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    KIND: ClassVar[str] = "NetworkPolicy.projectcalico.org"


class CalicoGlobalNetworkPolicy(CalicoPolicy, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    KIND: ClassVar[str] = "GlobalNetworkPolicy.projectcalico.org"


class StoredCalicoNetworkPolicy(CalicoPolicy, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    KIND: ClassVar[str] = "NetworkPolicy.crd.projectcalico.org"


class StoredCalicoGlobalNetworkPolicy(CalicoPolicy, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    KIND: ClassVar[str] = "GlobalNetworkPolicy.crd.projectcalico.org"


class AdminRule(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """`action` is Allow (Accept in newer versions), Deny or Pass."""

    action: str = ""


class AdminPods(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    namespace_selector: Selector = Selector()
    pod_selector: Selector = Selector()


class AdminSubject(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Either all pods of some namespaces, or some pods of some namespaces."""

    namespaces: Selector | None = None
    pods: AdminPods | None = None


class AdminSpec(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    subject: AdminSubject = AdminSubject()
    ingress: tuple[AdminRule, ...] = ()
    egress: tuple[AdminRule, ...] = ()

    @property
    def isolates_ingress(self) -> bool:
        """These know no implied denial: only a rule that denies restricts."""
        return any(rule.action == "Deny" for rule in self.ingress)

    @property
    def isolates_egress(self) -> bool:
        return any(rule.action == "Deny" for rule in self.egress)


class AdminPolicy(Resource, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    """The common face of what administrators lay down for the whole cluster.

    Source: https://network-policy-api.sigs.k8s.io/
    """

    spec: AdminSpec = AdminSpec()


class AdminNetworkPolicy(AdminPolicy, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    KIND: ClassVar[str] = "AdminNetworkPolicy"


class BaselineAdminNetworkPolicy(AdminPolicy, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    KIND: ClassVar[str] = "BaselineAdminNetworkPolicy"


class ClusterNetworkPolicy(AdminPolicy, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    KIND: ClassVar[str] = "ClusterNetworkPolicy"
