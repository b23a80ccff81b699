"""The check `readiness/webhook-by-single-replica`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.readiness.webhooks import WEBHOOK_KINDS, answered_by, must_answer, path_of
from daytwo.model.control_plane import WebhookConfiguration
from daytwo.model.finding import Hit
from daytwo.model.scaling import scale_of
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import DaemonSet


@check(
    *WEBHOOK_KINDS,
    heading=Heading.RELIABILITY,
    severity=Severity.MEDIUM,
    by_hand="whether two of it may run at the same time only its owner knows",
)
def webhook_by_single_replica(configuration: WebhookConfiguration, snapshot: Snapshot) -> Iterator[Hit]:
    """An admission webhook that must be asked is answered by a single pod.

    Why: each drain, crash or rollout of that pod is a time in which the requests that it judges are refused, all over the cluster.
    Fix: run two or more replicas on different nodes, with a PodDisruptionBudget.
    Source: https://kubernetes.io/docs/concepts/cluster-administration/admission-webhooks-good-practices/
    Not: failurePolicy Ignore; webhooks that answer for objects of the same project only (a rule for its own API groups); and those
    whose pods were not seen.
    """
    for webhook in configuration.webhooks:
        if not must_answer(webhook) or not any(
            "." not in group or group.endswith(".k8s.io") for rule in webhook.rules for group in rule.api_groups
        ):
            continue
        runnables = answered_by(webhook, snapshot)
        if len(runnables) == 1 and not isinstance(runnables[0], DaemonSet) and scale_of(runnables[0], snapshot).fewest == 1:
            yield Hit(
                f"a single pod, of {runnables[0].ref.kind} {runnables[0].name}, answers webhook {webhook.name}, which must be asked",
                path=path_of(webhook, "clientConfig.service"),
                item=webhook.name,
            )
