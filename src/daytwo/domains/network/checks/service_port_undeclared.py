"""The check `network/service-port-undeclared`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.network import Service
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.targets import ports_of, served_templates


@check(
    Service,
    heading=Heading.RELIABILITY,
    severity=Severity.INFO,
    applies=lambda service: service.selector is not None and service.spec.type != "ExternalName",
    by_hand="whether the program listens there is for those who know it to say",
)
def service_port_undeclared(service: Service, snapshot: Snapshot) -> Iterator[Hit]:
    """A Service whose numeric targetPort no container declares, while they declare others.

    Why: declaring a port is only documentation, so traffic may well arrive; but where containers do declare their ports, one that is
    missing is most often a number that was changed on one side only.
    Fix: write the number the program listens on, or declare it in the container's ports.
    Source: https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports
    Not: pods that declare no port at all; names, which have to be declared and are told elsewhere.
    """
    declared = list(ports_of(served_templates(service, snapshot)))
    for index, port in enumerate(service.spec.ports):
        target = port.pod_port
        if not declared or not isinstance(target, int) or service.spec.cluster_ip == "None":
            continue
        if not any((one.container_port, one.protocol) == (target, port.protocol) for one in declared):
            has = ", ".join(sorted({f"{one.container_port}/{one.protocol}" for one in declared})[:5])
            yield Hit(
                f"its port {port.name or port.port} leads to {target}/{port.protocol}, which no container declares; declared are {has}",
                path=f"spec.ports[{index}].targetPort",
                item=port.name or str(port.port),
                fix="write the number the program listens on, or declare it in the container's ports",
            )
