"""The check `network/service-ports-invalid`."""

from collections import Counter
from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.network.port_names import is_port_name
from daytwo.model.finding import Hit
from daytwo.model.network import Service
from daytwo.model.repair import Edit, Repair
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Service,
    heading=Heading.RELIABILITY,
    severity=Severity.HIGH,
    by_hand="which of the ports is meant is for those who wrote the Service to say",
)
def service_ports_invalid(service: Service, snapshot: Snapshot) -> Iterator[Hit]:
    """A Service whose ports the API server refuses: none at all, several without names, the same twice, or a name that is none.

    Why: the whole Service is refused, and with it most often the whole release.
    Fix: name each of several ports, and give each its own number and protocol.
    Source: https://kubernetes.io/docs/concepts/services-networking/service/#multi-port-services
    Not: headless Services and ExternalName without ports, which are legal; the same number for TCP and for UDP.
    """
    ports = service.spec.ports
    if not ports and service.spec.cluster_ip != "None" and service.spec.type != "ExternalName":
        yield Hit("has no ports: the API server refuses it", path="spec.ports", fix="add the port that clients connect to")
        return
    unnamed = [(index, port) for index, port in enumerate(ports) if not port.name]
    if len(ports) > 1 and unnamed:
        taken = {port.name for port in ports}
        names = {index: f"{port.protocol.lower()}-{port.port}" for index, port in unnamed}
        are = "1 of its ports has" if len(unnamed) == 1 else f"{len(unnamed)} of its ports have"
        edits = tuple(Edit(f"spec.ports[{index}].name", name) for index, name in names.items())
        is_clear = len({*names.values()} - taken) == len(unnamed)
        yield Hit(
            f"{are} no name: where there are several the API server asks for one each",
            path=f"spec.ports[{unnamed[0][0]}].name",
            item="names",
            fix="name each port",
            repair=Repair(edits) if is_clear else None,
        )
    for (number, protocol), count in Counter((port.port, port.protocol) for port in ports).items():
        if count > 1:
            index = max(index for index, port in enumerate(ports) if (port.port, port.protocol) == (number, protocol))
            yield Hit(
                f"has port {number}/{protocol} {count} times: the API server refuses it",
                path=f"spec.ports[{index}].port",
                item=f"{number}/{protocol}",
                fix="drop the double, or give it another number",
            )
    for index, port in enumerate(ports):
        target = port.pod_port
        if isinstance(target, str) and not is_port_name(target):
            yield Hit(
                f"has targetPort {target}, which is no port's name: the API server refuses it",
                path=f"spec.ports[{index}].targetPort",
                item=f"target {target}",
                fix="write at most 15 lower-case letters, digits and single dashes, with a letter among them",
            )
        elif not all(0 < number <= 65535 for number in (port.port, target) if isinstance(number, int)):
            yield Hit(
                f"has port {port.port} to {target}, and ports go from 1 to 65535: the API server refuses it",
                path=f"spec.ports[{index}].port",
                item=f"number {port.port}",
                fix="write a number from 1 to 65535",
            )
    for name, count in Counter(port.name for port in ports if port.name).items():
        if count > 1:
            index = max(index for index, port in enumerate(ports) if port.name == name)
            yield Hit(
                f"has {count} ports named {name}: the API server refuses it",
                path=f"spec.ports[{index}].name",
                item=name,
                fix="give each port a name of its own",
            )
