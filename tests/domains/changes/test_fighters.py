"""Who would revert a change: read off the object and its owners; who cannot be looked at is unknown, and who does not care is silent."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from daytwo.domains.changes.fighters import fighters, needs_of_fighters, needs_of_owners, reverted
from daytwo.model.call import Call
from daytwo.model.change import Apply, Change, Delete, FieldChange, Patch
from daytwo.model.cluster import Cluster
from daytwo.model.facts import Facts
from daytwo.model.gap import Gap
from daytwo.model.json import Json, Object
from daytwo.model.live import Live
from daytwo.model.metadata import Metadata
from daytwo.model.plan import Fighter, Plan
from daytwo.model.policy import AutoscalerSpec, HorizontalPodAutoscaler
from daytwo.model.snapshot import Reading, Snapshot
from daytwo.model.step import Step
from daytwo.model.target import Target, built_in
from daytwo.model.workload import ObjectReference

AT = datetime(2026, 11, 21, tzinfo=UTC)
WEB = built_in("Deployment", "shop", "web")
REPLICAS: Object = {"f:spec": {"f:replicas": {}}}
IMAGE: Object = {"f:spec": {"f:template": {"f:spec": {"f:containers": {'k:{"name":"app"}': {".": {}, "f:image": {}}}}}}}
SCALE = Patch(WEB, (FieldChange("/spec/replicas", old=2, new=5),))
SET_IMAGE = Patch(WEB, (FieldChange("/spec/template/spec/containers/0/image", old="web:1", new="web:2"),))
SET_RESOURCES = Patch(WEB, (FieldChange("/spec/template/spec/containers/0/resources", new={"limits": {"cpu": "1"}}),))
RESTART = Patch(WEB, (FieldChange("/spec/template/metadata/annotations/kubectl.kubernetes.io~1restartedAt", new="now"),))


def web(
    labels: Mapping[str, Json] | None = None,
    annotations: Mapping[str, Json] | None = None,
    owner: Mapping[str, Json] | None = None,
    **managers: Json,
) -> Live:
    metadata: Object = {
        "name": "web",
        "namespace": "shop",
        "uid": "u",
        "labels": {**(labels or {})},
        "annotations": {**(annotations or {})},
    }
    metadata["managedFields"] = [
        {"manager": name.replace("_", "-"), "time": f"2026-11-2{number}T00:00:00Z", "fieldsV1": fields}
        for number, (name, fields) in enumerate(managers.items())
    ]
    if owner is not None:
        metadata["ownerReferences"] = [{**owner}]
    template: Json = {"spec": {"containers": [{"name": "app", "image": "web:1"}]}}
    return Live({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": {"replicas": 2, "template": template}})


def scaler(name: str = "web", target: str = "web", **labels: str) -> HorizontalPodAutoscaler:
    spec = AutoscalerSpec(ObjectReference(kind="Deployment", name=target), 2, 8)
    return HorizontalPodAutoscaler(metadata=Metadata(name=name, namespace="shop", labels=labels), spec=spec)


def application(**spec: Json) -> Object:
    source: Json = {"repoURL": "https://git.example/shop", "path": "web"}
    metadata: Json = {"name": "shop", "namespace": "argocd"}
    resource: Json = {"group": "apps", "kind": "Deployment", "namespace": "shop", "name": "web"}
    return {"metadata": metadata, "spec": {"source": source, **spec}, "status": {"resources": [resource]}}


def automated(**more: Json) -> Object:
    return application(syncPolicy={"automated": {**more}})


def asked(change: Change, live: Live | None, *owners: Object | HorizontalPodAutoscaler, gap: str = "") -> tuple[Fighter, ...]:
    """The fighters, told from the owners that were asked for and no others; with a gap none of them could be read."""
    target = WEB
    call = Call("any", target)
    plan = Plan(call, "", (Step("", call, change),))
    snapshot = Snapshot(AT, Cluster("test", uid="c"), {}, {})
    facts = Facts(AT, snapshot, {needs_of_fighters(call).objects[0]: live})
    needs = needs_of_owners(plan, facts)
    scalers = tuple(one for one in owners if isinstance(one, HorizontalPodAutoscaler))
    objects = [Live(one) for one in owners if isinstance(one, dict)]
    hidden = {target: Gap("kubernetes", str(target), gap) for target in (*needs.objects, *needs.lists)} if gap else {}
    if needs.kinds and not gap:
        snapshot = Snapshot(AT, snapshot.cluster, {"HorizontalPodAutoscaler": scalers}, {"HorizontalPodAutoscaler": Reading()})
    found = Facts(
        AT,
        snapshot,
        {target: next(iter(objects), None) for target in needs.objects},
        hidden,
        {target: tuple(objects) for target in needs.lists},
    )
    return fighters(plan, facts, found)


ARGO: Mapping[str, Json] = {"argocd.argoproj.io/tracking-id": "shop:apps/Deployment:shop/web"}
FLUX: Mapping[str, Json] = {"kustomize.toolkit.fluxcd.io/name": "apps", "kustomize.toolkit.fluxcd.io/namespace": "flux"}
FLUX_HELM: Mapping[str, Json] = {"helm.toolkit.fluxcd.io/name": "apps", "helm.toolkit.fluxcd.io/namespace": "flux"}
HELM: Mapping[str, Json] = {"meta.helm.sh/release-name": "web", "meta.helm.sh/release-namespace": "shop"}
BY_HELM: Mapping[str, Json] = {"app.kubernetes.io/managed-by": "Helm"}
OPERATOR: Mapping[str, Json] = {"apiVersion": "example.com/v1", "kind": "Shop", "name": "main", "controller": True}
APPLIED: Mapping[str, Json] = {"kubectl.kubernetes.io/last-applied-configuration": '{"spec":{"replicas":2}}'}


@pytest.mark.parametrize(
    ("change", "live", "owners", "told"),
    [
        pytest.param(SCALE, web(), (), [], id="nobody"),
        pytest.param(SCALE, web(), (scaler(),), ["HorizontalPodAutoscaler shop/web keeps it at 2 to 8 replicas"], id="HPA"),
        pytest.param(SCALE, web(), (scaler(target="other"),), [], id="an HPA of another"),
        pytest.param(SET_IMAGE, web(), (scaler(),), [], id="an HPA does not mind images"),
        pytest.param(SCALE, web(), (scaler(**{"scaledobject.keda.sh/name": "w"}),), ["KEDA ScaledObject shop/w scales"], id="KEDA"),
        pytest.param(
            SCALE,
            web(annotations=ARGO),
            (automated(selfHeal=True),),
            ["Argo CD application argocd/shop reverts it within seconds (selfHeal)"],
            id="Argo CD heals",
        ),
        pytest.param(
            SCALE,
            web(annotations=ARGO),
            (automated(),),
            ["later: Argo CD application argocd/shop overwrites it at the next sync (automatic"],
            id="Argo CD syncs with the next commit",
        ),
        pytest.param(
            SCALE,
            web(annotations=ARGO),
            (automated(enabled=False, selfHeal=True),),
            ["later: Argo CD application argocd/shop overwrites it at the next sync (by hand)"],
            id="switched off",
        ),
        pytest.param(
            SCALE,
            web(annotations=ARGO),
            (application(syncPolicy={"automated": {"selfHeal": True}}, ignoreDifferences=[{"jsonPointers": ["/spec/replicas"]}]),),
            ["later: Argo CD application argocd/shop ignores this field until it syncs"],
            id="Argo CD is told to ignore replicas",
        ),
        pytest.param(
            SCALE,
            web(annotations={"argocd.argoproj.io/tracking-id": "shop:apps/Deployment:shop/web-old"}),
            (automated(selfHeal=True),),
            [],
            id="a tracking id that was copied with the object",
        ),
        pytest.param(
            SCALE,
            web(annotations={"argocd.argoproj.io/tracking-id": "shop:apps/Deployment:staging/web"}),
            (automated(selfHeal=True),),
            [],
            id="a tracking id that was copied from another namespace",
        ),
        pytest.param(
            SCALE,
            web(labels=FLUX, custom_scaler=REPLICAS),
            ({"spec": {"interval": "10m"}},),
            ["Flux Kustomization flux/apps reverts it"],
            id="where the owner is known, nobody else is suspected",
        ),
        pytest.param(
            RESTART,
            web(annotations=ARGO, argocd_controller=IMAGE),
            (automated(selfHeal=True),),
            [],
            id="Argo CD never wrote the restart annotation",
        ),
        pytest.param(
            SET_IMAGE,
            web(labels={"app.kubernetes.io/instance": "web"}),
            (automated(selfHeal=True),),
            ["Argo CD application argocd/shop reverts it"],
            id="tracked by label, and named by the application",
        ),
        pytest.param(
            SET_IMAGE,
            web(labels={"app.kubernetes.io/instance": "web"}),
            ({"metadata": {"name": "web", "namespace": "argocd"}},),
            [],
            id="an instance label that a chart has set",
        ),
        pytest.param(
            SCALE,
            web(labels=FLUX),
            ({"spec": {"interval": "10m"}},),
            ["Flux Kustomization flux/apps reverts it at its next reconciliation, every 10m"],
            id="Flux",
        ),
        pytest.param(
            SCALE, web(labels=FLUX), ({"spec": {"suspend": True}},), ["later: Flux Kustomization flux/apps is suspended"], id="suspended"
        ),
        pytest.param(SCALE, web(labels=FLUX, kustomize_controller=IMAGE), ({"spec": {"interval": "10m"}},), [], id="not in Git"),
        pytest.param(
            SCALE,
            web(labels=FLUX, annotations={"kustomize.toolkit.fluxcd.io/reconcile": "disabled"}),
            ({"spec": {"interval": "10m"}},),
            [],
            id="Flux is told to leave it",
        ),
        pytest.param(SCALE, web(labels=FLUX), (), [], id="a label that was left behind by Flux"),
        pytest.param(
            SCALE,
            web(labels=FLUX_HELM),
            ({"spec": {"interval": "1h", "driftDetection": {"mode": "enabled"}}},),
            ["Flux HelmRelease flux/apps reverts it at its next reconciliation, every 1h"],
            id="a HelmRelease that detects drift",
        ),
        pytest.param(SCALE, web(labels=FLUX_HELM), ({"spec": {}},), ["later: Flux HelmRelease flux/apps sets"], id="one that does not"),
        pytest.param(SCALE, web(labels=BY_HELM, annotations=HELM), (), ["later: Helm release shop/web sets"], id="Helm"),
        pytest.param(SCALE, web(owner=OPERATOR), (), ["Shop main usually reverts it within seconds"], id="an operator"),
        pytest.param(
            SET_RESOURCES,
            web(),
            ({"metadata": {"name": "v"}, "spec": {"targetRef": {"kind": "Deployment", "name": "web"}}},),
            ["VerticalPodAutoscaler shop/v gives pods resources of its own, whatever the template says (updateMode Recreate)"],
            id="VPA",
        ),
        pytest.param(SCALE, web(custom_scaler=REPLICAS), (), ["custom-scaler has set spec.replicas last"], id="an unknown manager"),
        pytest.param(SCALE, web(custom_scaler=REPLICAS, kubectl_scale=REPLICAS), (), [], id="a person was later"),
        pytest.param(SET_IMAGE, web(custom_scaler=REPLICAS), (), [], id="a manager of another field"),
        pytest.param(
            SCALE, web(annotations=APPLIED), (), ["later: the next kubectl apply of the same manifest sets spec.replicas"], id="apply"
        ),
        pytest.param(SET_IMAGE, web(annotations=APPLIED), (), [], id="an applied manifest that does not name the field"),
        pytest.param(
            Apply(WEB, {"spec": {"replicas": 5, "template": {"spec": {"containers": [{"name": "app", "image": "web:1"}]}}}}),
            web(custom_scaler=REPLICAS, other=IMAGE),
            (),
            ["custom-scaler has set spec.replicas last"],
            id="an apply fights for what it changes only",
        ),
        pytest.param(
            Delete(WEB), web(annotations=ARGO), (automated(selfHeal=True),), ["Argo CD application argocd/shop reverts"], id="delete"
        ),
    ],
)
def test_who_would_revert_it(change: Change, live: Live, owners: tuple[Object | HorizontalPodAutoscaler, ...], told: list[str]) -> None:
    """Each row: a change, the object, the owners that exist, and whom the plan must name; `later` do not revert it by themselves."""
    found = [f"{'later: ' if one.is_later else ''}{one.who} {one.what}" for one in asked(change, live, *owners)]
    assert len(found) == len(told), found
    assert all(one.startswith(wanted) for one, wanted in zip(found, told, strict=True)), found


@pytest.mark.parametrize(
    ("change", "live", "who"),
    [
        (SCALE, web(), "owner unknown:"),
        (SET_RESOURCES, web(), "owner unknown:"),
        (SET_IMAGE, web(annotations=ARGO), "Argo CD application shop"),
        (SET_IMAGE, web(labels={"app.kubernetes.io/instance": "web"}), "owner unknown:"),
        (SET_IMAGE, web(labels=FLUX), "Flux Kustomization flux/apps"),
        (SET_IMAGE, web(labels=FLUX_HELM), "Flux HelmRelease flux/apps"),
    ],
)
def test_an_owner_that_may_not_be_read_is_unknown_and_never_absent(change: Change, live: Live, who: str) -> None:
    """403 on autoscalers, applications, kustomizations: the plan says so and asks."""
    (found,) = asked(change, live, gap="forbidden for user viewer")
    assert found.who == who
    assert not found.is_later
    assert "forbidden" in found.evidence or "not part of this snapshot" in found.evidence


def test_the_one_who_reverted_is_named() -> None:
    """By the newest entry of managedFields for the very field; what stands is not reverted."""
    assert reverted(SCALE, Live({"spec": {"replicas": 5}})) == ""
    assert reverted(SCALE, web(daytwo=REPLICAS, argocd_controller=REPLICAS)) == "reverted by argocd-controller: spec.replicas is 2, not 5"
    moved = web(daytwo=REPLICAS)
    moved.value["spec"]["replicas"] = 7  # type: ignore[call-overload,index]
    assert reverted(SCALE, moved) == "changed again by daytwo: spec.replicas is 7, not 5"
    assert reverted(SCALE, Live({"spec": {"replicas": 2}})) == "reverted, by whom is not told: spec.replicas is 2, not 5"
    target: Target = WEB
    assert reverted(Apply(target, {"spec": {"replicas": 5}}), web(x=REPLICAS)) == "changed again by x: spec.replicas is 2, not 5"
