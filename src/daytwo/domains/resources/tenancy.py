"""Namespaces in which people run things, as against those that belong to the cluster."""

from daytwo.model.control_plane import Namespace
from daytwo.model.snapshot import Snapshot
from daytwo.model.templates import templates_of


def holds_workloads(namespace: Namespace, snapshot: Snapshot) -> bool:
    """Whether something that runs pods was seen in it; the namespaces of Kubernetes itself are not asked about."""
    return not namespace.name.startswith("kube-") and bool(templates_of(namespace.name, snapshot))
