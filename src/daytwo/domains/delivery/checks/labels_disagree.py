"""The check `delivery/labels-disagree`."""

from collections.abc import Iterator
from typing import Final

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.path import join
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import CronJob, DaemonSet, Deployment, Job, Rollout, StatefulSet, Workload

# What names one thing. A version differs on purpose where pods must not restart for a new chart.
_NAMING: Final = (
    "app.kubernetes.io/name",
    "app.kubernetes.io/instance",
    "app.kubernetes.io/component",
    "app.kubernetes.io/part-of",
)


@check(
    Deployment,
    StatefulSet,
    DaemonSet,
    Rollout,
    Job,
    CronJob,
    heading=Heading.DELIVERY,
    severity=Severity.LOW,
    by_hand="one of the two is wrong, and the pod's may be part of a selector, which cannot be changed",
)
def labels_disagree(workload: Workload, snapshot: Snapshot) -> Iterator[Hit]:
    """A workload that goes by another name, instance, component or application than its own pods.

    Why: whoever selects by these labels finds the workload and not its pods, or the pods of something else: dashboards, cost reports
    and `kubectl delete -l` among them. Mostly it is a copy in which one place was forgotten.
    Fix: write the same in both places.
    Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/
    Not: a label that only one of the two has; versions; the workload's own name, which need not be that of its instance.
    """
    for label in _NAMING:
        own, of_pods = workload.labels.get(label), workload.pod_labels.get(label)
        if own and of_pods and own != of_pods:
            yield Hit(
                f"has the label {label}={own}, and its pods have {label}={of_pods}",
                path=join(f"{workload.template_path}metadata.labels", label),
                item=label,
                fix="write the same in both places",
            )
