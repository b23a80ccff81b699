"""Cluster DNS that is down, and texts that tell of a failed name lookup: a fault follows from the one only if it shows the other."""

import re

from daytwo.model.network import Service
from daytwo.model.pod import Pod
from daytwo.model.ref import Ref
from daytwo.model.snapshot import Snapshot

_FAILED_LOOKUP = re.compile(
    r"no such host|name resolution|name or service not known|could not resolve host|getaddrinfo|EAI_AGAIN|ENOTFOUND"
    r"|server misbehaving|UnknownHostException|nodename nor servname|lookup \S+ .*(?:i/o timeout|connection refused)",
    re.IGNORECASE,
)


def is_failed_lookup(text: str) -> bool:
    return _FAILED_LOOKUP.search(text) is not None


def dead_dns(pod: Pod, snapshot: Snapshot) -> Ref | None:
    """The Service of the cluster's DNS if it was seen to have no ready endpoint, and the pod is not one of its own."""
    if not snapshot.is_read("EndpointSlice", "kube-system"):
        return None
    for service in snapshot.seen(Service, "kube-system"):
        if service.name == "kube-dns" or service.labels.get("k8s-app") == "kube-dns":
            slices = snapshot.endpoint_slices(service)
            is_own = service in snapshot.services_selecting(pod.labels, pod.namespace)
            if not is_own and not any(endpoint.is_ready for part in slices for endpoint in part.endpoints):
                return service.ref
    return None
