"""The check `configuration/config-map-unused`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.configuration.references import makers, namespaces_of_custom_objects, used
from daytwo.domains.configuration.unused import may_be_unused, require_users
from daytwo.model.config import ConfigMap
from daytwo.model.finding import Hit
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    ConfigMap,
    heading=Heading.OPERATIONS,
    severity=Severity.INFO,
    applies=may_be_unused,
    by_hand="whether something else reads it only its owner knows",
)
def config_map_unused(subject: ConfigMap, snapshot: Snapshot) -> Iterator[Hit]:
    """A ConfigMap that nothing refers to.

    Why: it is left over: it is backed up, rotated and reviewed for nobody.
    Fix: delete it when you know that nothing reads it through the API.
    Source: https://kubernetes.io/docs/concepts/configuration/configmap/
    Not: objects that something owns, types that have users of their own, and objects with a label or annotation by which an operator or a
    sidecar may find them (grafana_dashboard, reflector, replicator …); namespaces of the system; in files, namespaces with custom objects,
    which may name it. A program that reads it through the API is not seen: so the default profile leaves it out.
    """
    if subject.ref in snapshot.once(used) or (subject.namespace, subject.name) in snapshot.once(makers):
        return
    if snapshot.is_of_files and subject.namespace in snapshot.once(namespaces_of_custom_objects):
        return
    require_users(subject, snapshot)
    yield Hit("nothing refers to it", path="metadata.name", fix="delete it, once you know that nothing reads it")
