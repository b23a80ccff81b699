"""What the API server says when it refuses a pod, in plain words. Messages marked [M] were measured on v1.36.2."""

import pytest

from daytwo.domains.workloads.creation_failure import parse
from daytwo.model.ref import Ref
from daytwo.model.snapshot import Snapshot
from tests.specimen import snapshot_of

OBJECTS: list[dict[str, object]] = [
    {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": "guard"},
        "webhooks": [{"name": "guard.io", "failurePolicy": "Fail"}],
    },
    {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": {"pod-security.kubernetes.io/enforce": "restricted"}}},
    {"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "sizes", "namespace": "shop"}},
]


@pytest.fixture
def snapshot() -> Snapshot:
    return snapshot_of({"at": "2026-11-20T08:00:00Z", "items": OBJECTS})


CALL = (
    'Internal error occurred: failed calling webhook "guard.io": failed to call webhook: Post "https://guard.ops.svc:443/x?timeout=10s": '
)
POD = 'pods "web-7c9d-" is forbidden: '
GUARD = (Ref("ValidatingWebhookConfiguration", "", "guard"),)


@pytest.mark.parametrize(
    ("message", "words", "because"),
    [
        (  # [M]
            f"Error creating: {POD}exceeded quota: team, requested: pods=1, used: pods=2, limited: pods=2",
            "quota team leaves no room (pods: 2 of 2 used, 1 more wanted)",
            (Ref("ResourceQuota", "shop", "team"),),
        ),
        (
            f"{POD}exceeded quota: big.team, requested: limits.cpu=1,limits.memory=1Gi, used: limits.cpu=3500m,limits.memory=6Gi,"
            " limited: limits.cpu=4,limits.memory=6Gi",
            "quota big.team leaves no room (limits.cpu: 3500m of 4 used, 1 more wanted; limits.memory: 6Gi of 6Gi used, 1Gi more wanted)",
            (Ref("ResourceQuota", "shop", "big.team"),),
        ),
        (  # [M]
            f"{POD}failed quota: team: must specify limits.memory for: app",
            "quota team demands what the pod template does not set: limits.memory for: app",
            (),
        ),
        (CALL + 'service "guard" not found', "webhook guard.io cannot be called: its Service does not exist", GUARD),  # [M]
        (CALL + 'no service port 443 found for service "guard"', "webhook guard.io cannot be called: its Service lacks port 443", GUARD),
        (
            CALL + 'no endpoints available for service "guard"',
            "webhook guard.io cannot be called: its Service has no ready endpoint",
            GUARD,
        ),
        (
            CALL + "dial tcp 10.0.0.9:443: connect: connection refused",
            "webhook guard.io cannot be called: the connection is refused",
            GUARD,
        ),
        (CALL + "context deadline exceeded", "webhook guard.io cannot be called: it does not answer in time", GUARD),
        (
            CALL + "tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time is after",
            "webhook guard.io cannot be called: its certificate has expired or is not yet valid",
            GUARD,
        ),
        (
            CALL + "tls: failed to verify certificate: x509: certificate signed by unknown authority",
            "webhook guard.io cannot be called: its certificate is not trusted",
            GUARD,
        ),
        (  # No configuration that was read holds this webhook: the Service in the message is all that proves anything.
            CALL.replace("guard.io", "other.io") + 'service "guard" not found',
            "webhook other.io cannot be called: its Service does not exist",
            (Ref("Service", "ops", "guard"),),
        ),
        (  # A denial is policy: the webhook works as meant.
            'admission webhook "guard.io" denied the request: image must be signed',
            "admission webhook guard.io denies it: image must be signed",
            (),
        ),
        (
            'admission webhook "guard.io" denied the request without explanation',
            "admission webhook guard.io denies it: without saying why",
            (),
        ),
        (
            f"{POD}ValidatingAdmissionPolicy 'tags' with binding 'tags-all' denied request: latest is not allowed",
            "admission policy tags denies it: latest is not allowed",
            (),
        ),
        (
            f'{POD}violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false',
            "namespace shop enforces pod security level restricted: allowPrivilegeEscalation != false",
            (Ref("Namespace", "", "shop"),),
        ),
        (
            f'{POD}error looking up service account shop/robot: serviceaccount "robot" not found',
            "service account robot does not exist",
            (Ref("ServiceAccount", "shop", "robot"),),
        ),
        (f"{POD}no PriorityClass with name high was found", "priority class high does not exist", (Ref("PriorityClass", "", "high"),)),
        (f'{POD}pod rejected: RuntimeClass "kata" not found', "runtime class kata does not exist", (Ref("RuntimeClass", "", "kata"),)),
        (
            f"{POD}[minimum cpu usage per Container is 100m, but request is 50m,"
            " maximum memory usage per Container is 1Gi, but limit is 2Gi]",
            "LimitRange sizes forbids it: minimum cpu usage per Container is 100m, but request is 50m,"
            " maximum memory usage per Container is 1Gi, but limit is 2Gi",
            (Ref("LimitRange", "shop", "sizes"),),
        ),
        (
            f"{POD}unable to create new content in namespace shop because it is being terminated",
            "namespace shop is being deleted",
            (Ref("Namespace", "", "shop"),),
        ),
        ("etcdserver: request timed out", "etcdserver: request timed out", ()),
        ('create Pod pg-0 in StatefulSet pg failed error: Pod "pg-0" is invalid: spec', 'Pod "pg-0" is invalid: spec', ()),
    ],
)
def test_refusals_are_said_in_plain_words(message: str, words: str, because: tuple[Ref, ...], snapshot: Snapshot) -> None:
    """Whoever refuses is named, and is the cause where it is not the pod's own fault."""
    reading = parse(message, "shop", snapshot)
    assert reading.words == words
    assert reading.because == because


def test_a_long_refusal_is_cut() -> None:
    """At a word, and without line breaks."""
    reading = parse("word\n" * 100, "shop", snapshot_of({"at": "2026-11-20T08:00:00Z", "items": []}))
    assert len(reading.words) <= 160
    assert reading.words.endswith("word…")


def test_without_the_namespace_its_label_proves_nothing() -> None:
    """Where namespaces were not read, PodSecurity is told and nobody is blamed; the same for one of several LimitRanges."""
    snapshot = snapshot_of({"at": "2026-11-20T08:00:00Z", "items": []})
    assert parse(f'{POD}violates PodSecurity "baseline:v1.30": hostPath', "shop", snapshot).because == ()
    assert parse(f"{POD}maximum cpu usage per Pod is 1, but limit is 2", "shop", snapshot).because == ()
