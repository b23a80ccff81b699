"""The check `pod-security/root-group`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.pod_security.pods import called, group_of, has_user_namespace, is_windows, pod_field, user_of
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Runnable, heading=Heading.SECURITY, severity=Severity.LOW, by_hand="images made for any user expect root's group to own their files")
def root_group(subject: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A container or pod whose group is root's.

    Why: on images and volumes many files may be read and written by root's group, on the node's own files too.
    Fix: set runAsGroup above 0, and leave 0 out of fsGroup and supplementalGroups.
    Source: https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
    Not: pods with a user namespace of their own; containers whose user is not set either.
    """
    spec = subject.pod_spec
    if has_user_namespace(spec) or is_windows(spec):
        return
    fix = "set it to a number above 0"
    if spec.security_context.fs_group == 0:
        yield Hit(
            "files on its volumes are given to root's group: fsGroup is 0", path=pod_field(subject, "fsGroup"), item="fsGroup", fix=fix
        )
    if 0 in spec.security_context.supplemental_groups:
        yield Hit(
            "its containers are in root's group: supplementalGroups has 0",
            path=pod_field(subject, "supplementalGroups"),
            item="supplementalGroups",
            fix="remove 0",
        )
    for container, path, role in subject.all_containers():
        group, user = group_of(spec, container), user_of(spec, container)
        is_own = container.security_context.run_as_group is not None
        if group == 0:
            yield Hit(
                f"{called(role, container)} runs in root's group: runAsGroup is 0",
                path=f"{path}.securityContext.runAsGroup" if is_own else pod_field(subject, "runAsGroup"),
                item=f"container {container.name}",
                fix=fix,
            )
        elif group is None and user:
            yield Hit(
                f"{called(role, container)} runs as user {user} in root's group, unless its image says otherwise: runAsGroup is not set",
                path=pod_field(subject, "runAsGroup"),
                item=f"container {container.name}",
                fix="set runAsGroup",
                severity=Severity.INFO,
            )
