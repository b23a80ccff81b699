"""The check `observability/scrape-annotation-wrong`."""

from collections.abc import Iterator, Mapping

from daytwo.catalog import check
from daytwo.domains.observability.annotations import PATH, PORT, SCHEME, SCRAPE
from daytwo.model.finding import Hit
from daytwo.model.network import Service
from daytwo.model.path import join
from daytwo.model.pod import Pod
from daytwo.model.repair import Edit, Repair, setting
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.targets import ports_of


@check(
    Runnable,
    Service,
    heading=Heading.OBSERVABILITY,
    severity=Severity.MEDIUM,
    by_hand="which port tells the metrics is for those who know the program to say",
)
def scrape_annotation_wrong(subject: Runnable | Service, snapshot: Snapshot) -> Iterator[Hit]:
    """Annotations prometheus.io/scrape that no Prometheus follows: on the workload instead of its pods, or with a value it does not take.

    Why: Prometheus reads them from pods and Services, and compares with "true" to the letter; elsewhere and otherwise they do nothing.
    Fix: put them into the pod template's annotations, with scrape: "true" and the number of the port.
    Source: https://prometheus.io/docs/prometheus/latest/configuration/configuration/#kubernetes_sd_config
    Not: these annotations are a habit, not an API: who relabels otherwise takes others. A port that no container declares is told, as
    low, only where containers declare others.
    """
    if isinstance(subject, Service):
        yield from _values(subject.annotations, "metadata.annotations")
        return
    yield from _values(subject.pod_annotations, f"{subject.template_path}metadata.annotations")
    yield from _undeclared(subject)
    if isinstance(subject, Pod) or SCRAPE not in subject.annotations or SCRAPE in subject.pod_annotations:
        return
    own = {key: subject.annotations[key] for key in (SCRAPE, PORT, PATH, SCHEME) if key in subject.annotations}
    edits = [Edit(join(f"{subject.template_path}metadata.annotations", key), value) for key, value in own.items()]
    edits += [Edit(join("metadata.annotations", key), is_removal=True) for key in own]
    if subject.annotations[SCRAPE] == "true":
        yield Hit(
            f"its annotation {SCRAPE} does nothing: it stands on the {subject.ref.kind}, and Prometheus reads those of pods",
            path=join("metadata.annotations", SCRAPE),
            item="place",
            fix="move the annotations to the pod template",
            repair=Repair(tuple(edits)),
        )


def _values(annotations: Mapping[str, str], path: str) -> Iterator[Hit]:
    scrape, port = annotations.get(SCRAPE), annotations.get(PORT)
    if scrape is not None and scrape != "true" and scrape.strip().lower() in ("true", "yes", "y", "on", "1", "enabled"):
        where = join(path, SCRAPE)
        yield Hit(
            f'its annotation {SCRAPE} is "{scrape}", and only "true" is followed',
            path=where,
            item="scrape",
            fix='write "true"',
            repair=setting(where, "true"),
        )
    if scrape == "true" and port is not None and not (port.isdecimal() and 0 < int(port[:6]) <= 65535):
        yield Hit(
            f'its annotation {PORT} is "{port}", which is no port\'s number',
            path=join(path, PORT),
            item="port",
            fix="write the number of the port that tells the metrics",
        )


def _undeclared(runnable: Runnable) -> Iterator[Hit]:
    annotations = runnable.pod_annotations
    port = annotations.get(PORT, "")
    declared = {one.container_port for one in ports_of((runnable,)) if one.protocol == "TCP"}
    if annotations.get(SCRAPE) == "true" and port.isdecimal() and declared and int(port[:6]) not in declared:
        yield Hit(
            f"its annotation {PORT} is {port}, which no container declares; declared are {', '.join(map(str, sorted(declared)[:5]))}",
            path=join(f"{runnable.template_path}metadata.annotations", PORT),
            item="port",
            fix="write the number of the port that tells the metrics, or declare it",
            severity=Severity.LOW,
        )
