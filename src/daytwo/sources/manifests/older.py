"""Objects of API versions that came before the one daytwo models, said as that one says it.

Source: https://kubernetes.io/docs/reference/using-api/deprecation-guide/ (what changed from one version to the next), and the
API types of the versions themselves (k8s.io/api).
"""

from base64 import b64encode
from collections.abc import Callable
from typing import Final

from daytwo.model.json import Json, Object
from daytwo.model.kinds import BY_NAME, kind_name

# Kinds that moved from one group to another.
_MOVED: Final = {
    ("extensions", "Deployment"): "apps",
    ("extensions", "DaemonSet"): "apps",
    ("extensions", "ReplicaSet"): "apps",
    ("extensions", "Ingress"): "networking.k8s.io",
    ("extensions", "NetworkPolicy"): "networking.k8s.io",
}


def current(api_version: str, kind: str, value: Object) -> tuple[str, Object]:
    """The unique name of an object's kind, and the object as the version that daytwo models would write it."""
    group, _, version = api_version.rpartition("/")
    moved = _MOVED.get((group, kind))
    name = kind_name(f"{moved}/v1" if moved else api_version, kind)
    known = BY_NAME.get(name)
    if known is None:
        return name, value
    if kind == "Secret":
        return name, _with_string_data(value)
    if version == known.version and not moved:
        return name, value
    change = _CHANGES.get((name, version))
    value = change(value) if change is not None else value
    return name, {**value, "apiVersion": f"{known.group}/{known.version}" if known.group else known.version}


def _with_string_data(value: Object) -> Object:
    """As the API server stores it: `stringData` is folded into `data`."""
    given = value.get("stringData")
    if not isinstance(given, dict):
        return value
    encoded: Object = {key: b64encode(text.encode("utf-8", "replace")).decode() for key, text in given.items() if isinstance(text, str)}
    rest = {key: found for key, found in value.items() if key != "stringData"}
    return {**rest, "data": {**_object(value.get("data")), **encoded}}


def _selecting_its_own(value: Object) -> Object:
    """Before apps/v1 the selector was filled in from the labels of the pod template."""
    spec = _object(value.get("spec"))
    if spec.get("selector"):
        return value
    labels = _object(_object(_object(spec.get("template")).get("metadata")).get("labels"))
    return {**value, "spec": {**spec, "selector": {"matchLabels": labels}}} if labels else value


def _budget(value: Object) -> Object:
    """An empty selector selected nothing in v1beta1; in v1 it selects all."""
    spec = _object(value.get("spec"))
    selector = spec.get("selector")
    if not isinstance(selector, dict) or selector.get("matchLabels") or selector.get("matchExpressions"):
        return value
    return {**value, "spec": {key: found for key, found in spec.items() if key != "selector"}}


def _ingress(value: Object) -> Object:
    spec = dict(_object(value.get("spec")))
    if "backend" in spec:
        spec["defaultBackend"] = _backend(spec.pop("backend"))
    rules = spec.get("rules")
    if isinstance(rules, list):
        spec["rules"] = [_rule(rule) for rule in rules]
    return {**value, "spec": spec}


def _rule(rule: Json) -> Json:
    http = _object(rule).get("http")
    paths = _object(http).get("paths")
    if not isinstance(rule, dict) or not isinstance(http, dict) or not isinstance(paths, list):
        return rule
    return {**rule, "http": {**http, "paths": [_path(path) for path in paths]}}


def _path(path: Json) -> Json:
    if not isinstance(path, dict):
        return path
    changed = {"pathType": "ImplementationSpecific", **path}
    return {**changed, "backend": _backend(path["backend"])} if "backend" in path else changed


def _backend(backend: Json) -> Json:
    if not isinstance(backend, dict) or "serviceName" not in backend:
        return backend
    port = backend.get("servicePort")
    rest = {key: found for key, found in backend.items() if key not in ("serviceName", "servicePort")}
    return {**rest, "service": {"name": backend["serviceName"], "port": {"name" if isinstance(port, str) else "number": port}}}


def _autoscaler_v1(value: Object) -> Object:
    spec = dict(_object(value.get("spec")))
    target = spec.pop("targetCPUUtilizationPercentage", None)
    if target is not None:
        metric: Object = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": target}}
        spec["metrics"] = [{"type": "Resource", "resource": metric}]
    return {**value, "spec": spec}


def _autoscaler_v2beta1(value: Object) -> Object:
    spec = _object(value.get("spec"))
    metrics = spec.get("metrics")
    if not isinstance(metrics, list):
        return value
    return {**value, "spec": {**spec, "metrics": [_metric(metric) for metric in metrics]}}


def _metric(metric: Json) -> Json:
    if not isinstance(metric, dict):
        return metric
    changed = dict(metric)
    for sort in ("resource", "containerResource", "pods", "object", "external"):
        source = metric.get(sort)
        if isinstance(source, dict):
            changed[sort] = _metric_source(source, sort)
    return changed


def _metric_source(source: Object, sort: str) -> Object:
    """`targetAverageUtilization: 80` became `target: {type: Utilization, averageUtilization: 80}`."""
    found: Object = {key: source[key] for key in ("name", "container") if key in source}
    target: Object = {}
    if "targetAverageUtilization" in source:
        target = {"type": "Utilization", "averageUtilization": source["targetAverageUtilization"]}
    elif "targetAverageValue" in source or "averageValue" in source:
        target = {"type": "AverageValue", "averageValue": source.get("targetAverageValue", source.get("averageValue"))}
    elif "targetValue" in source:
        target = {"type": "Value", "value": source["targetValue"]}
    found["target"] = target
    if "metricName" in source:
        selector = source.get("metricSelector", source.get("selector"))
        found["metric"] = {"name": source["metricName"], **({"selector": selector} if selector else {})}
    if sort == "object" and "target" in source:
        found["describedObject"] = source["target"]
    return found


def _webhooks(value: Object) -> Object:
    """The defaults of v1beta1: a webhook that does not answer is ignored, and has 30 seconds."""
    webhooks = value.get("webhooks")
    if not isinstance(webhooks, list):
        return value
    defaults: Object = {"failurePolicy": "Ignore", "timeoutSeconds": 30, "matchPolicy": "Exact"}
    return {**value, "webhooks": [{**defaults, **one} if isinstance(one, dict) else one for one in webhooks]}


def _definition(value: Object) -> Object:
    """v1beta1 had one schema for all versions, and `version` for the only one."""
    spec = _object(value.get("spec"))
    schema = spec.get("validation")
    versions = spec.get("versions") or [{"name": spec.get("version", ""), "served": True, "storage": True}]
    if not isinstance(versions, list):
        return value
    changed = [{"schema": schema, **one} if isinstance(one, dict) and schema else one for one in versions]
    return {**value, "spec": {"scope": "Namespaced", **spec, "versions": changed}}


def _object(value: Json) -> Object:
    return value if isinstance(value, dict) else {}


# By the unique name of the kind and the version as written.
_CHANGES: Final[dict[tuple[str, str], Callable[[Object], Object]]] = {
    ("Deployment", "v1beta1"): _selecting_its_own,
    ("StatefulSet", "v1beta1"): _selecting_its_own,
    ("DaemonSet", "v1beta1"): _selecting_its_own,
    ("ReplicaSet", "v1beta1"): _selecting_its_own,
    ("PodDisruptionBudget", "v1beta1"): _budget,
    ("Ingress", "v1beta1"): _ingress,
    ("HorizontalPodAutoscaler", "v1"): _autoscaler_v1,
    ("HorizontalPodAutoscaler", "v2beta1"): _autoscaler_v2beta1,
    ("ValidatingWebhookConfiguration", "v1beta1"): _webhooks,
    ("MutatingWebhookConfiguration", "v1beta1"): _webhooks,
    ("CustomResourceDefinition", "v1beta1"): _definition,
}
