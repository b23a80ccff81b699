"""The check `readiness/probe-port-name-unknown`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.readiness.probes import number_of, ports_asked
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Runnable,
    heading=Heading.RELIABILITY,
    severity=Severity.HIGH,
    by_hand="which port is meant only the program's owner knows",
)
def probe_port_name_unknown(runnable: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A probe or a hook names a port that its container does not declare.

    Why: the kubelet cannot resolve the name, so the probe never succeeds: the container is killed, or never becomes ready.
    Fix: declare the port with that name in the same container, or write its number.
    Source: https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/#use-a-named-port
    Not: numbers, and numbers in quotes, which the kubelet takes as they are. A name that another container of the pod declares does
    not count: the kubelet looks in the container itself.
    """
    placed_containers = list(runnable.all_containers())
    for placed in placed_containers:
        container = placed.container
        for what, port, path in ports_asked(placed):
            if number_of(port, container) is not None:
                continue
            others = [other.container.name for other in placed_containers if any(one.name == port for one in other.container.ports)]
            declared = ", ".join(one.name for one in container.ports if one.name)
            where = f"container {others[0]} declares it, not this one" if others else f"its ports are {declared or 'without names'}"
            yield Hit(
                f"the {what} of container {container.name} names port {port}, which it does not declare: {where}",
                path=path,
                item=f"{container.name}/{what}",
            )
