"""Admission webhooks as their configurations declare them: which must answer, and by whom they are answered."""

from typing import Final

from daytwo.model.control_plane import MutatingWebhookConfiguration, ValidatingWebhookConfiguration, Webhook
from daytwo.model.network import Service
from daytwo.model.ref import Ref
from daytwo.model.runnable import Runnable
from daytwo.model.snapshot import Snapshot
from daytwo.model.templates import templates_selected

WEBHOOK_KINDS: Final = (ValidatingWebhookConfiguration, MutatingWebhookConfiguration)


def must_answer(webhook: Webhook) -> bool:
    """Whether a request fails when the webhook does."""
    return webhook.failure_policy == "Fail"


def path_of(webhook: Webhook, field: str) -> str:
    return f"webhooks[{webhook.name}].{field}"


def answered_by(webhook: Webhook, snapshot: Snapshot) -> tuple[Runnable, ...]:
    """The templates of the pods behind the webhook's Service, as far as they were seen."""
    target = webhook.client_config.service
    service = snapshot.find(Ref(Service.KIND, target.namespace, target.name)) if target is not None else None
    if not isinstance(service, Service) or service.selector is None:
        return ()
    return templates_selected(service.selector, service.namespace, snapshot)
