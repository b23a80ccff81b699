"""The check `configuration/literal-secret-in-variable`."""

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
def literal_secret_in_variable(runnable: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A password, token or key written out as the value of an environment variable.

    Why: whoever may read the workload, its history or the repository has it; `kubectl describe` shows it.
    Fix: put the value into a Secret, change it, and take it from there: valueFrom.secretKeyRef.
    Source: https://kubernetes.io/docs/concepts/security/secrets-good-practices/
    Not: names that tell about a secret (DB_PASSWORD_FILE, TOKEN_TTL, MAX_TOKENS, TLS_SECRET), values that refer to another variable
    ($(PASSWORD)), switches, and empty values. The value itself is never kept.
    """
    for container, path, role in runnable.all_containers():
        for variable in container.env:
            if gave_away(variable.name, variable.value):
                yield Hit(
                    f"{role} {container.name}: variable {variable.name} holds a credential in plain text",
                    path=f"{path}.env[{variable.name}].value",
                    item=f"{container.name}/{variable.name}",
                    fix="take it from a Secret with valueFrom.secretKeyRef, and change it",
                )
