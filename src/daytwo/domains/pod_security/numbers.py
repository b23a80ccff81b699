"""The numbers of users and groups that containers are told to run as."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from daytwo.domains.pod_security.pods import called, group_of, has_user_namespace, is_windows, pod_field, user_of
from daytwo.model.finding import Hit
from daytwo.model.pod_spec import Container, PodSpec, SecurityContext
from daytwo.model.runnable import Runnable


class Number(NamedTuple):
    """A user's or a group's: what it is called, its field, how a container comes by it, and whether it sets it itself."""

    word: str
    field: str
    of: Callable[[PodSpec, Container], int | None]
    own: Callable[[SecurityContext], int | None]


USER = Number("user", "runAsUser", user_of, lambda context: context.run_as_user)
GROUP = Number("group", "runAsGroup", group_of, lambda context: context.run_as_group)


def low_numbers(subject: Runnable, number: Number, minimum: int) -> Iterator[Hit]:
    """A hit for each container that is told to run below the minimum; 0 is told by others."""
    spec = subject.pod_spec
    if has_user_namespace(spec) or is_windows(spec):
        return
    for container, path, role in subject.all_containers():
        found = number.of(spec, container)
        if found is None or not 0 < found < minimum:
            continue
        is_own = number.own(container.security_context) is not None
        yield Hit(
            f"{called(role, container)} runs as {number.word} {found}, below {minimum}",
            path=f"{path}.securityContext.{number.field}" if is_own else pod_field(subject, number.field),
            item=container.name,
            fix=f"set {number.field} to {minimum} or more",
        )
