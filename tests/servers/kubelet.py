"""The kubelet that the tests play: kwok's stages, which read from annotations what shall go wrong, and the logs of containers.

A pod is Ready at once, and a Job's pod completes, unless `FAULT` says otherwise; put it on a pod template or on one pod. The
other annotations say more about the fault. Everything a kubelet would write (states, conditions, events) is written with
times that lie `AGO` in the past. Dropping the annotation from a pod heals it. A node is managed while it carries
`MANAGED_LABEL`; without it nobody renews its lease or touches its pods, as if its machine were off.

    crash-loop        CONTAINER waits in CrashLoopBackOff after RESTARTS; EXIT ("137 OOMKilled") is how it ended
    liveness-loop     the same, because its liveness probe fails
    image-pull        CONTAINER's image cannot be pulled; MESSAGE is the registry's answer
    config-error      CONTAINER cannot be created; MESSAGE says what is missing
    creating          the pod waits for a volume and has no sandbox; MESSAGE is the text of a FailedMount event
    not-ready         CONTAINER runs and its readiness probe fails
    restarted         CONTAINER runs, and ended before as EXIT says
    init-running      the first init container runs on and on
    running           a Job's pod runs on and on
    failed            the pod ends as EXIT says
    evicted           the node evicted the pod; MESSAGE says why
    undying           the pod runs, but does not go when it is deleted
    silent            nothing happens: the pod stays as the scheduler left it

A node's `FAULT` is `not-ready`, or `memory-pressure`, `disk-pressure` or `pid-pressure`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from tests.servers.client import Object

PREFIX: Final = "kubelet.daytwo.dev"
FAULT: Final = f"{PREFIX}/fault"
AGO: Final = f"{PREFIX}/ago"
CONTAINER: Final = f"{PREFIX}/container"
EXIT: Final = f"{PREFIX}/exit"
RESTARTS: Final = f"{PREFIX}/restarts"
MESSAGE: Final = f"{PREFIX}/message"
_SHOWN: Final = f"{PREFIX}/shown"

MANAGED_LABEL: Final = "kwok.x-k8s.io/node"
MANAGED: Final = {MANAGED_LABEL: "fake"}


@dataclass(frozen=True)
class Log:
    """What `kubectl logs` answers for the containers of some name, or of any: lines now, and before the last restart."""

    lines: Sequence[str]
    previous: Sequence[str]
    container: str = ""


DEFAULT_LOG: Final = Log(
    lines=("starting", "listening on :8080", "ready"),
    previous=("starting", "listening on :8080", "worker: out of luck, giving up"),
)

# What every template starts with: the annotations, the container they mean, and the moments: `at` is AGO, `before` just
# before it, `last` that of a loop's latest turn.
_PRELUDE: Final = f"""
{{{{- $a := or .metadata.annotations dict -}}}}
{{{{- $fault := or (index $a "{FAULT}") "" -}}}}
{{{{- $layout := "2006-01-02T15:04:05Z" -}}}}
{{{{- $ago := or (index $a "{AGO}") "0s" -}}}}
{{{{- $now := dateInZone $layout now "UTC" -}}}}
{{{{- $at := dateInZone $layout (now | dateModify (printf "-%s" $ago)) "UTC" -}}}}
{{{{- $before := dateInZone $layout (now | dateModify (printf "-%s" $ago) | dateModify "-30s") "UTC" -}}}}
{{{{- $last := ternary $at (dateInZone $layout (now | dateModify "-2m") "UTC") (eq $ago "0s") -}}}}
"""
_POD_PRELUDE: Final = f"""{_PRELUDE}
{{{{- $exit := splitList " " (or (index $a "{EXIT}") "1 Error") -}}}}
{{{{- $code := first $exit -}}}}
{{{{- $reason := last $exit -}}}}
{{{{- $restarts := or (index $a "{RESTARTS}") "7" -}}}}
{{{{- $message := or (index $a "{MESSAGE}") "" -}}}}
{{{{- $meant := or (index $a "{CONTAINER}") (index .spec.containers 0).name -}}}}
{{{{- $pod := printf "%s_%s(%s)" .metadata.name .metadata.namespace .metadata.uid -}}}}
{{{{- $image := "" -}}}}
{{{{- range .spec.containers -}}}}{{{{- if eq .name $meant -}}}}{{{{- $image = .image -}}}}{{{{- end -}}}}{{{{- end -}}}}
"""

# Addresses are merged by value, so they are given once.
_HOST: Final = """
{{ if not .status.hostIP }}
{{ $host := index (NodeIPsWith .spec.nodeName) 0 }}
hostIP: {{ $host | Quote }}
hostIPs: [{ip: {{ $host | Quote }}}]
{{ end }}
startTime: {{ or .status.startTime $before | Quote }}
"""
_ADDRESSES: Final = (
    _HOST
    + """
{{ if not .status.podIP }}
{{ $ip := index (PodIPsWith .spec.nodeName (or .spec.hostNetwork false) .metadata.uid .metadata.name .metadata.namespace) 0 }}
podIP: {{ $ip | Quote }}
podIPs: [{ip: {{ $ip | Quote }}}]
{{ end }}
"""
)

_RUNNING: Final = "{running: {startedAt: {{ $at | Quote }}}}"
_DONE: Final = "{terminated: {exitCode: 0, reason: Completed, startedAt: {{ $before | Quote }}, finishedAt: {{ $at | Quote }}}}"
_ENDED: Final = (
    "{terminated: {exitCode: {{ $code }}, reason: {{ $reason }}, startedAt: {{ $before | Quote }}, finishedAt: {{ $at | Quote }}}}"
)


def _condition(kind: str, status: bool, reason: str = "", message: str = "") -> str:
    return (
        f"- {{type: {kind}, status: {str(status)!r}, lastTransitionTime: {{{{ $at | Quote }}}}, lastProbeTime: null, "
        f"reason: '{reason}', message: '{message}'}}\n"
    )


def _conditions(ready: bool, initialized: bool = True, reason: str = "ContainersNotReady", sandbox: bool = True) -> str:
    unready = "containers with unready status: [{{ $meant }}]" if reason == "ContainersNotReady" else ""
    incomplete = "containers with incomplete status: [{{ (index .spec.initContainers 0).name }}]"
    why = ("", "") if ready else (reason, unready)
    gates = (
        "{{ range .spec.readinessGates }}"
        "- {type: {{ .conditionType | Quote }}, status: 'True', lastTransitionTime: {{ $at | Quote }}}\n{{ end }}"
    )
    return (
        "conditions:\n"
        + _condition("PodReadyToStartContainers", sandbox)
        + _condition("Initialized", initialized, *(("", "") if initialized else ("ContainersNotInitialized", incomplete)))
        + _condition("Ready", ready, *why)
        + _condition("ContainersReady", ready, *why)
        + gates
    )


def _containers(meant: str, others: str = f"ready: true, started: true, restartCount: 0, state: {_RUNNING}") -> str:
    """The statuses of all containers: one text for the container that is meant, one for the others."""
    head = "name: {{ .name | Quote }}, image: {{ .image | Quote }}, imageID: '', containerID: ''"
    return (
        "containerStatuses:\n{{ range .spec.containers }}"
        f"{{{{ if eq .name $meant }}}}- {{{head}, {meant}}}\n{{{{ else }}}}- {{{head}, {others}}}\n{{{{ end }}}}"
        "{{ end }}"
    )


_INIT_DONE: Final = f"""{{{{ if .spec.initContainers }}}}
initContainerStatuses:
{{{{ range .spec.initContainers }}}}
- name: {{{{ .name | Quote }}}}
  image: {{{{ .image | Quote }}}}
  imageID: ''
  ready: true
  restartCount: 0
  {{{{ if eq (or .restartPolicy "") "Always" }}}}
  started: true
  state: {_RUNNING}
  {{{{ else }}}}
  state: {_DONE}
  {{{{ end }}}}
{{{{ end }}}}
{{{{ end }}}}"""

_INIT_RUNNING: Final = f"""initContainerStatuses:
{{{{ range $number, $container := .spec.initContainers }}}}
- name: {{{{ .name | Quote }}}}
  image: {{{{ .image | Quote }}}}
  imageID: ''
  ready: false
  restartCount: 0
  {{{{ if eq $number 0 }}}}
  started: true
  state: {_RUNNING}
  {{{{ else }}}}
  state: {{waiting: {{reason: PodInitializing}}}}
  {{{{ end }}}}
{{{{ end }}}}
"""


@dataclass(frozen=True)
class _Said:
    """An event that a kubelet writes about a pod; `count` and the times say that it was written often, since long."""

    reason: str
    message: str
    kind: str = "Warning"
    count: str = "1"


def _event(said: _Said) -> Object:
    return {
        "apply": {
            "type": "merge",
            "template": f"""{_POD_PRELUDE}
apiVersion: v1
kind: Event
metadata:
  name: {{{{ .metadata.name }}}}.{{{{ printf "%s{said.reason}" .metadata.uid | sha256sum | trunc 16 }}}}
  namespace: {{{{ .metadata.namespace }}}}
involvedObject:
  apiVersion: v1
  kind: Pod
  name: {{{{ .metadata.name }}}}
  namespace: {{{{ .metadata.namespace }}}}
  uid: {{{{ .metadata.uid }}}}
  resourceVersion: {{{{ .metadata.resourceVersion | Quote }}}}
  fieldPath: spec.containers{{{{ printf "{{%s}}" $meant }}}}
type: {said.kind}
reason: {said.reason}
message: {{{{ {said.message} | Quote }}}}
count: {said.count}
firstTimestamp: {{{{ $at | Quote }}}}
lastTimestamp: {{{{ $now | Quote }}}}
source: {{component: kubelet, host: {{{{ .spec.nodeName | Quote }}}}}}
reportingComponent: kubelet
reportingInstance: {{{{ .spec.nodeName | Quote }}}}
""",
        }
    }


def _where(key: str, operator: str, *values: str) -> Object:
    return {"key": key, "operator": operator, **({"values": list(values)} if values else {})}


def _annotation(name: str) -> str:
    return f'.metadata.annotations["{name}"]'


_ALIVE: Final = _where(".metadata.deletionTimestamp", "DoesNotExist")
_OPEN: Final = _where(".status.phase", "NotIn", "Succeeded", "Failed")


def _stage(name: str, kind: str, where: Sequence[Object], steps: Sequence[Object]) -> Object:
    return {
        "apiVersion": "kwok.x-k8s.io/v1alpha1",
        "kind": "Stage",
        "metadata": {"name": name},
        "spec": {
            "resourceRef": {"apiGroup": "v1", "kind": kind},
            "selector": {"matchExpressions": list(where)},
            "steps": list(steps),
        },
    }


def _status(template: str) -> Object:
    return {"patch": {"subresource": "status", "root": "status", "type": "strategic", "template": template}}


def _shown(value: str) -> Object:
    return {"patch": {"root": "metadata", "type": "merge", "template": f'annotations: {{"{_SHOWN}": {value}}}'}}


def _pod_fault(name: str, status: str, *events: _Said) -> Object:
    where = [_ALIVE, _where(_annotation(FAULT), "In", name), _where(_annotation(_SHOWN), "NotIn", name)]
    return _stage(
        name,
        "Pod",
        where,
        [_shown(name), _status(f"{_POD_PRELUDE}{status}"), *(_event(said) for said in events)],
    )


def _waiting(reason: str, message: str) -> str:
    return f"ready: false, started: false, restartCount: 0, state: {{waiting: {{reason: {reason}, message: {{{{ {message} | Quote }}}}}}}}"


_PULL_ERROR: Final = (
    '(or $message (printf "rpc error: code = NotFound desc = failed to pull and unpack image \\"%s\\": '
    'failed to resolve reference \\"%s\\": %s: not found" $image $image $image))'
)
_NOT_STARTED: Final = "ready: false, started: false, restartCount: 0, state: {waiting: {reason: ContainerCreating}}"


def _pod_stages() -> list[Object]:
    start = f"phase: Running\n{_ADDRESSES}{_INIT_DONE}\n"
    pending = f"phase: Pending\n{_ADDRESSES}{_INIT_DONE}\n"
    ready_meant = f"ready: true, started: true, restartCount: 0, state: {_RUNNING}"
    end_meant = f"ready: false, started: false, restartCount: 0, state: {_ENDED}"
    end_others = f"ready: false, started: false, restartCount: 0, state: {_DONE}"
    healthy = f"{_POD_PRELUDE}{start}{_conditions(ready=True)}{_containers(ready_meant)}"
    completed = _conditions(ready=False, reason="PodCompleted") + _containers(end_others, end_others)
    looping = (
        start
        + _conditions(ready=False)
        + _containers(
            "ready: false, started: false, restartCount: {{ $restarts }}, state: {waiting: {reason: CrashLoopBackOff, "
            'message: {{ printf "back-off 5m0s restarting failed container=%s pod=%s" $meant $pod | Quote }}}}, '
            f"lastState: {_ENDED.replace('$at', '$last')}"
        )
    )
    back_off = _Said("BackOff", '(printf "Back-off restarting failed container %s in pod %s" $meant $pod)', count="{{ $restarts }}")
    killing = '(printf "Container %s failed liveness probe, will be restarted" $meant)'
    return [
        _stage(
            "ready",
            "Pod",
            [
                _ALIVE,
                _OPEN,
                _where(_annotation(FAULT), "DoesNotExist"),
                _where(_annotation(_SHOWN), "DoesNotExist"),
                _where('.status.conditions.[] | select( .type == "Ready" ) | .status', "NotIn", "True"),
            ],
            [_status(healthy)],
        ),
        _stage(
            "complete",
            "Pod",
            [
                _ALIVE,
                _where(".status.phase", "In", "Running"),
                _where(".metadata.ownerReferences.[].kind", "In", "Job"),
                _where(_annotation(FAULT), "DoesNotExist"),
                _where('.status.conditions.[] | select( .type == "Ready" ) | .status', "In", "True"),
            ],
            [_status(f"{_POD_PRELUDE}phase: Succeeded\n{completed}")],
        ),
        _stage(
            "healed",
            "Pod",
            [_ALIVE, _OPEN, _where(_annotation(FAULT), "DoesNotExist"), _where(_annotation(_SHOWN), "Exists")],
            [_shown("null"), _status(healthy)],
        ),
        _stage(
            "deleted",
            "Pod",
            [_where(".metadata.deletionTimestamp", "Exists"), _where(_annotation(FAULT), "NotIn", "undying")],
            [{"delete": True}],
        ),
        _pod_fault("crash-loop", looping, back_off),
        _pod_fault(
            "liveness-loop",
            looping,
            _Said("Unhealthy", '(or $message "Liveness probe failed: HTTP probe failed with statuscode: 500")', count="21"),
            _Said("Killing", killing, kind="Normal", count="{{ $restarts }}"),
            back_off,
        ),
        _pod_fault(
            "image-pull",
            pending
            + _conditions(ready=False)
            + _containers(
                _waiting("ImagePullBackOff", f'(printf "Back-off pulling image \\"%s\\": ErrImagePull: %s" $image {_PULL_ERROR})')
            ),
            _Said("Failed", f'(printf "Failed to pull image \\"%s\\": %s" $image {_PULL_ERROR})', count="5"),
            _Said("BackOff", '(printf "Back-off pulling image \\"%s\\"" $image)', kind="Normal", count="9"),
        ),
        _pod_fault(
            "config-error",
            pending + _conditions(ready=False) + _containers(_waiting("CreateContainerConfigError", "$message")),
            _Said("Failed", '(printf "Error: %s" $message)', count="9"),
        ),
        _pod_fault(
            "creating",
            "phase: Pending\n" + _HOST + _conditions(ready=False, sandbox=False) + _containers(_NOT_STARTED, _NOT_STARTED),
            _Said("FailedMount", "$message", count="9"),
        ),
        _pod_fault(
            "not-ready",
            start + _conditions(ready=False) + _containers(f"ready: false, started: true, restartCount: 0, state: {_RUNNING}"),
            _Said("Unhealthy", '(or $message "Readiness probe failed: HTTP probe failed with statuscode: 503")', count="42"),
        ),
        _pod_fault(
            "restarted",
            start
            + _conditions(ready=True)
            + _containers(f"ready: true, started: true, restartCount: {{{{ $restarts }}}}, state: {_RUNNING}, lastState: {_ENDED}"),
        ),
        _pod_fault(
            "init-running",
            f"phase: Pending\n{_ADDRESSES}{_INIT_RUNNING}"
            + _conditions(ready=False, initialized=False)
            + _containers(_NOT_STARTED.replace("ContainerCreating", "PodInitializing"), _NOT_STARTED),
        ),
        _pod_fault("running", start + _conditions(ready=True) + _containers(ready_meant)),
        _pod_fault(
            "failed",
            f"phase: Failed\n{_ADDRESSES}{_INIT_DONE}\n"
            + _conditions(ready=False, reason="PodFailed")
            + _containers(end_meant, end_others),
        ),
        _pod_fault(
            "evicted",
            "phase: Failed\nreason: Evicted\nmessage: {{ $message | Quote }}\n"
            + "conditions:\n- {type: DisruptionTarget, status: 'True', reason: TerminationByKubelet, message: {{ $message | Quote }}, "
            + "lastTransitionTime: {{ $at | Quote }}}\n"
            + _containers(
                "ready: false, started: false, restartCount: 0, state: {terminated: {exitCode: 137, reason: Error, "
                "startedAt: {{ $before | Quote }}, finishedAt: {{ $at | Quote }}}}"
            ),
            _Said("Evicted", "$message"),
        ),
        _pod_fault("undying", start + _conditions(ready=True) + _containers(ready_meant)),
    ]


_NODE_PRESSURE: Final = {
    "memory-pressure": ("MemoryPressure", "KubeletHasInsufficientMemory", "kubelet has insufficient memory available"),
    "disk-pressure": ("DiskPressure", "KubeletHasDiskPressure", "kubelet has disk pressure"),
    "pid-pressure": ("PIDPressure", "KubeletHasInsufficientPID", "kubelet has insufficient PID available"),
}
_NODE_NOT_READY: Final = (
    "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady "
    "message:Network plugin returns error: cni plugin not initialized"
)


def _node_condition(kind: str, status: bool, reason: str, message: str) -> str:
    return (
        f"- {{type: {kind}, status: {str(status)!r}, reason: {reason}, message: '{message}', "
        "lastHeartbeatTime: {{ $now | Quote }}, lastTransitionTime: {{ $at | Quote }}}\n"
    )


def _node_stages() -> list[Object]:
    healthy = _PRELUDE + (
        "phase: Running\nconditions:\n{{ range NodeConditions }}"
        "- {type: {{ .type }}, status: {{ .status | Quote }}, reason: {{ .reason }}, message: {{ .message | Quote }}, "
        "lastHeartbeatTime: {{ $now | Quote }}, lastTransitionTime: {{ $at | Quote }}}\n{{ end }}"
    )
    stages = [
        _stage(
            "node-ready",
            "Node",
            [
                _where(_annotation(FAULT), "DoesNotExist"),
                _where(_annotation(_SHOWN), "DoesNotExist"),
                _where('.status.conditions.[] | select( .type == "Ready" ) | .status', "NotIn", "True"),
            ],
            [_status(healthy)],
        ),
        _stage(
            "node-healed",
            "Node",
            [_where(_annotation(FAULT), "DoesNotExist"), _where(_annotation(_SHOWN), "Exists")],
            [_shown("null"), _status(healthy)],
        ),
    ]
    faults = {
        "not-ready": _node_condition("Ready", False, "KubeletNotReady", _NODE_NOT_READY),
        **{name: _node_condition(kind, True, reason, message) for name, (kind, reason, message) in _NODE_PRESSURE.items()},
    }
    for name, condition in faults.items():
        where = [_where(_annotation(FAULT), "In", name), _where(_annotation(_SHOWN), "NotIn", name)]
        stages.append(_stage(f"node-{name}", "Node", where, [_shown(name), _status(f"{_PRELUDE}conditions:\n{condition}")]))
    return stages


def write_config(folder: Path, logs: Sequence[Log]) -> Path:
    """kwok's configuration: the stages, and the containers' logs as files beside it."""
    documents = [*_node_stages(), *_pod_stages(), _cluster_logs(folder, [*logs, DEFAULT_LOG])]
    path = folder / "kwok.yaml"
    path.write_text(yaml.safe_dump_all(documents, sort_keys=False), encoding="utf-8")
    return path


def _cluster_logs(folder: Path, logs: Sequence[Log]) -> Object:
    entries: list[Object] = []
    for number, log in enumerate(logs):
        files = {}
        for field, lines in (("logsFile", log.lines), ("previousLogsFile", log.previous)):
            path = folder / f"container-{number}-{field}.log"
            stamped = (f"2026-11-20T07:58:{second % 60:02d}.000000000Z stdout F {line}\n" for second, line in enumerate(lines))
            path.write_text("".join(stamped), encoding="utf-8")
            files[field] = str(path)
        entries.append({"containers": [log.container], **files} if log.container else files)
    return {
        "apiVersion": "kwok.x-k8s.io/v1alpha1",
        "kind": "ClusterLogs",
        "metadata": {"name": "logs"},
        "spec": {"logs": entries},
    }


def annotations(fault: str, **details: str) -> Mapping[str, str]:
    """The annotations of a fault: `annotations("crash-loop", exit="137 OOMKilled", ago="20m")`."""
    return {FAULT: fault, **{f"{PREFIX}/{name}": value for name, value in details.items()}}
