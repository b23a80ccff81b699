"""The check `readiness/webhook-fails-open`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.readiness.webhooks import path_of
from daytwo.model.control_plane import ValidatingWebhookConfiguration
from daytwo.model.finding import Hit
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    ValidatingWebhookConfiguration,
    heading=Heading.SECURITY,
    severity=Severity.INFO,
    by_hand="whether its rules matter more than requests only its owner knows",
)
def webhook_fails_open(configuration: ValidatingWebhookConfiguration, snapshot: Snapshot) -> Iterator[Hit]:
    """A validating webhook lets everything pass while it does not answer.

    Why: what it is to keep out comes in whenever it is down or slow; who can make it slow can get anything past it. This is contested:
    failurePolicy Fail turns its outage into everybody's.
    Fix: set failurePolicy to Fail where the rule must hold, run several replicas of it, and exclude what the cluster needs itself.
    Source: https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#failure-policy
    """
    for webhook in configuration.webhooks:
        if webhook.failure_policy == "Ignore":
            path = path_of(webhook, "failurePolicy")
            yield Hit(f"webhook {webhook.name} lets everything pass while it does not answer", path, item=webhook.name)
