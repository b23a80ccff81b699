"""The check `certificates/ca-bundle-expiring`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from daytwo.catalog import check
from daytwo.domains.certificates.validity import first_to_expire, is_being_kept, is_near_its_end, names
from daytwo.model.certificate import Certificate
from daytwo.model.command import Command, kubectl
from daytwo.model.control_plane import (
    APIService,
    CustomResourceDefinition,
    ManagedCertificate,
    MutatingWebhookConfiguration,
    ValidatingWebhookConfiguration,
    WebhookConfiguration,
)
from daytwo.model.finding import Evidence, Hit, Since
from daytwo.model.ref import Ref
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot

Trusting = WebhookConfiguration | APIService | CustomResourceDefinition
INJECTED_FROM: Final = "cert-manager.io/inject-ca-from"


@dataclass(frozen=True, slots=True)
class _Bundle:
    """One caBundle: whose, in which field, and whether requests fail without trust."""

    item: str
    path: str
    certificates: tuple[Certificate, ...]
    is_needed: bool = True


@check(
    ValidatingWebhookConfiguration,
    MutatingWebhookConfiguration,
    APIService,
    CustomResourceDefinition,
    heading=Heading.RELIABILITY,
    severity=Severity.MEDIUM,
    harm=Harm.ONE_EVENT_AWAY,
    applies=lambda trusting: any(bundle.certificates for bundle in _bundles(trusting)),
    basis=Basis.STATE,
)
def ca_bundle_expiring(trusting: Trusting, snapshot: Snapshot) -> Iterator[Hit]:
    """A caBundle whose certificates have expired or soon will: within 14 days, or in the last third of a life under 42 days.

    Why: with the last of them ends the API server's trust in the webhook or the aggregated API: calls to it fail, and with
    failurePolicy Fail so does every request that the webhook is to judge.
    Fix: issue a new certificate authority, put it into caBundle beside the old one, then renew the server's own certificate.
    Source: https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#contacting-the-webhook
    Not: a bundle of which another certificate is valid for longer, as during a rotation, a webhook with failurePolicy Ignore, and a
    bundle that cert-manager injects and will renew in time, are hygiene.
    """
    for bundle in _bundles(trusting):
        first = first_to_expire(bundle.certificates)
        if first is None or not is_near_its_end(first, snapshot.taken_at):
            continue
        last = max(bundle.certificates, key=lambda certificate: certificate.not_after)
        lives_on = not is_near_its_end(last, snapshot.taken_at)
        told = first if lives_on else last
        is_over = told.not_after <= snapshot.taken_at
        whose = f"of webhook {bundle.item}" if isinstance(trusting, WebhookConfiguration) else f"of {trusting.name}"
        which = f"a certificate in the caBundle {whose}" if lives_on else f"the caBundle {whose}"
        fact = f"{trusting.KIND} {trusting.name}: {names(told)} in {bundle.path} {'ended' if is_over else 'ends'}"
        also = ", others in it are valid for longer" if lives_on else ""
        yield Hit(
            f"{which} {'has expired' if is_over else 'expires soon'}{also}",
            path=bundle.path,
            item=bundle.item,
            due=None if is_over else told.not_after,
            since=Since(told.not_after) if is_over else None,
            evidence=(Evidence(fact, told.not_after),),
            confirm=_confirm(trusting),
            harm=_harm(trusting, bundle, snapshot, is_over=is_over, lives_on=lives_on),
        )


def _harm(trusting: Trusting, bundle: _Bundle, snapshot: Snapshot, *, is_over: bool, lives_on: bool) -> Harm:
    if lives_on or not bundle.is_needed:
        return Harm.NONE
    if is_over:
        return Harm.ACTIVE
    return Harm.NONE if _is_renewed(trusting, snapshot, snapshot.taken_at) else Harm.ONE_EVENT_AWAY


def _is_renewed(trusting: Trusting, snapshot: Snapshot, at: datetime) -> bool:
    """Whether cert-manager injects the bundle from a Certificate that it will renew in time."""
    namespace, _, name = trusting.annotations.get(INJECTED_FROM, "").partition("/")
    found = snapshot.find(Ref(ManagedCertificate.KIND, namespace, name))
    return isinstance(found, ManagedCertificate) and is_being_kept(found, at)


def _bundles(trusting: Trusting) -> Iterator[_Bundle]:
    match trusting:
        case WebhookConfiguration():
            for index, webhook in enumerate(trusting.webhooks):
                path = f"webhooks[{index}].clientConfig.caBundle"
                yield _Bundle(webhook.name, path, webhook.client_config.certificates, webhook.failure_policy == "Fail")
        case APIService():
            yield _Bundle("", "spec.caBundle", trusting.spec.certificates)
        case CustomResourceDefinition():
            if trusting.conversion is not None:
                yield _Bundle("", "spec.conversion.webhook.clientConfig.caBundle", trusting.conversion.certificates)


def _confirm(trusting: Trusting) -> Command:
    path = {
        APIService.KIND: ".spec.caBundle",
        CustomResourceDefinition.KIND: ".spec.conversion.webhook.clientConfig.caBundle",
    }.get(trusting.KIND, ".webhooks[*].clientConfig.caBundle")
    return kubectl("get", trusting.KIND.lower(), trusting.name, "-o", f"jsonpath={{{path}}}")
