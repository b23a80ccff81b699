"""The check `readiness/webhook-timeout-long`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.readiness.webhooks import WEBHOOK_KINDS, path_of
from daytwo.model.control_plane import WebhookConfiguration
from daytwo.model.finding import Hit
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    *WEBHOOK_KINDS,
    heading=Heading.RELIABILITY,
    severity=Severity.LOW,
    by_hand="how long its answer may take only its owner knows",
)
def webhook_timeout_long(configuration: WebhookConfiguration, snapshot: Snapshot) -> Iterator[Hit]:
    """An admission webhook that requests wait for longer than ten seconds.

    Why: each request that it judges waits that long while it does not answer; callers give up first, and the API server fills up with
    requests that wait.
    Fix: set timeoutSeconds to 10 or less.
    Source: https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#timeouts
    """
    for webhook in configuration.webhooks:
        if webhook.timeout_seconds > 10:
            yield Hit(
                f"requests wait up to {webhook.timeout_seconds} s for webhook {webhook.name}",
                path=path_of(webhook, "timeoutSeconds"),
                item=webhook.name,
            )
