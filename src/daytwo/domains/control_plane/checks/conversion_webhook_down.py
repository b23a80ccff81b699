"""The check `control-plane/conversion-webhook-down`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.control_plane.backend import BackendFault, backend_fault, expired
from daytwo.model.command import kubectl
from daytwo.model.control_plane import CustomResourceDefinition
from daytwo.model.finding import Evidence, Hit, Since
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    CustomResourceDefinition,
    heading=Heading.RELIABILITY,
    severity=Severity.MEDIUM,
    harm=Harm.ACTIVE,
    # With one version there is nothing to convert.
    applies=lambda definition: (
        definition.conversion is not None
        and definition.conversion.service is not None
        and len({*definition.versions, definition.storage_version}) > 1
    ),
    basis=Basis.STATE,
)
def conversion_webhook_down(definition: CustomResourceDefinition, snapshot: Snapshot) -> Iterator[Hit]:
    """A custom kind whose conversion webhook cannot answer.

    Why: objects stored in one version cannot be read in another, so its controller and `kubectl get` fail, and so does the deletion
    of every namespace that holds such objects.
    Fix: repair the workload behind the conversion webhook's Service.
    Source: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/
    Not: conversion webhooks called by `url`, whose server no object of the cluster shows.
    """
    conversion = definition.conversion
    if conversion is None or conversion.service is None:
        return
    fault = backend_fault(conversion.service, snapshot)
    ended = expired(conversion.certificates, snapshot.taken_at)
    if fault is None and ended is not None:
        facts = (Evidence(f"CRD {definition.name}: the last certificate in caBundle of its conversion webhook expired", ended),)
        fault = BackendFault("every certificate in its caBundle has expired", since=Since(ended), evidence=facts)
    if fault is None:
        return
    yield Hit(
        f"objects of kind {definition.kind} cannot be converted between versions, its webhook cannot answer: {fault.why}",
        path="spec.conversion.webhook.clientConfig",
        since=fault.since,
        evidence=fault.evidence,
        because=fault.because,
        confirm=kubectl("get", "crd", definition.name, "-o", "jsonpath={.spec.conversion.webhook.clientConfig.service}"),
    )
