"""The check `configuration/literal-secret-in-arguments`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.giveaway import gave_away
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Runnable,
    heading=Heading.SECURITY,
    severity=Severity.HIGH,
    by_hand="the value has to be put somewhere else first, and changed: whoever read the file knows it",
)
def literal_secret_in_arguments(runnable: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A password, token or key written out in a container's command line.

    Why: it stands in the workload, in the repository, and in the process list of the node.
    Fix: put the value into a Secret, change it, take it as a variable, and write $(NAME) in the argument.
    Source: https://kubernetes.io/docs/concepts/security/secrets-good-practices/
    Not: arguments that refer to a variable ($(PASSWORD)) or to a file. The value itself is never kept.
    """
    for container, path, role in runnable.all_containers():
        for field, arguments in (("command", container.command), ("args", container.args)):
            for number, argument in enumerate(arguments):
                before = arguments[number - 1] if number else ""
                if gave_away(before.lstrip("-") if before.startswith("-") else "", argument):
                    yield Hit(
                        f"{role} {container.name}: {field} holds a credential in plain text",
                        path=f"{path}.{field}[{number}]",
                        item=f"{container.name}/{field}/{number}",
                        fix="take it from a Secret as a variable, write $(NAME) here, and change it",
                    )
