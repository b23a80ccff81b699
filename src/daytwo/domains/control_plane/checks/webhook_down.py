"""The check `control-plane/webhook-down`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.control_plane.backend import BackendFault, backend_fault, expired, read_endpoints
from daytwo.domains.control_plane.reach import reach
from daytwo.model.command import Command, kubectl
from daytwo.model.control_plane import MutatingWebhookConfiguration, ValidatingWebhookConfiguration, Webhook, WebhookConfiguration
from daytwo.model.finding import Evidence, Hit, Since
from daytwo.model.network import Service
from daytwo.model.ref import Ref
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot


def _must_answer(configuration: WebhookConfiguration) -> bool:
    return any(_is_judged(webhook) for webhook in configuration.webhooks)


def _is_judged(webhook: Webhook) -> bool:
    return webhook.failure_policy == "Fail" and webhook.client_config.service is not None


@check(
    ValidatingWebhookConfiguration,
    MutatingWebhookConfiguration,
    heading=Heading.RELIABILITY,
    severity=Severity.HIGH,
    harm=Harm.ACTIVE,
    applies=_must_answer,
    basis=Basis.STATE,
)
def webhook_down(configuration: WebhookConfiguration, snapshot: Snapshot) -> Iterator[Hit]:
    """An admission webhook that must be asked (failurePolicy Fail) and cannot answer.

    Its Service is missing, lacks the port or has no ready endpoint, or every certificate in its caBundle has expired.
    Why: the API server refuses every request that the webhook is to judge. If that includes creating pods, nothing that stops can
    start again: no restart elsewhere, no rollout, no scaling.
    Fix: repair the workload behind its Service. As a last resort, with the configuration's YAML saved first, set failurePolicy to
    Ignore until the webhook runs again.
    Source: https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#failure-policy
    Not: webhooks called by `url`, whose server no object of the cluster shows; failurePolicy Ignore; webhooks that answer and deny.
    """
    for index, webhook in enumerate(configuration.webhooks):
        target = webhook.client_config.service
        if not _is_judged(webhook) or target is None:
            continue
        fault = backend_fault(target, snapshot)
        ended = expired(webhook.client_config.certificates, snapshot.taken_at)
        if fault is None and ended is not None:
            facts = (
                Evidence(f"{configuration.KIND} {configuration.name}: the last certificate in caBundle of {webhook.name} expired", ended),
            )
            fault = BackendFault("every certificate in its caBundle has expired", since=Since(ended), evidence=facts)
        if fault is None:
            continue
        blocked = reach(webhook, snapshot)
        rules = f"{configuration.KIND} {configuration.name}: webhook {webhook.name} has failurePolicy Fail; {blocked.words}"
        yield Hit(
            f"webhook {webhook.name} must be asked and cannot answer: {fault.why}; {blocked.words}",
            path=f"webhooks[{index}].clientConfig",
            item=webhook.name,
            since=fault.since,
            evidence=(*fault.evidence, Evidence(rules)),
            because=fault.because,
            confirm=_confirm(configuration, webhook, snapshot),
            harm=Harm.NONE if blocked.is_empty else None,
            severity=blocked.severity,
        )


def _confirm(configuration: WebhookConfiguration, webhook: Webhook, snapshot: Snapshot) -> Command:
    target = webhook.client_config.service
    if target is not None and snapshot.find(Ref(Service.KIND, target.namespace, target.name)) is not None:
        return read_endpoints(target)
    return kubectl("get", configuration.KIND.lower(), configuration.name, "-o", "jsonpath={.webhooks[*].clientConfig.service}")
