"""The check `delivery/annotation-without-effect`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.delivery.outdated import (
    ANNOTATIONS,
    APP_ARMOR_OF_CONTAINER,
    OF_CONTAINER,
    SECCOMP,
    SECCOMP_OF_CONTAINER,
    OutdatedAnnotation,
)
from daytwo.model.finding import Hit
from daytwo.model.path import join
from daytwo.model.pod_spec import Container
from daytwo.model.repair import removing
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Runnable,
    heading=Heading.DELIVERY,
    severity=Severity.MEDIUM,
    by_hand="the field that takes its place has an effect again, which the annotation has not had for years",
)
def annotation_without_effect(subject: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """An annotation of pods that Kubernetes does not heed any more: seccomp, sysctls, critical pods; AppArmor's will be next.

    Why: whoever wrote it believes that the pod is confined, tuned or protected, and it is not.
    Fix: use the field that takes its place.
    Source: https://kubernetes.io/docs/reference/labels-annotations-taints/
    Not: an annotation beside the field that says the same, which somebody keeps for older clusters.
    """
    path = f"{subject.template_path}metadata.annotations"
    for key in subject.pod_annotations:
        known = ANNOTATIONS.get(key)
        if known is not None and not _is_replaced(key, subject):
            # Taking away what has no effect changes nothing. Seccomp's stays, for what was meant would go with it.
            yield _hit(key, path, known, is_removable=known.instead != SECCOMP)
        prefix, slash, name = key.rpartition("/")
        of_container = OF_CONTAINER.get(prefix + slash)
        container = next((one.container for one in subject.all_containers() if one.container.name == name), None)
        if of_container is not None and container is not None and not _is_replaced_in(prefix + slash, container, subject):
            yield _hit(key, path, of_container, is_removable=False)


def _hit(key: str, path: str, known: OutdatedAnnotation, is_removable: bool) -> Hit:
    end = "is deprecated" if known.is_effective else "has had no effect"
    return Hit(
        f"the annotation {key} {end} since Kubernetes 1.{known.since}",
        path=join(path, key),
        item=key,
        fix=f"use {known.instead} in its place",
        severity=Severity.LOW if known.is_effective else None,
        repair=removing(join(path, key)) if is_removable else None,
    )


def _is_replaced(key: str, subject: Runnable) -> bool:
    spec = subject.pod_spec
    if key == "scheduler.alpha.kubernetes.io/critical-pod":
        return bool(spec.priority_class_name)
    return key == "seccomp.security.alpha.kubernetes.io/pod" and spec.security_context.seccomp_profile is not None


def _is_replaced_in(prefix: str, container: Container, subject: Runnable) -> bool:
    own, of_pod = container.security_context, subject.pod_spec.security_context
    if prefix == SECCOMP_OF_CONTAINER:
        return own.seccomp_profile is not None or of_pod.seccomp_profile is not None
    return prefix == APP_ARMOR_OF_CONTAINER and (own.app_armor_profile is not None or of_pod.app_armor_profile is not None)
