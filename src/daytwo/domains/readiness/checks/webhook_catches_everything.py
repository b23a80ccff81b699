"""The check `readiness/webhook-catches-everything`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.readiness.webhooks import WEBHOOK_KINDS, must_answer, path_of
from daytwo.model.control_plane import WebhookConfiguration
from daytwo.model.finding import Hit
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    *WEBHOOK_KINDS,
    heading=Heading.RELIABILITY,
    severity=Severity.MEDIUM,
    by_hand="which objects it should judge only its owner knows",
)
def webhook_catches_everything(configuration: WebhookConfiguration, snapshot: Snapshot) -> Iterator[Hit]:
    """An admission webhook that must be asked about every kind of object.

    Why: it stands in the way of leases, nodes, events and endpoints too: while it is slow, nodes look lost; while it is down, nothing
    in the cluster can be written.
    Fix: name the groups and resources that it really judges.
    Source: https://kubernetes.io/docs/concepts/cluster-administration/admission-webhooks-good-practices/
    Not: failurePolicy Ignore, and webhooks that select namespaces or objects by labels, or have matchConditions.
    """
    for webhook in configuration.webhooks:
        is_narrowed = not webhook.object_selector.is_empty or not webhook.namespace_selector.is_empty or webhook.match_conditions
        if not must_answer(webhook) or is_narrowed:
            continue
        for index, rule in enumerate(webhook.rules):
            is_writing = bool({"*", "CREATE", "UPDATE"} & set(rule.operations))
            if is_writing and "*" in rule.api_groups and {"*", "*/*"} & set(rule.resources):
                yield Hit(
                    f"webhook {webhook.name} must be asked about every kind of object",
                    path=path_of(webhook, f"rules[{index}]"),
                    item=webhook.name,
                )
                break
