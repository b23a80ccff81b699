"""The check `access/volumes-creatable`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.access.grants import given, is_own
from daytwo.domains.access.holders import BY_HAND, told
from daytwo.model.finding import Hit
from daytwo.model.rbac import ClusterRole, PolicyRule
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(ClusterRole, heading=Heading.SECURITY, severity=Severity.MEDIUM, applies=is_own, by_hand=BY_HAND)
def volumes_creatable(role: ClusterRole, snapshot: Snapshot) -> Iterator[Hit]:
    """A role that creates PersistentVolumes.

    Why: a volume may be a folder of the node (hostPath), past what Pod Security Standards refuse.
    Fix: let a provisioner make volumes, from StorageClasses.
    Source: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
    Not: the provisioners that Kubernetes makes roles for, a Role, since volumes have no namespace, a role that nobody holds
    (access/role-unbound), the roles that Kubernetes makes itself, and `*` for every resource (access/resource-wildcard).
    """

    def what(rule: PolicyRule) -> str:
        return "create PersistentVolumes, also of a node's folders" if given(rule, ("create",), "", "persistentvolumes") else ""

    return told(role, snapshot, what, everywhere=Severity.MEDIUM, within=None)
