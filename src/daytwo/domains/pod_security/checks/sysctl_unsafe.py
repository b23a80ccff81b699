"""The check `pod-security/sysctl-unsafe`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.pod_security import baseline
from daytwo.domains.pod_security.pods import policy_minor
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Runnable, heading=Heading.SECURITY, severity=Severity.MEDIUM, by_hand="the node or the program has to be set up another way")
def sysctl_unsafe(subject: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A pod that sets a kernel parameter which is not safe to set for one pod.

    Why: such a parameter changes the node for all its pods, and the kubelet refuses the pod where the parameter is not allowed on its
    nodes.
    Fix: set it for the nodes that need it, or leave it.
    Source: https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/
    """
    yield from baseline.sysctl_unsafe(subject, policy_minor(snapshot))
