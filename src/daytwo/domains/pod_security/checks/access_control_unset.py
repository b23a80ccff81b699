"""The check `pod-security/access-control-unset`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.pod_security.baseline import APPARMOR_ANNOTATION
from daytwo.domains.pod_security.pods import is_windows, listed, pod_field
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Runnable, heading=Heading.SECURITY, severity=Severity.INFO, by_hand="a node without AppArmor refuses a pod that asks for it")
def access_control_unset(subject: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A pod that names neither an AppArmor profile nor SELinux options.

    Why: what the pod does not ask for is the runtime's default where the node has one, and nothing where it has none; a pod that asks for
    it does not start there.
    Fix: set `appArmorProfile.type: RuntimeDefault` where the nodes have AppArmor, or an SELinux level where they have SELinux.
    Source: https://kubernetes.io/docs/concepts/security/linux-kernel-security-constraints/
    """
    spec = subject.pod_spec
    if is_windows(spec) or spec.security_context.app_armor_profile is not None or spec.security_context.se_linux_options is not None:
        return
    if any(key.startswith(APPARMOR_ANNOTATION) for key in subject.pod_annotations):
        return
    bare = [
        placed.container.name
        for placed in subject.all_containers()
        if placed.container.security_context.app_armor_profile is None and placed.container.security_context.se_linux_options is None
    ]
    if bare:
        message = f"neither AppArmor nor SELinux is asked to hold {listed(sorted(bare))}"
        yield Hit(message, path=pod_field(subject, "appArmorProfile"), fix="set appArmorProfile, or seLinuxOptions")
