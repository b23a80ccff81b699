"""The table of API lifecycles says what the releases of k8s.io/api say of themselves (lifecycles.json)."""

import json
from typing import Final

from daytwo.domains.delivery.api_lifecycle import LIFECYCLES, NEWEST, lifecycle
from tests.domains.delivery.write_lifecycles import DATA

# They went before the release that their lifecycle named.
_EARLIER: Final = {"resource.k8s.io/v1alpha3", "storagemigration.k8s.io/v1alpha1"}


def test_table_agrees_with_what_kubernetes_says_of_itself() -> None:
    known: list[tuple[str, str, dict[str, int]]] = json.loads(DATA.read_text(encoding="utf-8"))
    assert len(known) > 50
    for api_version, kind, events in known:
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
