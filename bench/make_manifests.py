"""Trees of manifests for benchmarks: files of four documents each, a Deployment with its Service, PodDisruptionBudget and autoscaler.

`python -m bench.make_manifests FOLDER 5000` writes 25 MB. The same number gives the same bytes.
"""

import sys
from pathlib import Path
from random import Random
from typing import Final

SEED: Final = 5
_FILES_PER_FOLDER: Final = 100
_TEAMS: Final = ("checkout", "search", "billing", "identity", "catalog", "shipping", "pricing", "media")
_DIGEST: Final = "0123456789abcdef"

_FILE: Final = """\
# {name}: owned by team {team}, on call as {team}-primary.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
  namespace: {namespace}
  labels: &labels
    app.kubernetes.io/name: {name}
    app.kubernetes.io/part-of: {team}
    app.kubernetes.io/version: "{version}"
    team: {team}
  annotations:
    runbook: https://runbooks.shop.internal/{team}/{name}
    description: |
      {name} keeps nothing, and may be restarted at any time.
spec:
  replicas: {replicas}
  minReadySeconds: 10
  progressDeadlineSeconds: 300
  strategy:
    type: RollingUpdate
    rollingUpdate: {{maxSurge: 1, maxUnavailable: 0}}
  selector:
    matchLabels:
      app.kubernetes.io/name: {name}
      app.kubernetes.io/part-of: {team}
  template:
    metadata:
      labels: *labels
      annotations:
        prometheus.io/scrape: "true"
        prometheus.io/port: "9090"
    spec:
      serviceAccountName: {name}
      automountServiceAccountToken: false
      terminationGracePeriodSeconds: 60
      priorityClassName: production
      securityContext:
        runAsNonRoot: true
        runAsUser: 10001
        runAsGroup: 10001
        fsGroup: 10001
        seccompProfile: {{type: RuntimeDefault}}
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: topology.kubernetes.io/zone
          whenUnsatisfiable: ScheduleAnyway
          labelSelector: &pods
            matchLabels:
              app.kubernetes.io/name: {name}
              app.kubernetes.io/part-of: {team}
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: ScheduleAnyway
          labelSelector: *pods
      initContainers:
        - name: proxy
          image: registry.example.com/platform/proxy:1.9.4@sha256:{proxy_digest}
          restartPolicy: Always
          ports:
            - {{name: proxy, containerPort: 15001}}
          resources:
            requests: {{cpu: 50m, memory: 64Mi, ephemeral-storage: 64Mi}}
            limits: {{memory: 64Mi, ephemeral-storage: 128Mi}}
          securityContext: &locked
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities:
              drop: [ALL]
      containers:
        - name: app
          image: registry.example.com/{team}/{name}:{version}@sha256:{digest}
          imagePullPolicy: IfNotPresent
          ports:
            - name: http
              containerPort: 8080
            - name: metrics
              containerPort: 9090
          env:
            - name: POD_NAME
              valueFrom:
                fieldRef:
                  fieldPath: metadata.name
            - name: TIMEOUT_SECONDS
              value: "{timeout}"
          resources:
            requests:
              cpu: {cpu}m
              memory: {memory}Mi
              ephemeral-storage: 128Mi
            limits:
              memory: {memory}Mi
              ephemeral-storage: 256Mi
          startupProbe:
            httpGet: {{path: /healthz, port: http}}
            periodSeconds: 2
            failureThreshold: 60
          livenessProbe:
            httpGet: {{path: /livez, port: http}}
            periodSeconds: 20
            timeoutSeconds: 3
          readinessProbe:
            httpGet: {{path: /readyz, port: http}}
            periodSeconds: 5
            timeoutSeconds: 2
          lifecycle:
            preStop:
              sleep: {{seconds: 10}}
          securityContext: *locked
          volumeMounts:
            - name: config
              mountPath: /etc/app
              readOnly: true
      volumes:
        - name: config
          configMap:
            name: {name}
            defaultMode: 0644
---
apiVersion: v1
kind: Service
metadata:
  name: {name}
  namespace: {namespace}
  labels:
    app.kubernetes.io/name: {name}
    app.kubernetes.io/part-of: {team}
    team: {team}
spec:
  type: ClusterIP
  selector:
    app.kubernetes.io/name: {name}
    app.kubernetes.io/part-of: {team}
  ports:
    - name: http
      port: 80
      targetPort: http
    - name: metrics
      port: 9090
      targetPort: metrics
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {name}
  namespace: {namespace}
  labels: {{app.kubernetes.io/name: {name}, team: {team}}}
spec:
  maxUnavailable: 1
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      app.kubernetes.io/name: {name}
      app.kubernetes.io/part-of: {team}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {name}
  namespace: {namespace}
  labels: {{app.kubernetes.io/name: {name}, team: {team}}}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {name}
  minReplicas: {replicas}
  maxReplicas: {most}
  metrics:
    - type: Resource
      resource:
        name: cpu
        target: {{type: Utilization, averageUtilization: 70}}
  behavior:
    scaleDown:
      stabilizationWindowSeconds: 300
      policies:
        - {{type: Percent, value: 25, periodSeconds: 60}}
"""


def make_manifests(folder: Path, files: int) -> None:
    """Writes that many files below a folder, a hundred in each folder there, one namespace to each of those."""
    random = Random(SEED)
    for number in range(files):
        place = folder / f"group-{number // _FILES_PER_FOLDER:03}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"service-{number:05}.yaml").write_text(_text(number, random), encoding="utf-8")


def _text(number: int, random: Random) -> str:
    replicas = random.choice((2, 3, 3, 4, 6))
    return _FILE.format(
        name=f"service-{number:05}",
        namespace=f"group-{number // _FILES_PER_FOLDER:03}",
        team=random.choice(_TEAMS),
        version=f"{random.randint(1, 9)}.{random.randint(0, 30)}.{random.randint(0, 9)}",
        replicas=replicas,
        most=replicas * random.randint(2, 5),
        timeout=random.choice((2, 5, 10)),
        cpu=random.choice((50, 100, 250, 500)),
        memory=random.choice((64, 128, 256, 512)),
        digest=_hexadecimal(random),
        proxy_digest=_hexadecimal(random),
    )


def _hexadecimal(random: Random) -> str:
    return "".join(random.choice(_DIGEST) for _ in range(64))


if __name__ == "__main__":
    make_manifests(Path(sys.argv[1]), int(sys.argv[2]))
