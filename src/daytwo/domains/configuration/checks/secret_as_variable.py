"""The check `configuration/secret-as-variable`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Runnable, heading=Heading.SECURITY, severity=Severity.INFO, by_hand="the program has to read a file instead")
def secret_as_variable(runnable: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A Secret that containers take as environment variables, not as files.

    Why: variables are inherited by every child, printed by crash reports and debug pages, and keep the old value when the Secret changes.
    Fix: mount the Secret as a volume, where the program can read a file; the kubelet keeps files up to date.
    Source: https://kubernetes.io/docs/concepts/security/secrets-good-practices/
    Not: contested: CIS 5.4.1 prefers files, the twelve-factor way and most images take variables, and whoever can run a command in the
    container reads both. So the default profile leaves it out and the strict one asks it.
    """
    for container, path, role in runnable.all_containers():
        names = {
            variable.value_from.secret_key_ref.name
            for variable in container.env
            if variable.value_from and variable.value_from.secret_key_ref
        }
        names |= {source.secret_ref.name for source in container.env_from if source.secret_ref is not None}
        if names:
            yield Hit(
                f"{role} {container.name} takes {', '.join(sorted(names))} as variables",
                path=f"{path}.env",
                item=container.name,
                fix="mount it as a volume",
            )
