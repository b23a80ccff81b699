"""The check `pod-security/apparmor-annotation`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.pod_security.annotations import profile_of
from daytwo.domains.pod_security.baseline import APPARMOR_ANNOTATION
from daytwo.domains.pod_security.pods import policy_minor
from daytwo.model.finding import Hit
from daytwo.model.repair import Edit, Repair
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Runnable,
    heading=Heading.SECURITY,
    severity=Severity.LOW,
    by_hand="the annotation names no container of the pod, or no profile that a field could name",
)
def apparmor_annotation(subject: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """An AppArmor profile that is set by annotation.

    Why: the annotation is deprecated since 1.30, and one day means nothing any more; the field is told apart from other annotations and
    checked.
    Fix: write `appArmorProfile` into the container's security context, and remove the annotation.
    Source: https://kubernetes.io/docs/tutorials/security/apparmor/
    """
    if policy_minor(snapshot) < 30:
        return
    paths = {placed.container.name: placed for placed in subject.all_containers()}
    for key, value in sorted(subject.pod_annotations.items()):
        if not key.startswith(APPARMOR_ANNOTATION):
            continue
        name = key.removeprefix(APPARMOR_ANNOTATION)
        place = f"{subject.template_path}metadata.annotations[{key}]"
        profile = profile_of(value)
        repair = None
        if name in paths and profile is not None:
            placed = paths[name]
            removal = Edit(place, is_removal=True)
            field = Edit(f"{placed.path}.securityContext.appArmorProfile", profile)
            repair = Repair((removal,) if placed.container.security_context.app_armor_profile is not None else (field, removal))
        yield Hit(
            f"the AppArmor profile of container {name} is set by an annotation, {value or 'an empty one'}",
            path=place,
            item=name,
            fix="set appArmorProfile in the container's security context, and remove the annotation",
            repair=repair,
        )
