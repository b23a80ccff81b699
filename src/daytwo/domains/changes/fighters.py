"""Who would revert a change: told from the object's own marks, and from the objects of those who deliver and scale it.

Whoever cannot be looked at is named as unknown: hidden is not absent.
"""

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from daytwo.domains.changes.defaults import is_provisional
from daytwo.domains.changes.place import NOWHERE, Place, follow, is_owned, leaves, names_of, place_of, shown
from daytwo.model.call import Call
from daytwo.model.change import Apply, Change, Delete, Patch
from daytwo.model.facts import Facts, Needs
from daytwo.model.gap import Unseen
from daytwo.model.json import Json, at
from daytwo.model.kinds import BY_NAME, kind_name
from daytwo.model.live import Live
from daytwo.model.metadata import LAST_APPLIED
from daytwo.model.plan import Fighter, Plan
from daytwo.model.policy import HorizontalPodAutoscaler
from daytwo.model.right import Right
from daytwo.model.target import ResourceType, Target

RIGHTS: Final = (
    Right("list", "argoproj.io", "applications"),
    Right("list", "autoscaling", "horizontalpodautoscalers"),
    Right("list", "autoscaling.k8s.io", "verticalpodautoscalers"),
    Right("get", "helm.toolkit.fluxcd.io", "helmreleases"),
    Right("get", "keda.sh", "scaledobjects"),
    Right("get", "kustomize.toolkit.fluxcd.io", "kustomizations"),
)
"""What looking for fighters takes, beside reading the object itself."""

_APPLICATION: Final = ResourceType("argoproj.io", "v1alpha1", "applications", "Application")
_KUSTOMIZATION: Final = ResourceType("kustomize.toolkit.fluxcd.io", "v1", "kustomizations", "Kustomization")
_HELM_RELEASE: Final = ResourceType("helm.toolkit.fluxcd.io", "v2", "helmreleases", "HelmRelease")
_SCALED_OBJECT: Final = ResourceType("keda.sh", "v1alpha1", "scaledobjects", "ScaledObject")
_POD_AUTOSCALER: Final = ResourceType("autoscaling.k8s.io", "v1", "verticalpodautoscalers", "VerticalPodAutoscaler")

_TRACKING: Final = "argocd.argoproj.io/tracking-id"
_INSTANCE: Final = "app.kubernetes.io/instance"
_KUSTOMIZE: Final = "kustomize.toolkit.fluxcd.io"
_HELM: Final = "helm.toolkit.fluxcd.io"
_KEDA_LABEL: Final = "scaledobject.keda.sh/name"

_ARGO_MANAGERS: Final = ("argocd-controller", "argocd-application-controller", "argocd-server", "argocd")
_KUSTOMIZE_MANAGERS: Final = ("kustomize-controller",)
_HELM_MANAGERS: Final = ("helm-controller", "helm")
_KNOWN_MANAGERS: Final = (*_ARGO_MANAGERS, *_KUSTOMIZE_MANAGERS, *_HELM_MANAGERS)
# Managers behind which a person or a controller of Kubernetes itself stands: neither sets a field back by its own will.
_HARMLESS_MANAGERS: Final = (
    "kubectl",
    "daytwo",
    "kube-controller-manager",
    "kube-scheduler",
    "kubelet",
    "before-first-apply",
    "k9s",
    "Mozilla",
)
_SCALABLE: Final = ("Deployment", "StatefulSet", "ReplicaSet", "Rollout")


def needs_of_fighters(call: Call) -> Needs:
    """The object itself, whose marks say who owns it."""
    return Needs(objects=(call.target.main,)) if call.target is not None else Needs()


def needs_of_owners(plan: Plan, facts: Facts) -> Needs:
    """The objects that decide what its owners do, as its marks name them."""
    target = _target(plan)
    live = _seen(facts, target) if target is not None else None
    if target is None or live is None:
        return Needs()
    places = _places(plan, target, live)
    if places is None:
        return Needs()
    objects: list[Target] = []
    lists: list[Target] = []
    if _may_be_of_argo(live, target):
        lists.append(Target(_APPLICATION, "", ""))
    for type, prefix in ((_KUSTOMIZATION, _KUSTOMIZE), (_HELM_RELEASE, _HELM)):
        owner = _flux_owner(live, type, prefix)
        if owner is not None:
            objects.append(owner)
    is_scaled = _touches(places, "replicas") and target.type.name in _SCALABLE
    if _touches(places, "resources") and target.namespace:
        lists.append(Target(_POD_AUTOSCALER, target.namespace, ""))
    if is_scaled and _manager_of_keda(live):
        objects.append(Target(_SCALED_OBJECT, target.namespace, target.name))
    kinds = (HorizontalPodAutoscaler.KIND,) if is_scaled else ()
    return Needs(tuple(objects), tuple(lists), kinds, (target.namespace,) if kinds else ())


def fighters(plan: Plan, facts: Facts, owners: Facts) -> tuple[Fighter, ...]:
    """Everybody who would revert what a plan changes, or overwrite it later. `owners` are what `needs_of_owners` asked for."""
    target = _target(plan)
    if target is None or not plan.steps:
        return ()
    try:
        live = facts.live(target)
    except Unseen as unseen:
        return (Fighter("owner unknown:", "whether somebody reverts this cannot be told", str(unseen.gap)),)
    places = _places(plan, target, live) if live is not None else None
    if live is None or places is None:
        return ()
    found = [
        *_autoscalers(target, places, owners),
        *_vertical_autoscalers(target, places, owners),
        *_argo(target, live, places, owners),
        *_kustomization(live, places, owners),
        *_helm(live, places, owners),
        *_controller(target, live),
    ]
    if not found:
        found += [*_last_writers(live, places), *_next_apply(target, live, plan)]
    return tuple(found)


def reverted(change: Change, now: Live | None) -> str:
    """Of a change that was made: by whom it was taken back since, told by managedFields; empty as long as it stands."""
    if now is None or not isinstance(change, Patch | Apply):
        return ""
    kind = change.target.type.name
    for place, wanted in _wanted(change, kind, now):
        found = follow(kind, now.value, place)
        if not _is_same(found, wanted):
            who = _newest_manager(now, place)
            old = (
                next((field.old for field in change.fields if place_of(kind, now.value, field.path) == place), None)
                if isinstance(change, Patch)
                else None
            )
            verb = "reverted" if isinstance(change, Patch) and _is_same(found, old) else "changed again"
            by = f" by {who[0]}" if who is not None else ", by whom is not told"
            return f"{verb}{by}: {'.'.join(names_of(place))} is {shown(kind, place, found)}, not {shown(kind, place, wanted)}"
    return ""


# -- what is changed --------------------------------------------------------------------------------------------------


def _target(plan: Plan) -> Target | None:
    """The object itself as a request without uid names it."""
    target = plan.call.target
    return msgspec.structs.replace(target.main, uid="") if target is not None else None


def _places(plan: Plan, target: Target, live: Live) -> tuple[Place, ...] | None:
    """The places in the target that the plan changes; the whole object for a deletion; None where it changes nothing of it."""
    found: list[Place] = []
    for step in plan.steps:
        change = step.change
        if not isinstance(change, Patch | Apply | Delete) or msgspec.structs.replace(change.target.main, uid="") != target:
            continue
        kind = target.type.name
        if isinstance(change, Delete):
            # Pods are deleted so that they come back.
            found += [NOWHERE] if kind != "Pod" else []
        elif isinstance(change, Patch):
            found += [place_of(kind, live.value, field.path) for field in change.fields]
        else:
            found += [place for place, value in _wanted(change, kind, live) if not _is_same(follow(kind, live.value, place), value)]
    return tuple(dict.fromkeys(found)) or None


def _wanted(change: Patch | Apply, kind: str, live: Live) -> Iterator[tuple[Place, Json]]:
    """The fields that a change sets, each as small as it can be told."""
    if isinstance(change, Patch):
        for field in change.fields:
            yield place_of(kind, live.value, field.path), field.new
        return
    for place, value in leaves(kind, change.manifest):
        if place not in (("apiVersion",), ("kind",)) and not is_provisional(kind, place, is_new=False):
            yield place, value


def _touches(places: Iterable[Place], name: str) -> bool:
    return any(not place or name in names_of(place) for place in places)


# -- who scales it ----------------------------------------------------------------------------------------------------


def _autoscalers(target: Target, places: tuple[Place, ...], owners: Facts) -> Iterator[Fighter]:
    if ("spec", "replicas") not in places or target.type.name not in _SCALABLE:
        return
    try:
        scalers = owners.snapshot.of(HorizontalPodAutoscaler, target.namespace)
    except Unseen as unseen:
        yield Fighter("owner unknown:", "an autoscaler may set the replicas back", str(unseen.gap))
        return
    for scaler in scalers:
        if scaler.target != target.ref:
            continue
        name = scaler.labels.get(_KEDA_LABEL)
        bounds = f"{scaler.spec.min_replicas} to {scaler.spec.max_replicas} replicas"
        if name is not None:
            yield Fighter(
                f"KEDA ScaledObject {target.namespace}/{name}",
                "scales by its triggers, to and from zero too",
                f"HorizontalPodAutoscaler {scaler.ref.short} has its label",
                f"change minReplicaCount and maxReplicaCount of scaledobject/{name}",
            )
        else:
            yield Fighter(
                f"HorizontalPodAutoscaler {scaler.ref.short}",
                f"keeps it at {bounds}, by its metrics, every 15 s; at 0 it stops scaling",
                f"its scaleTargetRef is {target.type.kind} {target.name}",
                f"change the bounds of hpa/{scaler.name}",
            )


def _vertical_autoscalers(target: Target, places: tuple[Place, ...], owners: Facts) -> Iterator[Fighter]:
    if not target.namespace or not any("resources" in names_of(place) for place in places):
        return
    try:
        scalers = owners.listed(Target(_POD_AUTOSCALER, target.namespace, ""))
    except Unseen as unseen:
        yield Fighter("owner unknown:", "a VerticalPodAutoscaler may give the pods other resources", str(unseen.gap))
        return
    for scaler in scalers:
        name, mode = scaler.text("/metadata/name"), scaler.text("/spec/updatePolicy/updateMode") or "Recreate"
        if (scaler.text("/spec/targetRef/kind"), scaler.text("/spec/targetRef/name")) == (target.type.kind, target.name) and mode != "Off":
            yield Fighter(
                f"VerticalPodAutoscaler {target.namespace}/{name}",
                f"gives pods resources of its own, whatever the template says (updateMode {mode})",
                f"its targetRef is {target.type.kind} {target.name}",
                f"change the resourcePolicy of verticalpodautoscaler/{name}",
            )


def _manager_of_keda(live: Live) -> bool:
    return any(manager.startswith("keda") for manager, _, _ in _entries(live))


# -- who delivers it --------------------------------------------------------------------------------------------------


def _may_be_of_argo(live: Live, target: Target) -> bool:
    if _tracking(live):
        return _is_tracked(live, target)
    return bool(_mark(live, "labels", _INSTANCE)) or any(manager in _ARGO_MANAGERS for manager, _, _ in _entries(live))


def _tracking(live: Live) -> str:
    return _mark(live, "annotations", _TRACKING)


def _is_tracked(live: Live, target: Target) -> bool:
    """Whether the tracking id names this very object: it is copied along with everything else."""
    _, _, place = _tracking(live).partition(":")
    group_kind, _, path = place.partition(":")
    namespace, _, name = path.partition("/")
    # What has no namespace is told with the one that its application is deployed to.
    is_there = name == target.name and (namespace == target.namespace or not target.type.is_namespaced)
    return is_there and group_kind == f"{target.type.group}/{target.type.kind}"


def _argo(target: Target, live: Live, places: tuple[Place, ...], owners: Facts) -> Iterator[Fighter]:
    if not _may_be_of_argo(live, target) or _holds(live, _ARGO_MANAGERS, places) is False:
        return
    tracked = _tracking(live).partition(":")[0] if _tracking(live) else ""
    evidence = f"annotation {_TRACKING}" if tracked else "it is among the resources of the application"
    try:
        applications = owners.listed(Target(_APPLICATION, "", ""))
    except Unseen as unseen:
        if tracked:
            what = "owns it; whether and when it reverts this is unknown"
            yield Fighter(f"Argo CD application {tracked}", what, f"{evidence}; {unseen.gap}")
        else:
            yield Fighter("owner unknown:", "an Argo CD application may revert this", str(unseen.gap))
        return
    for application in applications:
        name, namespace = application.text("/metadata/name"), application.text("/metadata/namespace")
        # An application outside Argo CD's own namespace is tracked as NAMESPACE_NAME.
        is_named = tracked in (name, f"{namespace}_{name}") if tracked else _has_resource(application, target)
        if is_named:
            yield _argo_fighter(application, f"{namespace}/{name}", evidence, places)


def _argo_fighter(application: Live, name: str, evidence: str, places: tuple[Place, ...]) -> Fighter:
    automated = application.at("/spec/syncPolicy/automated")
    is_automated = isinstance(automated, dict) and automated.get("enabled") is not False
    heals = is_automated and isinstance(automated, dict) and automated.get("selfHeal") is True
    ignored = _ignores(application, places)
    source = application.text("/spec/source/repoURL")
    where = f" ({source}{f', {path}' if (path := application.text('/spec/source/path')) else ''})" if source else ""
    owner = application.at("/metadata/ownerReferences/0/kind")
    instead = f"change it in Git{where}"
    if owner == "ApplicationSet":
        instead += "; switching off its auto-sync has no effect, an ApplicationSet owns it"
    if heals and not ignored:
        return Fighter(f"Argo CD application {name}", "reverts it within seconds (selfHeal)", evidence, instead)
    how = "ignores this field until it syncs, then may overwrite it" if ignored else "overwrites it at the next sync"
    when = " (automatic, with the next commit)" if is_automated else " (by hand)"
    return Fighter(f"Argo CD application {name}", how + when, evidence, instead, is_later=True)


def _ignores(application: Live, places: tuple[Place, ...]) -> bool:
    """Whether ignoreDifferences names every place that is changed. Expressions (jq) are not understood, so they ignore nothing."""
    rules = application.at("/spec/ignoreDifferences")
    pointers = [
        pointer
        for rule in (rules if isinstance(rules, list) else ())
        for pointer in _list(at(rule, "/jsonPointers"))
        if isinstance(pointer, str)
    ]
    return bool(pointers) and all(any(f"/{'/'.join(names_of(place))}/".startswith(f"{each}/") for each in pointers) for place in places)


def _has_resource(application: Live, target: Target) -> bool:
    return any(
        (at(one, "/group") or "", at(one, "/kind"), at(one, "/namespace") or "", at(one, "/name"))
        == (target.type.group, target.type.kind, target.namespace, target.name)
        for one in _list(application.at("/status/resources"))
    )


def _flux_owner(live: Live, type: ResourceType, prefix: str) -> Target | None:
    name, namespace = _mark(live, "labels", f"{prefix}/name"), _mark(live, "labels", f"{prefix}/namespace")
    return Target(type, namespace, name) if name and namespace else None


def _kustomization(live: Live, places: tuple[Place, ...], owners: Facts) -> Iterator[Fighter]:
    owner = _flux_owner(live, _KUSTOMIZATION, _KUSTOMIZE)
    if owner is None or _holds(live, _KUSTOMIZE_MANAGERS, places) is False:
        return
    if _mark(live, "annotations", f"{_KUSTOMIZE}/reconcile").lower() == "disabled":
        return
    if {"ifnotpresent", "ignore"} & {one.strip().lower() for one in _mark(live, "annotations", f"{_KUSTOMIZE}/ssa").split(",")}:
        return
    who, evidence, instead = f"Flux Kustomization {owner.ref.short}", f"its labels {_KUSTOMIZE}/name and /namespace", "change it in Git"
    try:
        found = owners.live(owner)
    except Unseen as unseen:
        yield Fighter(who, "reverts it at its next reconciliation; when that is, is unknown", f"{evidence}; {unseen.gap}", instead)
        return
    if found is None:
        # A label that was left behind: whoever it names is gone.
        return
    if found.at("/spec/suspend") is True:
        yield Fighter(who, "is suspended, and reverts it when it is resumed", evidence, instead, is_later=True)
        return
    yield Fighter(who, f"reverts it at its next reconciliation, every {found.text('/spec/interval') or '?'}", evidence, instead)


def _helm(live: Live, places: tuple[Place, ...], owners: Facts) -> Iterator[Fighter]:
    if _holds(live, _HELM_MANAGERS, places) is False:
        return
    owner = _flux_owner(live, _HELM_RELEASE, _HELM)
    if owner is not None:
        yield from _helm_release(owner, owners)
        return
    release = _mark(live, "annotations", "meta.helm.sh/release-name")
    if release and _mark(live, "labels", "app.kubernetes.io/managed-by") == "Helm":
        namespace = _mark(live, "annotations", "meta.helm.sh/release-namespace")
        yield Fighter(
            f"Helm release {namespace}/{release}",
            "sets the chart's fields again at the next upgrade or rollback",
            "its annotation meta.helm.sh/release-name",
            "change the release's values",
            is_later=True,
        )


def _helm_release(owner: Target, owners: Facts) -> Iterator[Fighter]:
    who, evidence = f"Flux HelmRelease {owner.ref.short}", f"its labels {_HELM}/name and /namespace"
    instead = "change the release's values in Git"
    try:
        found = owners.live(owner)
    except Unseen as unseen:
        yield Fighter(who, "owns it; whether and when it reverts this is unknown", f"{evidence}; {unseen.gap}", instead)
        return
    if found is None:
        return
    mode = found.text("/spec/driftDetection/mode")
    if mode == "enabled" and found.at("/spec/suspend") is not True:
        yield Fighter(who, f"reverts it at its next reconciliation, every {found.text('/spec/interval') or '?'}", evidence, instead)
    else:
        yield Fighter(who, "sets the chart's fields again at the next upgrade", evidence, instead, is_later=True)


# -- who else writes it -----------------------------------------------------------------------------------------------


def _controller(target: Target, live: Live) -> Iterator[Fighter]:
    """The owner that controls it: a Deployment its ReplicaSets, an operator everything that it made."""
    if target.type.name == "Pod":
        return
    for owner in _list(live.at("/metadata/ownerReferences")):
        if not isinstance(owner, dict) or owner.get("controller") is not True:
            continue
        api_version, kind, name = str(owner.get("apiVersion")), str(owner.get("kind")), str(owner.get("name"))
        is_known = kind_name(api_version, kind) in BY_NAME
        if is_known and kind not in ("Deployment", "Rollout"):
            continue
        command = f"{kind.lower()}/{name}"
        what = "sets it back within seconds" if is_known else "usually reverts it within seconds"
        yield Fighter(f"{kind} {name}", what, "it is its controlling owner", f"change {command} instead")


def _last_writers(live: Live, places: tuple[Place, ...]) -> Iterator[Fighter]:
    """Whoever wrote the very fields last and is neither a person's tool nor Kubernetes itself."""
    told: set[str] = set()
    for place in places:
        newest = _newest_manager(live, place) if place else None
        if newest is None:
            continue
        manager, time = newest
        is_harmless = manager.startswith(_HARMLESS_MANAGERS) or manager in _KNOWN_MANAGERS
        if not is_harmless and manager not in told:
            told.add(manager)
            evidence = f"managedFields{f', {time}' if time else ''}"
            yield Fighter(manager, f"has set {'.'.join(names_of(place))} last, and may do so again", evidence, f"ask who runs {manager}")


def _next_apply(target: Target, live: Live, plan: Plan) -> Iterator[Fighter]:
    """Whoever applies the same manifest again from the client: it sets back every field that the manifest names."""
    try:
        applied: Json = msgspec.json.decode(_mark(live, "annotations", LAST_APPLIED) or "null")
    except msgspec.DecodeError:
        return
    kind = target.type.name
    for step in plan.steps:
        if not isinstance(step.change, Patch):
            continue
        for place, wanted in _wanted(step.change, kind, live):
            named = follow(kind, applied, place)
            if named is not None and not _is_same(named, wanted):
                what = f"of the same manifest sets {'.'.join(names_of(place))} back"
                yield Fighter("the next kubectl apply", what, f"annotation {LAST_APPLIED}", "change the manifest as well", is_later=True)
                return


def _newest_manager(live: Live, place: Place) -> tuple[str, str] | None:
    """Who wrote this place last, and when (RFC 3339)."""
    found = [(time, manager) for manager, time, fields in _entries(live) if is_owned(fields, place)]
    return max(((manager, time) for time, manager in found), key=lambda one: one[1], default=None)


def _holds(live: Live, managers: tuple[str, ...], places: tuple[Place, ...]) -> bool | None:
    """Whether one of these managers has written any of the places; None when it is not told what they wrote."""
    fields = [fields for manager, _, fields in _entries(live) if manager in managers]
    if not fields:
        return None
    return any(not place or is_owned(one, place) for one in fields for place in places)


def _entries(live: Live) -> Iterator[tuple[str, str, Json]]:
    """Manager, time and field tree of each entry of managedFields."""
    for entry in _list(live.at("/metadata/managedFields")):
        if isinstance(entry, dict):
            yield str(entry.get("manager") or ""), str(entry.get("time") or ""), entry.get("fieldsV1")


def _mark(live: Live, where: str, key: str) -> str:
    marks = live.at(f"/metadata/{where}")
    found = marks.get(key) if isinstance(marks, dict) else None
    return found if isinstance(found, str) else ""


def _seen(facts: Facts, target: Target) -> Live | None:
    try:
        return facts.live(target)
    except Unseen:
        return None


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


_encode = msgspec.json.Encoder(order="deterministic").encode


def _is_same(one: Json, other: Json) -> bool:
    return type(one) is type(other) and _encode(one) == _encode(other)
