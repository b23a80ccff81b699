"""The check `readiness/webhook-side-effects-unknown`."""

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
    severity=Severity.HIGH,
    by_hand="what the webhook does besides answering only its owner knows",
)
def webhook_side_effects_unknown(configuration: WebhookConfiguration, snapshot: Snapshot) -> Iterator[Hit]:
    """An admission webhook that does not promise to do nothing but answer.

    Why: the API server refuses it; and where such a one was stored in older times, every dry run that it would be asked about fails.
    Fix: set sideEffects to None, or to NoneOnDryRun if it does nothing on a dry run.
    Source: https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#side-effects
    """
    for webhook in configuration.webhooks:
        if webhook.side_effects not in ("None", "NoneOnDryRun"):
            said = webhook.side_effects or "absent"
            yield Hit(
                f"sideEffects of webhook {webhook.name} is {said}, which is refused", path_of(webhook, "sideEffects"), item=webhook.name
            )
