"""The check `configuration/variable-reference-unresolved`."""

import re
from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot

_REFERENCE = re.compile(r"\$\(([A-Z_][A-Z0-9_]*)\)")
_OF_SERVICES = re.compile(r"^KUBERNETES_|_SERVICE_HOST$|_SERVICE_PORT(?:_|$)|_PORT(?:_\d+_(?:TCP|UDP|SCTP).*)?$")


@check(Runnable, heading=Heading.RELIABILITY, severity=Severity.LOW, by_hand="what was meant only its author knows")
def variable_reference_unresolved(runnable: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A variable made from another, $(NAME), that is not set before it.

    Why: it is not replaced: the program reads the text $(NAME). In env only variables that stand above count.
    Fix: set NAME above, correct its name, or write $$(NAME) if the text is meant.
    Source: https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
    Not: names that Services give to every pod (WEB_SERVICE_HOST, WEB_PORT), containers that take variables from envFrom, whose names
    are not all known, and names in lower case, which a shell runs as commands.
    """
    for container, path, role in runnable.all_containers():
        if container.env_from:
            continue
        set_before: set[str] = set()
        for variable in container.env:
            for name in _REFERENCE.findall(variable.value.replace("$$", "")):
                if name not in set_before and not _OF_SERVICES.search(name):
                    yield Hit(
                        f"{role} {container.name}: variable {variable.name} is made from $({name}), which is not set above it",
                        path=f"{path}.env[{variable.name}].value",
                        item=f"{container.name}/{variable.name}/{name}",
                        fix=f"set {name} above it, or correct the name",
                    )
            set_before.add(variable.name)
