"""The table of API lifecycles says what the releases of k8s.io/api in the Go module cache say."""

import re
from pathlib import Path
from subprocess import run
from typing import Final

import pytest

from daytwo.domains.delivery.api_lifecycle import LIFECYCLES, NEWEST, lifecycle

_MODULES: Final = ("api", "apiextensions-apiserver", "kube-aggregator")
_FUNCTION: Final = re.compile(r"func \(in \*(\w+)\) APILifecycle(Deprecated|Removed)\(\)[^{]*\{\s*return 1, (\d+)\s*\}")
# Never in a manifest: what is asked or done once, and the answers.
_NOT_DECLARED: Final = {"AdmissionReview", "ConversionReview", "APIGroupDiscovery", "Scale", "DeploymentRollback", "Eviction"}
# They went before the release that their lifecycle named.
_EARLIER: Final = {"resource.k8s.io/v1alpha3", "storagemigration.k8s.io/v1alpha1"}


def _releases() -> list[Path]:
    try:
        found = run(["go", "env", "GOMODCACHE"], capture_output=True, encoding="utf-8", check=True).stdout.strip()
    except OSError:
        return []
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


def test_table_agrees_with_the_module_cache() -> None:
    known = _in_module_cache()
    if not known:
        pytest.skip("no k8s.io/api in the Go module cache")
    for (api_version, kind), events in known.items():
        found = lifecycle(api_version, kind)
        assert found is not None, f"{api_version} {kind} is missing: {events}"
        assert found.removed is not None
        if api_version not in _EARLIER:
            assert (found.deprecated, found.removed) == (events["Deprecated"], events["Removed"]), f"{api_version} {kind}"
        assert found.removed <= events["Removed"]


def test_what_takes_the_place_is_there_in_time() -> None:
    """Nobody is told to write a version that is gone itself, or that was never there."""
    for (api_version, kind), found in LIFECYCLES.items():
        if not found.instead or " " in found.instead:
            continue
        assert found.since > 0, f"{api_version} {kind}"
        after = lifecycle(found.instead, kind)
        assert after is None or (after.removed or NEWEST + 99) > NEWEST, f"{api_version} {kind} → {found.instead}"


def test_versions_said_to_be_the_same_are_in_the_table() -> None:
    same = {key for key, found in LIFECYCLES.items() if found.is_same}
    assert ("policy/v1beta1", "PodDisruptionBudget") in same
    assert ("extensions/v1beta1", "Ingress") not in same
    assert ("admissionregistration.k8s.io/v1beta1", "ValidatingWebhookConfiguration") not in same
    assert len(same) == 29
