"""The check `pod-security/service-links-injected`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Runnable, heading=Heading.SECURITY, severity=Severity.INFO, by_hand="a program may find its Services by these variables")
def service_links_injected(subject: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A pod whose containers get every Service of the namespace as environment variables.

    Why: they tell whoever breaks in what there is to reach, slow the start where there are thousands, and now and then clash with the
    program's own variables.
    Fix: set `enableServiceLinks: false`, and find Services by DNS.
    Source: https://kubernetes.io/docs/tutorials/services/connect-applications-service/
    """
    if subject.pod_spec.enable_service_links:
        message = "every Service of its namespace is told to its containers as environment variables"
        yield Hit(message, path=f"{subject.pod_path}.enableServiceLinks", fix="set enableServiceLinks to false")
