"""The check `access/account-missing`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.access.accounts import DEFAULT, account_name, find_account
from daytwo.model.config import ServiceAccount
from daytwo.model.finding import Hit
from daytwo.model.json import Object
from daytwo.model.ref import Ref
from daytwo.model.repair import Repair
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Runnable, heading=Heading.RELIABILITY, severity=Severity.HIGH, applies=lambda runnable: account_name(runnable) != DEFAULT)
def account_missing(runnable: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A service account that pods are to run as, and that does not exist.

    Why: no pod of it can be created; those that run are not replaced once they end.
    Fix: create the account, or correct its name.
    Source: https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/
    Not: in files, accounts of a namespace that has none there: that is unknown.
    """
    name = account_name(runnable)
    if find_account(runnable.namespace, name, snapshot) is None:
        account: Object = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": runnable.namespace}}
        yield Hit(
            f"service account {name} does not exist",
            path=f"{runnable.pod_path}.serviceAccountName",
            fix=f"create service account {name}, or correct the name",
            because=(Ref(ServiceAccount.KIND, runnable.namespace, name),),
            # It comes without any right: all that it changes is that pods can be created.
            repair=Repair(documents=(account,)),
        )
