"""One cause, one group: findings follow their proven links to the deepest cause."""

from hypothesis import given, settings
from hypothesis import strategies as st

from daytwo.domains.review.joining import Group, join
from daytwo.domains.review.precedence import SYMPTOMS
from daytwo.model.finding import Finding
from daytwo.model.ref import Ref
from daytwo.model.severity import Harm
from daytwo.model.snapshot import Snapshot
from tests.domains.review.finding import deployment_ref, finding, pod_ref
from tests.objects import snapshot_document
from tests.specimen import snapshot_of

NODE = Ref("Node", "", "n1")
WEB = deployment_ref("web")
API = deployment_ref("api")


def empty() -> Snapshot:
    return snapshot_of(snapshot_document())


def only(groups: tuple[Group, ...]) -> Group:
    assert len(groups) == 1, [(group.cause, len(group.findings)) for group in groups]
    return groups[0]


def test_three_hundred_pods_of_one_deployment_are_one_group() -> None:
    """Pods in the same trouble are joined by their top owner."""
    findings = [finding("workloads/crash-looping", pod_ref(f"web-{number}"), WEB) for number in range(300)]
    assert only(join(findings, empty())).cause == WEB


def test_lost_node_owns_its_pods_and_their_workloads_shortage() -> None:
    """The shortage has no proof of its own, so it follows what explains the pods."""
    findings = [
        finding("nodes/not-ready", NODE, since="2026-11-20T07:39:00Z"),
        finding("workloads/long-not-ready", pod_ref("web-1"), WEB, because=(NODE,), since="2026-11-20T07:40:00Z"),
        finding("workloads/long-not-ready", pod_ref("api-1"), API, because=(NODE,)),
        finding("workloads/under-replicated", WEB),
        finding("network/service-without-ready-endpoints", Ref("Service", "shop", "web"), because=(WEB,)),
    ]
    group = only(join(findings, empty()))
    assert group.cause == NODE
    assert group.head.check == "nodes/not-ready"
    assert len(group.findings) == 5


def test_chain_of_causes_ends_at_the_deepest() -> None:
    """HPA → APIService → Service → the workload that crashes."""
    api_service, service = Ref("APIService", "", "v1beta1.metrics.k8s.io"), Ref("Service", "kube-system", "metrics-server")
    server = deployment_ref("metrics-server", "kube-system")
    findings = [
        finding("autoscaling/hpa-without-metrics", Ref("HorizontalPodAutoscaler", "shop", "web"), because=(api_service,)),
        finding("control-plane/apiservice-unavailable", api_service, because=(service,)),
        finding("network/service-without-ready-endpoints", service, because=(server,)),
        finding("workloads/crash-looping", pod_ref("metrics-server-1", "kube-system"), server),
    ]
    assert only(join(findings, empty())).cause == server


def test_workload_with_a_fault_of_its_own_keeps_it_beside_a_lost_node() -> None:
    """One pod on a lost node does not explain another that crashes."""
    findings = [
        finding("nodes/not-ready", NODE),
        finding("workloads/long-not-ready", pod_ref("web-1"), WEB, because=(NODE,)),
        finding("workloads/crash-looping", pod_ref("web-2"), WEB),
        finding("workloads/under-replicated", WEB),
    ]
    groups = {group.cause: group for group in join(findings, empty())}
    assert set(groups) == {NODE, WEB}
    assert {one.check for one in groups[WEB].findings} == {"workloads/crash-looping", "workloads/under-replicated"}


def test_stuck_rollout_follows_its_new_pods_and_not_the_node_an_old_one_lost() -> None:
    """Beside a lost node, the image that cannot be pulled still is why the rollout does not complete."""
    image = Ref("Image", "", "web:2")
    findings = [
        finding("nodes/not-ready", NODE),
        finding("workloads/long-not-ready", pod_ref("web-old"), WEB, because=(NODE,)),
        finding("workloads/image-not-pullable", pod_ref("web-new"), WEB, because=(image,)),
        finding("workloads/rollout-stuck", WEB),
    ]
    groups = {group.cause: {one.check for one in group.findings} for group in join(findings, empty())}
    assert groups[image] == {"workloads/image-not-pullable", "workloads/rollout-stuck"}


def test_all_findings_of_one_pod_follow_its_one_cause() -> None:
    """A pod has one cause: being not ready is explained by the image that cannot be pulled."""
    image = Ref("Image", "", "web:2")
    findings = [
        finding("workloads/image-not-pullable", pod_ref("web-1"), WEB, because=(image,)),
        finding("workloads/long-not-ready", pod_ref("web-1"), WEB),
        finding("workloads/rollout-stuck", WEB),
    ]
    assert only(join(findings, empty())).cause == image


def test_same_image_in_two_workloads_is_one_group() -> None:
    image = Ref("Image", "", "base:9")
    findings = [finding("workloads/image-not-pullable", pod_ref(f"{home.name}-1"), home, because=(image,)) for home in (WEB, API)]
    assert only(join(findings, empty())).cause == image


def test_cause_cannot_begin_long_after_its_symptom() -> None:
    """The node went away an hour after the pod broke, so it is not to blame."""
    findings = [
        finding("nodes/not-ready", NODE, since="2026-11-20T07:00:00Z"),
        finding("workloads/crash-looping", pod_ref("web-1"), WEB, because=(NODE,), since="2026-11-20T06:00:00Z"),
    ]
    assert {group.cause for group in join(findings, empty())} == {NODE, WEB}


def test_of_two_proven_causes_the_deeper_owns_unless_it_came_too_late() -> None:
    """The image could not be pulled before the node went away; had the node gone first, it would be the cause."""
    image = Ref("Image", "", "web:2")

    def caused(node_since: str) -> set[Ref]:
        pulling = finding("workloads/image-not-pullable", pod_ref("web-1"), WEB, because=(NODE, image), since="2026-11-20T07:00:00Z")
        return {group.cause for group in join([finding("nodes/not-ready", NODE, since=node_since), pulling], empty())}

    assert caused("2026-11-20T07:30:00Z") == {NODE, image}
    assert caused("2026-11-20T06:59:00Z") == {NODE}


def test_unknown_start_does_not_forbid_a_link() -> None:
    findings = [
        finding("nodes/not-ready", NODE, since="2026-11-20T07:00:00Z"),
        finding("workloads/crash-looping", pod_ref("web-1"), WEB, because=(NODE,), since="2026-11-20T06:00:00Z", exact=False),
    ]
    assert only(join(findings, empty())).cause == NODE


def test_links_in_a_circle_end() -> None:
    """Two objects that blame each other are one or two groups, never a hang."""
    findings = [
        finding("network/service-without-ready-endpoints", WEB, because=(API,)),
        finding("network/service-without-ready-endpoints", API, because=(WEB,)),
    ]
    assert sum(len(group.findings) for group in join(findings, empty())) == 2


def test_risk_of_a_workload_that_is_down_is_not_told_apart() -> None:
    """All replicas on one node matters when they run; while none does it is part of that problem."""
    findings = [
        finding("workloads/crash-looping", pod_ref("web-1"), WEB),
        finding("workloads/on-one-node", WEB, harm=Harm.ONE_EVENT_AWAY),
    ]
    assert len(only(join(findings, empty())).findings) == 2


def test_risks_stay_one_a_check() -> None:
    findings = [
        finding("workloads/on-one-node", WEB, harm=Harm.ONE_EVENT_AWAY),
        finding("disruption/budget-blocks-every-eviction", WEB, harm=Harm.ONE_EVENT_AWAY),
    ]
    assert {group.risk for group in join(findings, empty())} == {one.check for one in findings}


HOMES = [deployment_ref(name) for name in "abcd"] + [NODE, Ref("Service", "shop", "s"), Ref("Image", "", "i:1")]


@st.composite
def any_finding(draw: st.DrawFn) -> Finding:
    home = draw(st.sampled_from(HOMES))
    subject = pod_ref(f"{home.name}-{draw(st.integers(0, 3))}") if home.kind == "Deployment" and draw(st.booleans()) else home
    return finding(
        draw(st.sampled_from(["workloads/crash-looping", "workloads/image-not-pullable", "nodes/not-ready", *sorted(SYMPTOMS)])),
        subject,
        home,
        because=tuple(draw(st.lists(st.sampled_from(HOMES), max_size=2))),
        harm=draw(st.sampled_from(list(Harm))),
        since=draw(st.sampled_from(["", "2026-11-20T06:00:00Z", "2026-11-20T07:00:00Z"])),
    )


@settings(max_examples=300, deadline=None)
@given(st.lists(any_finding(), max_size=12), st.randoms(use_true_random=False))
def test_every_finding_is_in_exactly_one_group_whatever_the_order(findings: list[Finding], random: object) -> None:
    """Nothing is lost, nothing is told twice, and the order in which checks ran does not matter."""
    groups = join(findings, empty())
    joined = [one for group in groups for one in group.findings]
    for one in findings:
        assert joined.count(one) == findings.count(one)
    assert len({(group.risk, group.cause) for group in groups}) == len(groups)
    shuffled = list(findings)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    again = join(shuffled, empty())
    assert {(group.risk, group.cause) for group in again} == {(group.risk, group.cause) for group in groups}
