"""The check `configuration/config-map-missing`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.configuration.references import asked_for, find_config
from daytwo.model.config import ConfigMap
from daytwo.model.finding import Hit
from daytwo.model.ref import Ref
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Runnable, heading=Heading.RELIABILITY, severity=Severity.HIGH, by_hand="what belongs into it only its author knows")
def config_map_missing(runnable: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A ConfigMap that containers need, and that does not exist.

    Why: the next pod hangs in CreateContainerConfigError or ContainerCreating; those that run are not replaced once they end.
    Fix: create it, correct its name, or mark the reference as optional.
    Source: https://kubernetes.io/docs/concepts/configuration/configmap/
    Not: optional references. In files, a namespace that has no ConfigMap there says nothing about those it will have: unknown.
    """
    told: set[str] = set()
    for reference in asked_for(runnable, ConfigMap.KIND):
        if reference.name not in told and find_config(ConfigMap.KIND, runnable.namespace, reference.name, snapshot) is None:
            told.add(reference.name)
            yield Hit(
                f"{reference.via} needs ConfigMap {reference.name}, which does not exist",
                path=f"{runnable.pod_path}.{reference.via}",
                item=reference.name,
                fix=f"create ConfigMap {reference.name}, or correct the name",
                because=(Ref(ConfigMap.KIND, runnable.namespace, reference.name),),
            )
