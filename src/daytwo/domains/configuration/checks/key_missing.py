"""The check `configuration/key-missing`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.configuration.references import asked_for, find_config
from daytwo.model.config import ConfigMap, Secret
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Runnable, heading=Heading.RELIABILITY, severity=Severity.HIGH, by_hand="what the key is to hold only its author knows")
def key_missing(runnable: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A key that containers need, and that its ConfigMap or Secret lacks.

    Why: the next pod hangs in CreateContainerConfigError, or waits for its volume.
    Fix: add the key, correct its name, or mark the reference as optional.
    Source: https://kubernetes.io/docs/tasks/configure-pod-container/configure-pod-configmap/
    Not: optional references, and objects that do not exist at all (configuration/secret-missing, config-map-missing).
    """
    told: set[tuple[str, str, str]] = set()
    for kind in (ConfigMap, Secret):
        for reference in asked_for(runnable, kind.KIND):
            asked = (reference.kind, reference.name, reference.key)
            if not reference.key or asked in told:
                continue
            found = find_config(kind.KIND, runnable.namespace, reference.name, snapshot)
            if isinstance(found, ConfigMap | Secret) and reference.key not in found.sizes_bytes:
                told.add(asked)
                keys = sorted(found.sizes_bytes)
                shown = ", ".join(keys[:5]) + (f" and {len(keys) - 5} more" if len(keys) > 5 else "")
                yield Hit(
                    f"{reference.via} needs key {reference.key} of {reference.kind} {reference.name}, which has {shown or 'none'}",
                    path=f"{runnable.pod_path}.{reference.via}",
                    item="/".join(asked),
                    fix=f"add key {reference.key} to {reference.kind} {reference.name}, or correct the name",
                    because=(found.ref,),
                )
