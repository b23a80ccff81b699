"""The check `delivery/name-invalid`."""

from collections.abc import Iterator
from typing import Final

from daytwo.catalog import check
from daytwo.domains.delivery.spelling import wrong_with_label, wrong_with_subdomain
from daytwo.model.control_plane import Namespace
from daytwo.model.finding import Hit
from daytwo.model.foreign import ForeignObject
from daytwo.model.metadata import Resource
from daytwo.model.network import Service
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import CronJob, StatefulSet

_LABELS: Final = (Namespace, Service)
# Their names may be anything that can stand in a URL: `system:node`.
_FREE: Final = frozenset({"Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"})
# A CronJob's Jobs get eleven characters more, and a Job's name is a label of its pods: 63.
# A StatefulSet's pods carry `NAME-` and a hash of ten as a label. The first is refused, the second just never gets a pod.
# Sources: ValidateCronJobCreate in pkg/apis/batch/validation; https://github.com/kubernetes/kubernetes/issues/64023
_LONGEST_BEFORE_HASH: Final = 52


def _is_judged(resource: Resource) -> bool:
    return isinstance(resource, StatefulSet) or (resource.is_declared and not isinstance(resource, ForeignObject))


@check(
    Resource,
    heading=Heading.DELIVERY,
    severity=Severity.HIGH,
    applies=_is_judged,
    by_hand="an object cannot be renamed, only made anew, and others refer to it by its name",
)
def name_invalid(resource: Resource, snapshot: Snapshot) -> Iterator[Hit]:
    """A name that the API server does not take, or from which no pod can be named.

    Why: applying the manifest fails; a StatefulSet with a name of more than 52 characters is taken, and never gets a pod.
    Fix: keep to lower case, digits and dashes (most kinds also take dots), 63 characters at most, 52 for CronJobs and StatefulSets.
    Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
    Not: kinds that daytwo has no model of, which may have rules of their own; RBAC's names, in which colons and capitals are right.
    """
    fix = "choose a name of lower-case letters, digits and dashes"
    if isinstance(resource, _LABELS):
        wrong = wrong_with_label(resource.name)
    elif isinstance(resource, CronJob | StatefulSet):
        wrong = wrong_with_subdomain(resource.name, _LONGEST_BEFORE_HASH)
        if wrong and isinstance(resource, StatefulSet) and len(resource.name) > _LONGEST_BEFORE_HASH:
            wrong += ": its pods cannot be made, because their label controller-revision-hash gets too long"
        fix = f"choose a name of at most {_LONGEST_BEFORE_HASH} lower-case letters, digits and dashes"
    elif resource.KIND in _FREE:
        wrong = "has a mark in it that no URL takes" if {"/", "%"} & set(resource.name) or resource.name in (".", "..") else ""
    else:
        wrong = wrong_with_subdomain(resource.name)
    if wrong:
        yield Hit(f'its name "{resource.name}" {wrong}', path="metadata.name", item="name", fix=fix)
    if resource.namespace and (wrong := wrong_with_label(resource.namespace)):
        yield Hit(f'its namespace "{resource.namespace}" {wrong}', path="metadata.namespace", item="namespace", fix="name a namespace")
