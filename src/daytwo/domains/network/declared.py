"""Why nobody will answer for a Service, as far as it is declared."""

from collections.abc import Iterator

from daytwo.domains.network.near import nearest_template
from daytwo.model.finding import Hit
from daytwo.model.nearness import nearest
from daytwo.model.network import Service, ServicePort
from daytwo.model.repair import setting
from daytwo.model.runnable import Runnable
from daytwo.model.selector import Selector
from daytwo.model.severity import Harm, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.targets import leads_to, ports_of, served_templates
from daytwo.model.templates import is_of_passing_pods, selects_some


def declared_faults(service: Service, snapshot: Snapshot) -> Iterator[Hit]:
    """Why nobody will answer for a Service that stands in a file."""
    selector = service.selector
    if selector is None or is_of_passing_pods(selector):
        return
    if not selects_some(selector, service.namespace, snapshot):
        yield _selects_nothing(selector, service, snapshot)
        return
    templates = served_templates(service, snapshot)
    for index, port in enumerate(service.spec.ports):
        if templates and not any(leads_to(port, runnable) for runnable in templates):
            yield _no_such_port(index, port, templates)


def _selects_nothing(selector: Selector, service: Service, snapshot: Snapshot) -> Hit:
    near = nearest_template(selector, service.namespace, snapshot, serves=True)
    if near is None:
        return Hit(
            f"has nobody to answer for it: no workload's pods match its selector {selector}",
            path="spec.selector",
            fix="correct spec.selector, or delete the Service",
            harm=Harm.NONE,
            severity=Severity.MEDIUM,
        )
    ref, labels = near
    return Hit(
        f"has nobody to answer for it: no workload's pods match its selector {selector}; nearest is {ref.kind} {ref.name} with {labels}",
        path="spec.selector",
        fix=f"if {ref.kind} {ref.name} is meant, write {labels} in spec.selector",
        harm=Harm.NONE,
    )


def _no_such_port(index: int, port: ServicePort, templates: tuple[Runnable, ...]) -> Hit:
    name = port.name or str(port.port)
    offered = sorted({one.name: one.container_port for one in ports_of(templates) if one.name and one.protocol == port.protocol}.items())
    has = ", ".join(f"{known} ({number})" for known, number in offered[:5]) or "no named port"
    meant = nearest(str(port.target_port), (known for known, _ in offered))
    path = f"spec.ports[{index}].targetPort"
    whose = f"{templates[0].ref.kind} {templates[0].name}" + (f" and {len(templates) - 1} more" if len(templates) > 1 else "")
    return Hit(
        f"its port {name} leads nowhere: no container has a port named {port.target_port}; those of {whose} have {has}",
        path=path,
        item=name,
        fix=f"write targetPort: {meant}" if meant else "write the name or number of a container's port as targetPort",
        # Nothing answers there now, and one name is meant: there is nothing to lose.
        repair=setting(path, meant) if meant else None,
        by_hand="" if meant else "which port is meant is for those who know the program to say",
        harm=Harm.NONE,
    )
