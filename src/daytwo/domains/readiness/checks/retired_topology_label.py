"""The check `readiness/retired-topology-label`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.readiness.spreading import RETIRED_KEYS, constraints_of, spreads
from daytwo.model.finding import Hit
from daytwo.model.path import join
from daytwo.model.repair import Edit, Repair, setting
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Runnable, heading=Heading.RELIABILITY, severity=Severity.LOW)
def retired_topology_label(runnable: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A rule of placement asks for a label of nodes that is retired.

    Why: new kinds of nodes come without it: constraints over it then spread nothing, and selectors for it match no node.
    Fix: use the label that took its place.
    Source: https://kubernetes.io/docs/reference/labels-annotations-taints/#failure-domainbetakubernetesiozone
    """
    used: list[tuple[str, str]] = [(constraint.topology_key, f"{path}.topologyKey") for constraint, path in constraints_of(runnable)]
    used += [(spread.key, f"{spread.path}.topologyKey") for spread in spreads(runnable) if ".affinity." in spread.path]
    for key, path in used:
        if key in RETIRED_KEYS:
            yield Hit(f"spreads over the retired label {key}", path, item=path, repair=setting(path, RETIRED_KEYS[key]))
    for key, value in runnable.pod_spec.node_selector.items():
        if key in RETIRED_KEYS:
            path = join(f"{runnable.pod_path}.nodeSelector", key)
            new = join(f"{runnable.pod_path}.nodeSelector", RETIRED_KEYS[key])
            yield Hit(
                f"selects nodes by the retired label {key}",
                path,
                item=path,
                repair=Repair((Edit(path, is_removal=True), Edit(new, value))),
            )
