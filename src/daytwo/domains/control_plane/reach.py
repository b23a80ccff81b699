"""What an admission webhook stands in the way of: its rules, and the namespaces and objects that it selects."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from daytwo.model.admission import intercepts
from daytwo.model.control_plane import Namespace, Webhook, WebhookRule
from daytwo.model.severity import Severity
from daytwo.model.snapshot import Snapshot

# Namespaces that webhooks are told to spare; one that spares only these stands in the way everywhere.
_SPARED: Final = frozenset({"kube-system", "kube-public", "kube-node-lease"})
# What a cluster writes all the time: without it nodes are taken for lost, traffic is not redirected, or nothing rolls out.
_VITAL: Final = (
    ("", "nodes"),
    ("", "services"),
    ("", "endpoints"),
    ("", "configmaps"),
    ("", "secrets"),
    ("", "persistentvolumeclaims"),
    ("apps", "deployments"),
    ("apps", "replicasets"),
    ("apps", "statefulsets"),
    ("apps", "daemonsets"),
    ("batch", "jobs"),
    ("coordination.k8s.io", "leases"),
    ("discovery.k8s.io", "endpointslices"),
)


class Width(IntEnum):
    NOWHERE = 0
    SOME = 1
    EVERYWHERE = 2


@dataclass(frozen=True, slots=True)
class Reach:
    """What cannot be done while the webhook does not answer, in words, and how bad that is."""

    words: str
    severity: Severity
    is_empty: bool = False


def reach(webhook: Webhook, snapshot: Snapshot) -> Reach:
    """What a webhook with failurePolicy Fail blocks while it is down.

    Source: https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#webhook-configuration
    """
    if not webhook.rules:
        return Reach("it has no rules", Severity.LOW, is_empty=True)
    width, where = _where(webhook, snapshot)
    if width is Width.NOWHERE:
        return Reach("it selects no namespace now", Severity.LOW, is_empty=True)
    if intercepts(webhook, "", "pods", "CREATE"):
        which = "no pod"
        if not webhook.object_selector.matches({}):
            which = f"no pod labelled {webhook.object_selector}"
        elif webhook.match_conditions:
            which = "no pod that meets its matchConditions"
        if width is Width.EVERYWHERE and which == "no pod":
            return Reach(f"no pod can be created{where}", Severity.CRITICAL)
        return Reach(f"{which} can be created{where}", Severity.HIGH)
    is_vital = any(intercepts(webhook, group, plural, verb) for group, plural in _VITAL for verb in ("CREATE", "UPDATE"))
    # Not all that it judges lives in a namespace.
    limits = "" if width is Width.EVERYWHERE else where
    return Reach(f"{_requests(webhook)} fail{limits}", Severity.HIGH if is_vital else Severity.MEDIUM)


def _where(webhook: Webhook, snapshot: Snapshot) -> tuple[Width, str]:
    selector = webhook.namespace_selector
    if selector.is_empty:
        return Width.EVERYWHERE, " in any namespace"
    if not snapshot.is_read(Namespace.KIND):
        return Width.SOME, f" in namespaces with {selector}"
    spared = {*_SPARED, webhook.client_config.service.namespace if webhook.client_config.service else ""}
    namespaces = [namespace for namespace in snapshot.seen(Namespace) if not namespace.is_terminating]
    # The API server itself sets this label; a snapshot made by hand may lack it.
    picked = [one for one in namespaces if selector.matches({"kubernetes.io/metadata.name": one.name, **one.labels})]
    if not picked:
        return Width.NOWHERE, ""
    left_out = {one.name for one in namespaces} - {one.name for one in picked}
    if left_out <= spared:
        return Width.EVERYWHERE, f" in any namespace except {', '.join(sorted(left_out))}" if left_out else " in any namespace"
    if len(picked) == 1:
        return Width.SOME, f" in namespace {picked[0].name}"
    return Width.SOME, f" in {len(picked)} of {len(namespaces)} namespaces"


def _requests(webhook: Webhook) -> str:
    """`requests to create or update certificates.cert-manager.io`"""
    verbs = sorted({"change" if verb == "*" else verb.lower() for rule in webhook.rules for verb in rule.operations})
    what = sorted({_resource_name(rule, pattern) for rule in webhook.rules for pattern in rule.resources})
    shown = ", ".join(what[:3]) + (f" and {len(what) - 3} more" if len(what) > 3 else "")
    return f"requests to {' or '.join(verbs)} {shown}"


def _resource_name(rule: WebhookRule, pattern: str) -> str:
    groups = [group for group in rule.api_groups if group not in ("", "*")]
    return f"{pattern}.{groups[0]}" if len(groups) == 1 else pattern
