"""The check `pod-security/seccomp-annotation-ignored`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.pod_security.annotations import SECCOMP_OF_CONTAINER, SECCOMP_OF_POD, profile_of
from daytwo.domains.pod_security.pods import pod_field, policy_minor
from daytwo.model.finding import Hit
from daytwo.model.repair import Edit, Repair
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Runnable,
    heading=Heading.SECURITY,
    severity=Severity.MEDIUM,
    by_hand="whether its nodes have the profile that the annotation names, no manifest tells",
)
def seccomp_annotation_ignored(subject: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A seccomp profile that is set by annotation, which does nothing.

    Why: since 1.27 nothing reads these annotations: the pod that seems confined runs with what its fields say, and without any it may
    make every system call.
    Fix: write `seccompProfile` into the security context, and remove the annotation.
    Source: https://kubernetes.io/docs/tutorials/security/seccomp/
    Not: annotations of containers that the pod does not have.
    """
    if policy_minor(snapshot) < 27:
        return
    spec = subject.pod_spec
    fields = {SECCOMP_OF_POD: (pod_field(subject, "seccompProfile"), spec.security_context.seccomp_profile)}
    for container, path, _ in subject.all_containers():
        own = container.security_context.seccomp_profile
        fields[f"{SECCOMP_OF_CONTAINER}{container.name}"] = (f"{path}.securityContext.seccompProfile", own)
    for key, value in sorted(subject.pod_annotations.items()):
        if key not in fields:
            continue
        field, present = fields[key]
        place = f"{subject.template_path}metadata.annotations[{key}]"
        removal = Edit(place, is_removal=True)
        profile = profile_of(value)
        is_left_over = present is not None or value == "unconfined"
        repair = None
        if is_left_over:
            repair = Repair((removal,))
        elif profile is not None and profile["type"] == "RuntimeDefault":
            # Whether the nodes have a profile of that name, nobody has had to see for years.
            repair = Repair((Edit(field, profile), removal))
        yield Hit(
            f"an annotation asks for seccomp profile {value}, which nothing reads since 1.27",
            path=place,
            item=key,
            fix="remove the annotation"
            if is_left_over
            else f"set {field.rpartition('.')[2]} in the security context, and remove the annotation",
            severity=Severity.LOW if is_left_over else None,
            repair=repair,
        )
