"""Which requests an admission webhook is asked about, by its rules and selectors."""

from typing import Final

from daytwo.model.control_plane import Namespace, Webhook, WebhookRule
from daytwo.model.snapshot import Snapshot

# The API server itself labels every namespace with its name; an object made by hand may lack it.
_NAME: Final = "kubernetes.io/metadata.name"


def intercepts(webhook: Webhook, group: str, plural: str, verb: str) -> bool:
    """Whether some rule of a webhook matches this operation on this resource itself, not on one of its subresources."""
    return any(_rule_matches(rule, group, plural, verb) for rule in webhook.rules)


def is_asked_in(webhook: Webhook, namespace: str, snapshot: Snapshot) -> bool:
    """Whether its namespaceSelector matches a namespace. Raises Unseen where that takes labels that nobody looked at."""
    selector = webhook.namespace_selector
    keys = {*selector.match_labels, *(requirement.key for requirement in selector.match_expressions)}
    if keys <= {_NAME}:
        return selector.matches({_NAME: namespace})
    found = snapshot.get(Namespace, "", namespace)
    return selector.matches({**(found.labels if found is not None else {}), _NAME: namespace})


def _rule_matches(rule: WebhookRule, group: str, plural: str, verb: str) -> bool:
    if rule.scope == ("Namespaced" if plural == "nodes" else "Cluster"):
        return False
    return (
        bool({"*", group} & set(rule.api_groups))
        and bool({"*", "v1"} & set(rule.api_versions))
        and bool({"*", verb} & set(rule.operations))
        and any(_resource_matches(pattern, plural) for pattern in rule.resources)
    )


def _resource_matches(pattern: str, plural: str) -> bool:
    """`*` and `pods` match pods, and so do `*/*` and `pods/*`, which match every subresource besides."""
    resource, _, subresource = pattern.partition("/")
    return resource in ("*", plural) and subresource in ("", "*")
