"""The check `configuration/variable-duplicated`."""

from collections import Counter
from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.masked import MASK
from daytwo.model.repair import removing
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Runnable, heading=Heading.RELIABILITY, severity=Severity.LOW)
def variable_duplicated(runnable: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """An environment variable that a container is given twice.

    Why: the last one wins, whichever was meant; tools that merge lists by name drop one of the two, and not always the same.
    Fix: remove the one that does not count.
    Source: https://kubernetes.io/docs/tasks/inject-data-application/define-environment-variable-container/
    """
    for container, path, role in runnable.all_containers():
        for name, count in Counter(variable.name for variable in container.env).items():
            if count > 1:
                at = [number for number, variable in enumerate(container.env) if variable.name == name]
                # What stands between the two may be made from the first.
                between = container.env[at[0] + 1 : at[-1] + 1]
                is_safe = count == 2 and not any(f"$({name})" in variable.value or MASK in variable.value for variable in between)
                yield Hit(
                    f"{role} {container.name}: variable {name} is set {count} times, the last one counts",
                    path=f"{path}.env[{name}]",
                    item=f"{container.name}/{name}",
                    fix="remove the one that does not count",
                    # A name in a path means the first that goes by it.
                    repair=removing(f"{path}.env[{name}]") if is_safe else None,
                    by_hand="" if is_safe else "which of them is meant, and what is made from them, only its author knows",
                )
