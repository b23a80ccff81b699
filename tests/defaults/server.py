"""What the API server makes of an object before it is stored, with nothing of what its admission plugins and its allocators add."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Final

from tests.conftest import programs
from tests.servers.client import ApiError, Client, Object
from tests.servers.control_plane import ControlPlane, Options

# They write into objects what depends on the cluster: accounts and tokens, tolerations, priorities, classes, quotas.
_PLUGINS: Final = (
    "DefaultIngressClass",
    "DefaultStorageClass",
    "DefaultTolerationSeconds",
    "LimitRanger",
    "NamespaceLifecycle",
    "NodeRestriction",
    "PodSecurity",
    "Priority",
    "ResourceQuota",
    "RuntimeClass",
    "ServiceAccount",
    "StorageObjectInUseProtection",
    "TaintNodesByCondition",
)
OPTIONS: Final = Options(apiserver_flags=(f"--disable-admission-plugins={','.join(_PLUGINS)}",))
NAMESPACE: Final = "default"

# What the server sets for each object anew, or hands out of the cluster's stocks.
_SET_ON_METADATA: Final = ("uid", "resourceVersion", "creationTimestamp", "managedFields", "generation", "namespace", "selfLink")
_ALLOCATED: Final = {
    "Service": ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "healthCheckNodePort"),
    "Job": ("selector",),
    "Namespace": ("finalizers",),
    "CertificateSigningRequest": ("username", "groups", "extra", "uid"),
}
_JOB_LABELS: Final = ("controller-uid", "job-name", "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name")


@contextmanager
def plain_server() -> Iterator[Client]:
    with ControlPlane(programs(), OPTIONS) as plane:
        yield plane.client()


def answer(client: Client, sent: Object) -> Object | None:
    """What the server would store; None where it refuses."""
    try:
        found = client.dry_run(sent, NAMESPACE)
    except ApiError as error:
        if error.code in (400, 403, 409, 422):
            return None
        raise
    return stripped(sent, found)


def stripped(sent: Object, found: Object) -> Object:
    """The answer without what is handed out, and with quantities, addresses and times as they were sent."""
    found = deepcopy(found)
    found.pop("status", None)
    metadata = found["metadata"]
    for field in _SET_ON_METADATA:
        if field not in sent["metadata"]:
            metadata.pop(field, None)
    spec = found.get("spec")
    if isinstance(spec, dict):
        for field in _ALLOCATED.get(sent["kind"], ()):
            if field not in sent.get("spec", {}):
                spec.pop(field, None)
        if sent["kind"] == "Service":
            for port, wanted in zip(spec.get("ports", ()), sent.get("spec", {}).get("ports", ()), strict=True):
                if "nodePort" not in wanted:
                    port.pop("nodePort", None)
        if sent["kind"] == "Job":
            _forget_job_labels(sent, found)
    written = _as_written(sent, found)
    assert isinstance(written, dict)
    return written


def _forget_job_labels(sent: Object, found: Object) -> None:
    """A job's pods get labels with its name and its uid; the job has them as well where it has no labels of its own."""
    for wanted, holder in ((sent, found), (sent["spec"]["template"], found["spec"]["template"])):
        kept = wanted.get("metadata", {}).get("labels", {})
        labels = {key: value for key, value in holder["metadata"].pop("labels", {}).items() if key in kept or key not in _JOB_LABELS}
        if labels:
            holder["metadata"]["labels"] = labels


def _as_written(sent: object, found: object) -> object:
    """Values that were sent as they were sent: that the server writes `1000m` as `1`, and drops what is empty or off, is no default."""
    if isinstance(found, dict) and isinstance(sent, dict):
        kept = {key: _as_written(sent.get(key), value) for key, value in found.items()}
        return kept | {key: value for key, value in sent.items() if key not in found}
    if isinstance(found, list) and isinstance(sent, list) and len(found) == len(sent):
        return [_as_written(wanted, value) for wanted, value in zip(sent, found, strict=True)]
    return found if sent is None or isinstance(found, dict | list) else sent
