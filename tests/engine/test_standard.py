"""What counts once exemptions are taken out."""

from datetime import date

from msgspec.structs import replace

from daytwo import catalog
from daytwo.engine.judge import judge
from daytwo.engine.standard import Held, hold
from daytwo.model.exemption import Exemption
from daytwo.model.selector import parse_selector
from daytwo.sources.exemptions import ANNOTATION
from tests.objects import Object, deployment, snapshot_document
from tests.specimen import snapshot_of

CHECK = "workloads/rollout-paused"
OURS = Exemption(check=CHECK, reason="a release is on hold", owner="team-shop", place="exemptions.yaml:2:5")


def paused(name: str, annotations: dict[str, str] | None = None, labels: dict[str, str] | None = None) -> Object:
    found = deployment(name, 2, labels=labels or {"app": name})
    found["spec"]["paused"] = True
    found["metadata"]["annotations"] = annotations or {}
    return found


def held(*exemptions: Exemption, objects: tuple[Object, ...] = ()) -> Held:
    snapshot = snapshot_of(snapshot_document(*(objects or (paused("web"), paused("web-2")))))
    checks = [catalog.find_check(CHECK)]
    return hold(judge(snapshot, checks).findings, exemptions, snapshot, [CHECK])


def names(result: Held) -> list[str]:
    return sorted(finding.owner.name for finding in result.findings)


def test_without_exemptions_everything_counts() -> None:
    assert names(held()) == ["web", "web-2"]


def test_an_exemption_of_a_name_is_of_that_name_alone() -> None:
    """Never a prefix: web-2 begins like web."""
    result = held(replace(OURS, name="web"))
    assert names(result) == ["web-2"]
    assert [finding.exemption for finding in result.exempt] == [replace(OURS, name="web")]
    assert result.unused == ()


def test_a_domain_exempts_from_all_of_its_checks_and_another_from_none() -> None:
    assert names(held(replace(OURS, check="workloads"))) == []
    assert names(held(replace(OURS, check="work"))) == ["web", "web-2"]


def test_kind_namespace_item_and_labels_must_all_be_met() -> None:
    assert names(held(replace(OURS, kind="StatefulSet"))) == ["web", "web-2"]
    assert names(held(replace(OURS, namespace="other"))) == ["web", "web-2"]
    assert names(held(replace(OURS, item="sidecar"))) == ["web", "web-2"]
    assert names(held(replace(OURS, selector=parse_selector("app in (web)")))) == ["web-2"]


def test_one_that_is_over_counts_again_and_says_so() -> None:
    """The last day is still covered."""
    over = replace(OURS, expires=date(2026, 11, 19))
    result = held(over)
    assert names(result) == ["web", "web-2"]
    assert all(finding.lapsed == over for finding in result.findings)
    assert names(held(replace(OURS, expires=date(2026, 11, 20)))) == []


def test_one_that_still_holds_goes_before_one_that_is_over() -> None:
    over = replace(OURS, expires=date(2026, 1, 1), place="exemptions.yaml:9:5")
    assert names(held(over, OURS)) == []


def test_one_that_meets_nothing_is_told_unless_its_check_was_not_asked() -> None:
    idle = replace(OURS, name="gone")
    assert held(idle).unused == (idle,)
    assert held(replace(idle, check="network/service-with-one")).unused == ()


def test_an_annotation_exempts_its_own_object() -> None:
    text = f"- {{check: {CHECK}, reason: on hold, owner: us}}"
    result = held(objects=(paused("web", {ANNOTATION: text}), paused("web-2")))
    assert names(result) == ["web-2"]
    assert result.exempt[0].exemption is not None
    assert result.exempt[0].exemption.owner == "us"


def test_an_annotation_that_cannot_be_read_exempts_from_nothing_and_is_told() -> None:
    result = held(objects=(paused("web", {ANNOTATION: f"- {{check: {CHECK}, reason: on hold}}"}),))
    assert names(result) == ["web"]
    (note,) = result.notes
    assert '"owner" is missing' in note
    assert "Deployment shop/web: annotation" in note
