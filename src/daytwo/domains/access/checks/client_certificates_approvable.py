"""The check `access/client-certificates-approvable`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.access.grants import given, is_own
from daytwo.domains.access.holders import BY_HAND, told
from daytwo.model.finding import Hit
from daytwo.model.rbac import ClusterRole, PolicyRule
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot

# Source: https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#kubernetes-signers
_OF_CLIENTS = frozenset({"kubernetes.io/*", "kubernetes.io/kube-apiserver-client", "kubernetes.io/kube-apiserver-client-kubelet"})


@check(ClusterRole, heading=Heading.SECURITY, severity=Severity.CRITICAL, applies=is_own, by_hand=BY_HAND)
def client_certificates_approvable(role: ClusterRole, snapshot: Snapshot) -> Iterator[Hit]:
    """A role that approves or signs certificates with which anybody logs in.

    Why: a certificate may be asked for in any name and group that the signer admits, and it cannot be taken back.
    Fix: name the signers that are needed in resourceNames, such as kubernetes.io/kubelet-serving.
    Source: https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#authorization
    Not: signers of serving certificates and of one's own domain, the approval of requests without a right over signers, which is
    refused, a role that nobody holds (access/role-unbound), the roles that Kubernetes makes itself, and `*` for every resource
    (access/resource-wildcard).
    """

    def what(rule: PolicyRule) -> str:
        verbs = given(rule, ("approve", "sign"), "certificates.k8s.io", "signers")
        signers = set(rule.resource_names)
        return f"{' and '.join(verbs)} client certificates" if verbs and (not signers or signers & _OF_CLIENTS) else ""

    return told(role, snapshot, what, everywhere=Severity.CRITICAL, within=None)
