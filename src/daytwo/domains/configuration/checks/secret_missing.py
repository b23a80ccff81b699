"""The check `configuration/secret-missing`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.configuration.references import asked_for, find_config
from daytwo.model.config import Secret
from daytwo.model.finding import Hit
from daytwo.model.ref import Ref
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Runnable, heading=Heading.RELIABILITY, severity=Severity.MEDIUM, by_hand="what belongs into it only its author knows")
def secret_missing(runnable: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A Secret that containers need, and that does not exist.

    Why: the next pod hangs in CreateContainerConfigError or ContainerCreating; those that run are not replaced once they end.
    Fix: create it, correct its name, or mark the reference as optional.
    Source: https://kubernetes.io/docs/concepts/configuration/secret/
    Not: optional references, pull secrets (configuration/pull-secret-missing), and a Secret that a Certificate, SealedSecret or
    ExternalSecret of the same name makes. In files, a namespace that has no Secret there says nothing about those it will have:
    unknown.
    """
    told: set[str] = set()
    for reference in asked_for(runnable, Secret.KIND):
        if reference.name not in told and find_config(Secret.KIND, runnable.namespace, reference.name, snapshot) is None:
            told.add(reference.name)
            yield Hit(
                f"{reference.via} needs Secret {reference.name}, which does not exist",
                path=f"{runnable.pod_path}.{reference.via}",
                item=reference.name,
                fix=f"create Secret {reference.name}, or correct the name",
                because=(Ref(Secret.KIND, runnable.namespace, reference.name),),
            )
