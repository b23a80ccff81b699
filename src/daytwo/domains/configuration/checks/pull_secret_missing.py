"""The check `configuration/pull-secret-missing`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.configuration.references import find_config
from daytwo.model.config import Secret, ServiceAccount
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Runnable, ServiceAccount, heading=Heading.RELIABILITY, severity=Severity.LOW, by_hand="the login to a registry only its owner knows")
def pull_secret_missing(subject: Runnable | ServiceAccount, snapshot: Snapshot) -> Iterator[Hit]:
    """A pull secret that does not exist.

    Why: the kubelet pulls without it: what is private is refused, and what is public is pulled within the limits for strangers.
    Fix: create it, or remove it from imagePullSecrets.
    Source: https://kubernetes.io/docs/concepts/containers/images/#specifying-imagepullsecrets-on-a-pod
    Not: a Secret that something of the same name makes. In files, a namespace that has no Secret there: unknown.
    """
    if isinstance(subject, ServiceAccount):
        secrets, path = subject.image_pull_secrets, ""
    else:
        secrets, path = subject.pod_spec.image_pull_secrets, f"{subject.pod_path}."
    for number, secret in enumerate(secrets):
        found = find_config(Secret.KIND, subject.namespace, secret.name, snapshot)
        if found is None:
            yield Hit(
                f"pull secret {secret.name} does not exist",
                path=f"{path}imagePullSecrets[{number}].name",
                item=secret.name,
                fix="create it, or remove it",
            )
