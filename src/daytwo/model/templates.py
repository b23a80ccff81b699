"""Who would run pods with certain labels: what a selector matches, told from the templates and not from the pods of the moment."""

from collections.abc import Mapping, Sequence
from typing import Final

from daytwo.model.foreign import ForeignObject
from daytwo.model.gap import Gap, Unseen
from daytwo.model.gitops import Application, HelmRelease, Kustomization
from daytwo.model.kinds import WORKLOAD_KINDS
from daytwo.model.metadata import Resource
from daytwo.model.monitoring import Prometheus, PrometheusAgent
from daytwo.model.pod import Pod
from daytwo.model.ref import Cell, Ref
from daytwo.model.runnable import Runnable
from daytwo.model.selector import Selector
from daytwo.model.snapshot import Snapshot

# Kinds, and whole groups of kinds, whose objects only configure, route, store or watch: they make no pods in their own namespace.
_MAKES_NO_PODS: Final = frozenset(
    {
        "AlertmanagerConfig.monitoring.coreos.com",
        "AnalysisTemplate.argoproj.io",
        "AppProject.argoproj.io",
        "Probe.monitoring.coreos.com",
        "PrometheusRule.monitoring.coreos.com",
        "ScrapeConfig.monitoring.coreos.com",
        "VerticalPodAutoscaler.autoscaling.k8s.io",
        "acme.cert-manager.io",
        "admissionregistration.k8s.io",
        "bitnami.com",
        "cert-manager.io",
        "cilium.io",
        "external-secrets.io",
        "externaldns.k8s.io",
        "gateway.networking.k8s.io",
        "generators.external-secrets.io",
        "keda.sh",
        "kustomize.config.k8s.io",
        "kyverno.io",
        "monitoring.googleapis.com",
        "networking.istio.io",
        "networking.k8s.io",
        "rbac.authorization.k8s.io",
        "security.istio.io",
        "snapshot.storage.k8s.io",
        "source.toolkit.fluxcd.io",
        "storage.k8s.io",
        "telemetry.istio.io",
        "traefik.io",
    }
)
# Labels that controllers write into pods; Argo Rollouts puts its own into the selectors of Services as well.
# Source: https://kubernetes.io/docs/reference/labels-annotations-taints/
_BY_CONTROLLERS: Final = frozenset(
    {
        "apps.kubernetes.io/pod-index",
        "batch.kubernetes.io/controller-uid",
        "batch.kubernetes.io/job-completion-index",
        "batch.kubernetes.io/job-name",
        "controller-revision-hash",
        "controller-uid",
        "job-name",
        "pod-template-generation",
        "pod-template-hash",
        "rollouts-pod-template-hash",
        "statefulset.kubernetes.io/pod-name",
    }
)
# What a pod is among its equals, which whoever elects the leader writes into its labels.
_ROLES: Final = frozenset({"active", "follower", "leader", "master", "primary", "reader", "replica", "secondary", "standby", "writer"})
# Labels, and prefixes of labels, of pods that only exist at times, or that a controller makes for an object of its own: Jobs,
# cert-manager's solvers, gateways, workflows, pipelines, runners.
_OF_PASSING_PODS: Final = frozenset(
    {
        "acme.cert-manager.io",
        "actions.github.com",
        "batch.kubernetes.io",
        "controller-uid",
        "gateway.envoyproxy.io",
        "gateway.networking.k8s.io",
        "job-name",
        "job.runner.gitlab.com",
        "spark-role",
        "tekton.dev",
        "workflows.argoproj.io",
    }
)


def require_templates(snapshot: Snapshot, namespace: str) -> None:
    """Raises Unseen unless whatever may run pods in a namespace was looked at: without that, nobody can say that none matches.

    The kinds are asked for together. Files seldom hold one of each, so there it takes some workload of that namespace, and nothing
    of a kind that daytwo has no model of and that may make pods itself: an operator's object, a chart still to be rendered.
    """
    if not snapshot.is_of_files:
        for kind in (*WORKLOAD_KINDS, Pod.KIND):
            snapshot.require(kind, namespace)
        return
    cell = Cell("Deployment", namespace)
    if namespace not in snapshot.once(_by_namespace):
        raise Unseen(Gap("files", f"workloads of namespace {namespace}", "not among these files", cell))
    maker = maker_in(namespace, snapshot)
    if maker is not None:
        raise Unseen(Gap("files", f"pods of namespace {namespace}", f"{maker.kind} {maker.name} may make some", cell))


def maker_in(namespace: str, snapshot: Snapshot) -> Ref | None:
    """An object of a namespace from which a controller may make pods and Services that stand in no file; None when there is none."""
    makers: list[Resource] = [one for one in snapshot.seen(ForeignObject, namespace) if _may_make_pods(one)]
    makers += [*snapshot.seen(Prometheus, namespace), *snapshot.seen(PrometheusAgent, namespace)]
    makers += [*snapshot.seen(HelmRelease, namespace), *snapshot.seen(Kustomization, namespace), *snapshot.seen(Application, namespace)]
    return makers[0].ref if makers else None


def templates_of(namespace: str, snapshot: Snapshot) -> Sequence[Runnable]:
    """Whatever runs pods in one namespace, as far as it was seen."""
    return snapshot.once(_by_namespace).get(namespace, ())


def templates_selected(selector: Selector, namespace: str, snapshot: Snapshot) -> tuple[Runnable, ...]:
    """Of one namespace those whose pods a selector matches, found by its rarest label. The empty selector matches all.

    Labels that pods only get after their template, from a controller or by the role they take, are not asked of templates.
    """
    selector = declared_part(selector)
    candidates: Sequence[Runnable] = templates_of(namespace, snapshot)
    by_label = snapshot.once(_by_label)
    for label in selector.match_labels.items():
        carriers = by_label.get((namespace, *label), ())
        candidates = carriers if len(carriers) < len(candidates) else candidates
    return tuple(one for one in candidates if selector.matches(one.pod_labels))


def selects_some(selector: Selector, namespace: str, snapshot: Snapshot) -> bool:
    """Whether there is something to select. Pods count beside templates: webhooks and operators add labels to them.

    Raises Unseen where none was seen and not everything was looked at.
    """
    if templates_selected(selector, namespace, snapshot) or snapshot.select_pods(selector, namespace):
        return True
    require_templates(snapshot, namespace)
    return False


def declared_part(selector: Selector) -> Selector:
    """A selector without what asks for labels that no template carries."""
    if not any(_is_given_later(key, (value,)) for key, value in selector.match_labels.items()) and not any(
        _is_given_later(one.key, one.values) for one in selector.match_expressions
    ):
        return selector
    return Selector(
        {key: value for key, value in selector.match_labels.items() if not _is_given_later(key, (value,))},
        tuple(one for one in selector.match_expressions if not _is_given_later(one.key, one.values)),
    )


def _is_given_later(key: str, values: tuple[str, ...]) -> bool:
    return key in _BY_CONTROLLERS or (bool(values) and _ROLES.issuperset(values))


def is_of_passing_pods(selector: Selector) -> bool:
    """Whether it is meant for pods that only exist at times, or that a controller names after an object of its own."""
    keys = {*selector.match_labels, *(requirement.key for requirement in selector.match_expressions)}
    return any(key in _OF_PASSING_PODS or key.partition("/")[0] in _OF_PASSING_PODS for key in keys)


def _may_make_pods(found: ForeignObject) -> bool:
    return found.kind not in _MAKES_NO_PODS and found.kind.partition(".")[2] not in _MAKES_NO_PODS


def _by_namespace(snapshot: Snapshot) -> Mapping[str, list[Runnable]]:
    found: dict[str, list[Runnable]] = {}
    for runnable in snapshot.runnables:
        found.setdefault(runnable.namespace, []).append(runnable)
    return found


def _by_label(snapshot: Snapshot) -> Mapping[tuple[str, str, str], list[Runnable]]:
    found: dict[tuple[str, str, str], list[Runnable]] = {}
    for runnable in snapshot.runnables:
        for key, value in runnable.pod_labels.items():
            found.setdefault((runnable.namespace, key, value), []).append(runnable)
    return found
