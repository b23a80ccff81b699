"""The check `pod-security/windows-host-process`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.pod_security import baseline
from daytwo.domains.pod_security.pods import policy_minor
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Runnable, heading=Heading.SECURITY, severity=Severity.HIGH, by_hand="what an agent of the node needs of it is a decision")
def windows_host_process(subject: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A Windows container that runs as a process of its node.

    Why: it has the node's files and network, as if it were privileged.
    Fix: run it as an ordinary container; agents of the node are exempted by name.
    Source: https://kubernetes.io/docs/tasks/configure-pod-container/create-hostprocess-pod/
    """
    yield from baseline.windows_host_process(subject, policy_minor(snapshot))
