"""The check `readiness/probe-port-not-declared`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.readiness.probes import number_of, ports_asked
from daytwo.model.finding import Hit
from daytwo.model.path import APPEND
from daytwo.model.repair import setting
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Runnable, heading=Heading.RELIABILITY, severity=Severity.INFO)
def probe_port_not_declared(runnable: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A probe or a hook asks a port number that is not among the ports its container declares.

    Why: nothing fails by it, since declared ports are only information; but next to declared ones it is often a slip of the pen.
    Fix: declare the port, or correct the number.
    Source: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#ports
    Not: containers that declare no ports at all, and ports that another container of the pod declares: they share one address.
    """
    declared = {port.container_port for placed in runnable.all_containers() for port in placed.container.ports}
    for placed in runnable.all_containers():
        container, told = placed.container, set[int]()
        for what, port, path in ports_asked(placed):
            number = number_of(port, container)
            if not container.ports or number is None or number in declared or number in told:
                continue
            told.add(number)
            yield Hit(
                f"the {what} of container {container.name} asks port {number}, which it does not declare",
                path=path,
                item=f"{container.name}/{number}",
                # On the host's network a declared port is one of the host's.
                repair=None if runnable.pod_spec.host_network else setting(f"{placed.path}.ports[{APPEND}]", {"containerPort": number}),
                by_hand="on the host's network a declared port would be taken on the node" if runnable.pod_spec.host_network else "",
            )
