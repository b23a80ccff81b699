"""The ConfigMap or Secret, or the key of it, for which a pod waits, as its kubelet tells it."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from daytwo.model.config import ConfigMap, Secret
from daytwo.model.finding import Evidence
from daytwo.model.pod import Pod
from daytwo.model.pod_spec import Volume
from daytwo.model.ref import Ref
from daytwo.model.snapshot import Snapshot

KINDS: Final = {"configmap": "ConfigMap", "secret": "Secret", "config": "ConfigMap"}
# The kubelet looks again within about a minute and a half once the object exists.
FRESH: Final = timedelta(minutes=2)

_NO_KEY = re.compile(r"couldn't find key (\S+) in (ConfigMap|Secret) [^\s/]+/([^\s,:]+)")
_NO_OBJECT = re.compile(r'\b(configmap|secret)s? "([^"]+)" not found', re.IGNORECASE)
_VOLUME = re.compile(r'for volume "([^"]+)"')
_NO_VOLUME_KEY = re.compile(r"non-existent (config|secret) key: (\S+)")


@dataclass(frozen=True, slots=True)
class Missing:
    """A ConfigMap or Secret that is not there, or that lacks `key`."""

    ref: Ref
    key: str = ""

    @property
    def why(self) -> str:
        return f"{self.ref.kind} {self.ref.name} has no key {self.key}" if self.key else f"{self.ref.kind} {self.ref.name} does not exist"

    @property
    def fix(self) -> str:
        if self.key:
            return f"add the key {self.key} to {self.ref.kind} {self.ref.name}, or correct the name"
        return f"create {self.ref.kind} {self.ref.name}, or correct the name"


def missing_object(message: str, pod: Pod) -> Missing | None:
    """What a kubelet's message says is missing. The message proves it: the kubelet asked and was told so."""
    found = _NO_KEY.search(message)
    if found is not None:
        return Missing(Ref(found.group(2), pod.namespace, found.group(3)), found.group(1))
    found = _NO_OBJECT.search(message)
    if found is not None:
        return Missing(Ref(KINDS[found.group(1).lower()], pod.namespace, found.group(2)))
    volume = _volume(message, pod)
    if volume is None:
        return None
    found = _NO_VOLUME_KEY.search(message)
    if found is not None:
        sources = [source for source in _sources(volume, pod.namespace) if source.ref.kind == KINDS[found.group(1)]]
        keyed = [source for source in sources if source.key == found.group(2)] or sources
        return Missing(keyed[0].ref, found.group(2)) if keyed else None
    return None


def is_back(missing: Missing, snapshot: Snapshot) -> bool:
    """Whether it was made just now, so that the pod starts by itself within a moment."""
    found = snapshot.find(missing.ref)
    if found is None or found.created is None:
        return False
    written = found.last_write("data")
    at = max(found.created, written.time) if written is not None and written.time is not None else found.created
    return snapshot.taken_at - at < FRESH and _has_key(missing, snapshot)


def evidence(missing: Missing, snapshot: Snapshot) -> Evidence:
    """What the snapshot itself knows of the missing object."""
    kind, namespace, name = missing.ref.kind, missing.ref.namespace, missing.ref.name
    found = snapshot.find(missing.ref)
    if isinstance(found, ConfigMap | Secret):
        if missing.key and not _has_key(missing, snapshot):
            return Evidence(f"{kind} {namespace}/{name} has the keys {', '.join(sorted(found.sizes_bytes)) or '(none)'}")
        return Evidence(f"{kind} {namespace}/{name} exists by now; the kubelet has not tried again", found.created)
    if snapshot.is_read(kind, namespace):
        return Evidence(f"there is no {kind} {namespace}/{name}")
    return Evidence(f"{kind}s of namespace {namespace} could not be read: that it is missing is the kubelet's word")


def _has_key(missing: Missing, snapshot: Snapshot) -> bool:
    found = snapshot.find(missing.ref)
    return isinstance(found, ConfigMap | Secret) and (not missing.key or missing.key in found.sizes_bytes)


def _volume(message: str, pod: Pod) -> Volume | None:
    found = _VOLUME.search(message)
    return next((volume for volume in pod.spec.volumes if found is not None and volume.name == found.group(1)), None)


def _sources(volume: Volume, namespace: str) -> list[Missing]:
    """The objects that a volume is made of, each with every key it asks for by name."""
    sources: list[Missing] = []
    parts = [(volume.config_map, volume.secret)]
    if volume.projected is not None:
        parts.extend((part.config_map, part.secret) for part in volume.projected.sources)
    for config_map, secret in parts:
        if config_map is not None:
            ref = Ref("ConfigMap", namespace, config_map.name)
            sources.extend(Missing(ref, item.key) for item in config_map.items)
            sources.append(Missing(ref))
        if secret is not None:
            ref = Ref("Secret", namespace, secret.secret_name or secret.name)
            sources.extend(Missing(ref, item.key) for item in secret.items)
            sources.append(Missing(ref))
    return sources
