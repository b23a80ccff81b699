"""Writes what Kubernetes' own Go modules say of deprecated and removed versions: `python -m tests.domains.delivery.write_lifecycles`.

They are read from Go's module cache (`go mod download k8s.io/api@v0.37.0 …` brings them); the test compares with what was written.
"""

import json
import re
from pathlib import Path
from subprocess import run
from typing import Final

_FUNCTION: Final = re.compile(r"func \(in \*(\w+)\) APILifecycle(Deprecated|Removed)\(\)[^{]*\{\s*return 1, (\d+)\s*\}")
_MODULES: Final = ("api", "apiextensions-apiserver", "kube-aggregator")
# Never in a manifest: what is asked or done once, and the answers.
_NOT_DECLARED: Final = {"AdmissionReview", "ConversionReview", "APIGroupDiscovery", "Scale", "DeploymentRollback", "Eviction"}
DATA: Final = Path(__file__).with_name("lifecycles.json")


def _releases() -> list[Path]:
    found = run(["go", "env", "GOMODCACHE"], capture_output=True, encoding="utf-8", check=True).stdout.strip()
    # Newest last: a later release knows better.
    return sorted(Path(found, "k8s.io").glob("*@v0.*"), key=lambda path: int(path.name.partition("@v0.")[2].partition(".")[0]))


def _in_module_cache() -> dict[tuple[str, str], dict[str, int]]:
    found: dict[tuple[str, str], dict[str, int]] = {}
    for release in _releases():
        if release.name.partition("@")[0] not in _MODULES:
            continue
        for file in release.rglob("zz_generated.prerelease-lifecycle.go"):
            documentation = (file.parent / "doc.go").read_text(encoding="utf-8")
            group = re.search(r"\+groupName=(\S+)", documentation)
            for kind, event, minor in _FUNCTION.findall(file.read_text(encoding="utf-8")):
                if not kind.endswith("List") and kind not in _NOT_DECLARED:
                    name = group[1].strip('"') if group is not None else file.parent.parent.name
                    found.setdefault((f"{name}/{file.parent.name}", kind), {})[event] = int(minor)
    return {key: events for key, events in found.items() if "Removed" in events}


if __name__ == "__main__":
    rows = [[api_version, kind, events] for (api_version, kind), events in sorted(_in_module_cache().items())]
    DATA.write_text("[\n" + ",\n".join(map(json.dumps, rows)) + "\n]\n", encoding="utf-8")
