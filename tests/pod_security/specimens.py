"""Specimens as pods that the API server can take."""

from typing import Any, Final

import yaml

from tests.specimen import SPECIMENS

Object = dict[str, Any]

_REFERENCES: Final = ("priority", "priorityClassName", "resourceClaims", "runtimeClassName", "serviceAccount", "serviceAccountName")


def pods_of_specimens(domain: str) -> list[Object]:
    """A pod for each pod and template of a domain's specimens, with an image, and without what refers to objects that do not exist."""
    found: list[Object] = []
    for path in sorted(SPECIMENS.glob(f"{domain}/*/*.yaml")):
        for item in yaml.safe_load(path.read_text(encoding="utf-8"))["items"]:
            template = _template(item)
            if template is None or "ephemeralContainers" in template["spec"]:
                continue
            spec: Object = {key: value for key, value in template["spec"].items() if key not in _REFERENCES}
            for field in ("containers", "initContainers"):
                if field in spec:
                    spec[field] = [{"image": "registry.k8s.io/pause:3.10", **container} for container in spec[field]]
            annotations = template.get("metadata", {}).get("annotations", {})
            name = f"specimen-{len(found)}"
            found.append({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "annotations": annotations}, "spec": spec})
    return found


def _template(item: Object) -> Object | None:
    """The pod, or the template of what is no pod; None where there is none with containers."""
    spec = item.get("spec") or {}
    found = item if item["kind"] == "Pod" else spec.get("jobTemplate", {}).get("spec", spec).get("template")
    return found if isinstance(found, dict) and (found.get("spec") or {}).get("containers") else None
