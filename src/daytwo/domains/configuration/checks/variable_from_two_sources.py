"""The check `configuration/variable-from-two-sources`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.config import ConfigMap, Secret
from daytwo.model.finding import Hit
from daytwo.model.ref import Ref
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Runnable, heading=Heading.RELIABILITY, severity=Severity.LOW, by_hand="which of the two is meant only its author knows")
def variable_from_two_sources(runnable: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A variable that two ConfigMaps or Secrets of envFrom both give.

    Why: the later one wins, and a key that somebody adds to it changes what the program reads.
    Fix: use a prefix for one of them, or set the variable in env.
    Source: https://kubernetes.io/docs/tasks/configure-pod-container/configure-pod-configmap/
    Not: variables that env sets as well: that is how a default is overridden.
    """
    for container, path, role in runnable.all_containers():
        if len(container.env_from) < 2:
            continue
        own = {variable.name for variable in container.env}
        first: dict[str, Ref] = {}
        for source in container.env_from:
            found: ConfigMap | Secret | None = None
            if source.config_map_ref is not None:
                found = snapshot.get(ConfigMap, runnable.namespace, source.config_map_ref.name)
            elif source.secret_ref is not None:
                found = snapshot.get(Secret, runnable.namespace, source.secret_ref.name)
            if found is not None:
                for key in sorted(found.sizes_bytes):
                    name = f"{source.prefix}{key}"
                    earlier = first.setdefault(name, found.ref)
                    if earlier != found.ref and name not in own:
                        own.add(name)
                        yield Hit(
                            f"{role} {container.name}: variable {name} comes from {earlier.kind} {earlier.name}"
                            f" and from {found.KIND} {found.name}, which counts",
                            path=f"{path}.envFrom",
                            item=f"{container.name}/{name}",
                            fix="give one of them a prefix, or set the variable in env",
                        )
