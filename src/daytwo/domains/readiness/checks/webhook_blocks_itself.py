"""The check `readiness/webhook-blocks-itself`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.readiness.webhooks import WEBHOOK_KINDS, answered_by, must_answer, path_of
from daytwo.model.admission import intercepts, is_asked_in
from daytwo.model.control_plane import WebhookConfiguration
from daytwo.model.finding import Hit
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    *WEBHOOK_KINDS,
    heading=Heading.RELIABILITY,
    severity=Severity.HIGH,
    by_hand="what else the webhook must judge in that namespace only its owner knows",
)
def webhook_blocks_itself(configuration: WebhookConfiguration, snapshot: Snapshot) -> Iterator[Hit]:
    """An admission webhook that must be asked before its own pods may be created.

    Why: once all its pods are gone, as after a power cut or a drain, none can be made again: each needs an answer of the others. In
    that state no pod that it judges can be created either.
    Fix: exclude its namespace by namespaceSelector (kubernetes.io/metadata.name), or its pods by objectSelector.
    Source: https://kubernetes.io/docs/concepts/cluster-administration/admission-webhooks-good-practices/
    Not: failurePolicy Ignore, webhooks called by url, and those with matchConditions, which may exclude the pods.
    """
    for webhook in configuration.webhooks:
        target = webhook.client_config.service
        if target is None or not must_answer(webhook) or webhook.match_conditions or not intercepts(webhook, "", "pods", "CREATE"):
            continue
        if not is_asked_in(webhook, target.namespace, snapshot):
            continue
        labels = [runnable.pod_labels for runnable in answered_by(webhook, snapshot)] or [{}]
        if all(webhook.object_selector.matches(one) for one in labels):
            yield Hit(
                f"webhook {webhook.name} must be asked before its own pods in namespace {target.namespace} may be created",
                path=path_of(webhook, "namespaceSelector"),
                item=webhook.name,
                fix=f"exclude namespace {target.namespace} by namespaceSelector",
            )
