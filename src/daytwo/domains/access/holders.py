"""What a role's rules mean for its holders, and how it is told: a right that nobody holds harms nobody."""

from collections.abc import Callable, Iterator
from typing import Final

from daytwo.domains.access.grants import AnyRole, bindings_of, is_of_the_system, require_bindings
from daytwo.model.finding import Evidence, Hit
from daytwo.model.rbac import Binding, ClusterRole, ClusterRoleBinding, PolicyRule, RoleSubject
from daytwo.model.severity import Severity
from daytwo.model.snapshot import Snapshot

BY_HAND: Final = "whether its holders need the right is known to those who run them"
_MOST: Final = 3


def told(
    role: AnyRole,
    snapshot: Snapshot,
    what: Callable[[PolicyRule], str],
    *,
    everywhere: Severity,
    within: Severity | None,
    field: str = "resources",
    fix: str = "",
) -> Iterator[Hit]:
    """One hit for the rules that allow something, told by `what`, when somebody holds the role.

    `everywhere` is how bad it is given in the whole cluster, `within` in a namespace (None: there it means nothing).
    Raises Unseen when nobody could look who holds it.
    """
    if isinstance(role, ClusterRole) and role.aggregation_rule is not None:
        # Its parts are told, where somebody wrote them.
        return
    found = [(number, text) for number, rule in enumerate(role.rules) if (text := what(rule))]
    if not found:
        return
    bindings = [binding for binding in bindings_of(role, snapshot) if any(not is_of_the_system(one) for one in binding.bound())]
    clusterwide: list[Binding] = [binding for binding in bindings if isinstance(binding, ClusterRoleBinding)]
    if not clusterwide:
        if within is None or not bindings:
            # Nobody seen holds it where it matters: that is only an answer when all was seen.
            require_bindings(role, snapshot)
            return
        severity, givers, where = within, bindings, f"in {_namespaces(bindings)}"
    else:
        severity, givers, where = everywhere, clusterwide, "in the whole cluster"
    number = found[0][0]
    texts = list(dict.fromkeys(text for _, text in found))
    yield Hit(
        f"lets {holders(givers)} {'; '.join(texts[:_MOST])} {where}",
        path=f"rules[{number}].{field}",
        fix=fix,
        evidence=tuple(Evidence(f"{binding.ref} gives it to {subjects(tuple(binding.bound()))}") for binding in givers[:_MOST]),
        severity=severity,
    )


def holders(bindings: list[Binding]) -> str:
    return subjects(tuple(dict.fromkeys(one for binding in bindings for one in binding.bound() if not is_of_the_system(one))))


def subjects(given: tuple[RoleSubject, ...]) -> str:
    shown = ", ".join(str(subject) for subject in given[:_MOST])
    return f"{shown} and {len(given) - _MOST} more" if len(given) > _MOST else shown or "nobody"


def _namespaces(bindings: list[Binding]) -> str:
    names = sorted({binding.namespace for binding in bindings})
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return f"{'namespace' if len(names) == 1 else 'namespaces'} {', '.join(names[:_MOST])}{more}"
