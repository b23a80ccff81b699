"""The check `pod-security/process-namespace-shared`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Runnable, heading=Heading.SECURITY, severity=Severity.LOW, by_hand="a sidecar that signals the program is to do it another way")
def process_namespace_shared(subject: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A pod whose containers see and can signal each other's processes.

    Why: a container that was broken into can read the others' environment and, through /proc, their files, secrets among them.
    Fix: remove shareProcessNamespace; to look into a container, `kubectl debug --target` does the same for as long as it is needed.
    Source: https://kubernetes.io/docs/tasks/configure-pod-container/share-process-namespace/
    """
    if subject.pod_spec.share_process_namespace:
        yield Hit(
            "its containers see and can signal each other's processes", path=f"{subject.pod_path}.shareProcessNamespace", fix="remove it"
        )
