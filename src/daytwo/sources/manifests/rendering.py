"""Charts and kustomizations, rendered by the programs that people render them with."""

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from daytwo.model.errors import UsageError

CHART: Final = "Chart.yaml"
KUSTOMIZATIONS: Final = ("kustomization.yaml", "kustomization.yml", "Kustomization")

_LONGEST_SECONDS: Final = 600
_MOST_LINES: Final = 12

_HELM: Final = "go install helm.sh/helm/v3/cmd/helm@latest (or see https://helm.sh/docs/intro/install/)"
_KUSTOMIZE: Final = "go install sigs.k8s.io/kustomize/kustomize/v5@latest (or see https://kubernetes.io/docs/tasks/tools/)"


@dataclass(frozen=True, slots=True)
class Renderer:
    """How to render: what `helm template` is given, and the Kubernetes version that it renders for."""

    values: Sequence[str] = ()
    sets: Sequence[str] = ()
    namespace: str = ""
    version: str = ""

    def chart(self, folder: Path, name: str) -> tuple[str, str]:
        """The manifests of a chart, its tests left out, and what helm remarked. UsageError carries what helm says of it."""
        helm = shutil.which("helm")
        if helm is None:
            raise UsageError(
                f"{folder}: is a Helm chart, and there is no helm to render it: {_HELM}; elsewhere: helm template {folder} | daytwo check -"
            )
        flags = ["--include-crds", "--skip-tests"]
        for values in self.values:
            flags += ["--values", values]
        for one in self.sets:
            flags += ["--set", one]
        if self.namespace:
            flags += ["--namespace", self.namespace]
        if self.version:
            flags += ["--kube-version", self.version]
        return _output([helm, "template", name, str(folder), *flags], folder)

    def kustomization(self, folder: Path) -> tuple[str, str]:
        """The manifests of a kustomization, and what was remarked. UsageError carries what kustomize says of it."""
        kustomize, kubectl = shutil.which("kustomize"), shutil.which("kubectl")
        if kustomize is not None:
            return _output([kustomize, "build", str(folder)], folder)
        if kubectl is not None:
            return _output([kubectl, "kustomize", str(folder)], folder)
        raise UsageError(f"{folder}: is a kustomization, and there is neither kustomize nor kubectl to build it: {_KUSTOMIZE}")


def _output(command: list[str], folder: Path) -> tuple[str, str]:
    program = f"{Path(command[0]).name} {command[1]}"
    try:
        done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=_LONGEST_SECONDS, check=False)
    except OSError as error:
        raise UsageError(f"{folder}: {program}: {error.strerror or error}") from None
    except subprocess.TimeoutExpired:
        raise UsageError(f"{folder}: {program}: did not end within {_LONGEST_SECONDS} seconds") from None
    told = done.stderr.decode(errors="replace").strip()
    if done.returncode != 0:
        lines = told.splitlines()[-_MOST_LINES:]
        raise UsageError(f"{folder}: {program}: {' '.join(line.strip() for line in lines) or f'ended with {done.returncode}'}")
    try:
        return done.stdout.decode(), told
    except UnicodeDecodeError:
        raise UsageError(f"{folder}: {program}: did not print a text in UTF-8") from None
