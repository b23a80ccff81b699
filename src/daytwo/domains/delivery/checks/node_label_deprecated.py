"""The check `delivery/node-label-deprecated`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.delivery.outdated import NODE_LABELS, OutdatedLabel
from daytwo.model.finding import Hit
from daytwo.model.path import join
from daytwo.model.repair import Edit, Repair, setting
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Runnable,
    heading=Heading.DELIVERY,
    severity=Severity.LOW,
    by_hand="nodes of today may not have the label, and then the pods have not been where they were meant to be",
)
def node_label_deprecated(subject: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """Pods that are placed by a label of nodes that is deprecated.

    Why: when nodes come without it, the pods stay pending, or are spread over nothing. node-role.kubernetes.io/master is gone from
    kubeadm's nodes since 1.24.
    Fix: use the label that takes its place; nodes have had both for years.
    Source: https://kubernetes.io/docs/reference/labels-annotations-taints/
    Not: tolerations, in which old names do no harm.
    """
    spec, path = subject.pod_spec, subject.pod_path
    for key, value in spec.node_selector.items():
        if (known := NODE_LABELS.get(key)) is not None:
            at = join(f"{path}.nodeSelector", key)
            # As long as nodes have both, the same nodes are selected.
            edits = (Edit(at, is_removal=True), Edit(join(f"{path}.nodeSelector", known.instead), value))
            yield _hit(
                key, known, "selects nodes", at, Repair(edits) if known.is_same and known.instead not in spec.node_selector else None
            )
    if spec.affinity is not None and spec.affinity.node_affinity is not None and spec.affinity.node_affinity.required is not None:
        terms = f"{path}.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms"
        for number, term in enumerate(spec.affinity.node_affinity.required.node_selector_terms):
            for index, requirement in enumerate(term.match_expressions):
                if (known := NODE_LABELS.get(requirement.key)) is not None:
                    at = f"{terms}[{number}].matchExpressions[{index}].key"
                    yield _hit(requirement.key, known, "selects nodes", at, setting(at, known.instead) if known.is_same else None)
    for index, constraint in enumerate(spec.topology_spread_constraints):
        if (known := NODE_LABELS.get(constraint.topology_key)) is not None:
            at = f"{path}.topologySpreadConstraints[{index}].topologyKey"
            yield _hit(constraint.topology_key, known, "spreads its pods", at, setting(at, known.instead) if known.is_same else None)


def _hit(key: str, known: OutdatedLabel, does: str, path: str, repair: Repair | None) -> Hit:
    return Hit(
        f"{does} by the label {key}, deprecated since Kubernetes 1.{known.since}",
        path=path,
        item=path,
        fix=f"use {known.instead}",
        severity=None if known.is_same else Severity.MEDIUM,
        repair=repair,
    )
