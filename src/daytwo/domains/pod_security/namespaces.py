"""What a namespace's labels have the API server enforce, and the workloads that this concerns.

Source: https://kubernetes.io/docs/concepts/security/pod-security-admission/
"""

import re
from typing import Final, NamedTuple

from daytwo.domains.pod_security.pods import policy_minor
from daytwo.domains.pod_security.standards import BASELINE, Level, violated
from daytwo.model.control_plane import Namespace
from daytwo.model.runnable import Runnable
from daytwo.model.snapshot import Snapshot

PREFIX: Final = "pod-security.kubernetes.io/"
ENFORCE: Final = f"{PREFIX}enforce"
ENFORCE_VERSION: Final = f"{PREFIX}enforce-version"
LABELS: Final = ("enforce", "enforce-version", "audit", "audit-version", "warn", "warn-version")
VALUES_OF_VERSION: Final = "latest, or the like of v1.36"
# What Kubernetes itself runs there is privileged, or nothing does.
OF_KUBERNETES: Final = frozenset(("kube-system", "kube-public", "kube-node-lease"))

_VERSION: Final = re.compile(r"v1\.(0|[1-9][0-9]*)")


class Policy(NamedTuple):
    """What pods of a namespace have to meet; `minor` is no newer than the cluster knows."""

    level: Level
    minor: int
    label: str

    def __str__(self) -> str:
        return self.label


def policy_of(namespace: Namespace, snapshot: Snapshot) -> Policy | None:
    """None where no label asks for anything; what cannot be read counts as the strictest of all, as it does for the API server."""
    level = namespace.labels.get(ENFORCE)
    if level is None:
        return None
    newest = policy_minor(snapshot)
    version = _VERSION.fullmatch(namespace.labels.get(ENFORCE_VERSION, ""))
    minor = min(int(version[1]), newest) if version is not None else newest
    known = Level(level) if level in list(Level) else Level.RESTRICTED
    return Policy(known, minor, f"{known} as of 1.{version[1]}" if version is not None else str(known))


def misspelt(name: str, value: str) -> str | None:
    """None for a value that a label may have, else the one that must be meant, empty where that is not plain."""
    if name.endswith("-version"):
        if value == "latest" or _VERSION.fullmatch(value):
            return None
        meant = value.strip().casefold()
        meant = meant if meant == "latest" else f"v{meant.removeprefix('v')}"
        return meant if meant == "latest" or _VERSION.fullmatch(meant) else ""
    if value in list(Level):
        return None
    meant = value.strip().casefold()
    return meant if meant in list(Level) else ""


class Meeting(NamedTuple):
    """How a namespace's workloads and naked pods, those that were seen, do by its own version of the standards."""

    subjects: int
    level: Level

    def __str__(self) -> str:
        counted = "its one workload meets" if self.subjects == 1 else f"all of its {self.subjects} workloads meet"
        return f"{counted} {self.level}"


def meeting(namespace: Namespace, snapshot: Snapshot) -> Meeting:
    """The strictest level that all of them meet; privileged where there is none."""
    subjects = snapshot.once(_faults).get(namespace.name, {})
    faults = {fault for faults in subjects.values() for fault in faults}
    level = Level.RESTRICTED if not faults else Level.BASELINE if faults.isdisjoint(BASELINE) else Level.PRIVILEGED
    return Meeting(len(subjects), level if subjects else Level.PRIVILEGED)


def faults_by(policy: Policy, subject: Runnable, snapshot: Snapshot) -> tuple[str, ...]:
    """The checks that a subject fails of those that its namespace's policy asks for."""
    faults = snapshot.once(_faults).get(subject.namespace, {}).get(id(subject), ())
    match policy.level:
        case Level.PRIVILEGED:
            return ()
        case Level.BASELINE:
            return tuple(fault for fault in faults if fault in BASELINE)
        case Level.RESTRICTED:
            return faults


def _faults(snapshot: Snapshot) -> dict[str, dict[int, tuple[str, ...]]]:
    """By namespace and subject, the checks of the restricted standard that it fails, in the version that its namespace names.

    Subjects are told apart by identity: files may well hold two of one name.
    """
    minors: dict[str, int] = {}
    for namespace in snapshot.seen(Namespace):
        policy = policy_of(namespace, snapshot)
        if policy is not None:
            minors[namespace.name] = policy.minor
    found: dict[str, dict[int, tuple[str, ...]]] = {}
    for subject in snapshot.runnables:
        minor = minors.get(subject.namespace, policy_minor(snapshot))
        found.setdefault(subject.namespace, {})[id(subject)] = violated(subject, Level.RESTRICTED, minor)
    return found
