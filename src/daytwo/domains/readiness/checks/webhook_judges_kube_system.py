"""The check `readiness/webhook-judges-kube-system`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.readiness.webhooks import WEBHOOK_KINDS, must_answer, path_of
from daytwo.model.admission import intercepts, is_asked_in
from daytwo.model.control_plane import WebhookConfiguration
from daytwo.model.finding import Hit
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    *WEBHOOK_KINDS,
    heading=Heading.RELIABILITY,
    severity=Severity.MEDIUM,
    by_hand="whether its rules should hold for the cluster's own pods only its owner knows",
)
def webhook_judges_kube_system(configuration: WebhookConfiguration, snapshot: Snapshot) -> Iterator[Hit]:
    """An admission webhook that must be asked before pods of kube-system may be created.

    Why: while it does not answer, the cluster's own DNS, proxies and network agents cannot start again, and it often needs them itself.
    Fix: exclude kube-system by namespaceSelector (kubernetes.io/metadata.name), or let failurePolicy be Ignore there.
    Source: https://kubernetes.io/docs/concepts/cluster-administration/admission-webhooks-good-practices/
    Not: failurePolicy Ignore; webhooks that are asked for labelled objects only, or under matchConditions; one that lives in kube-system.
    """
    for webhook in configuration.webhooks:
        target = webhook.client_config.service
        if not must_answer(webhook) or webhook.match_conditions or not webhook.object_selector.matches({}):
            continue
        if (target is not None and target.namespace == "kube-system") or not intercepts(webhook, "", "pods", "CREATE"):
            continue
        if is_asked_in(webhook, "kube-system", snapshot):
            yield Hit(
                f"webhook {webhook.name} must be asked before pods of kube-system may be created",
                path=path_of(webhook, "namespaceSelector"),
                item=webhook.name,
                fix="exclude kube-system by namespaceSelector",
            )
