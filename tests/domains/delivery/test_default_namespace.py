"""A manifest that names no namespace is not held to the one it is read in."""

from dataclasses import replace

import msgspec
import pytest

from daytwo import catalog
from daytwo.engine.judge import judge
from daytwo.model.origin import Origin
from daytwo.model.severity import Verdict
from daytwo.model.snapshot import by_kind
from tests.specimen import snapshot_of

WEB = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "default"}}


@pytest.mark.parametrize(("is_assumed", "verdict"), [(True, Verdict.NOT_APPLICABLE), (False, Verdict.FAIL)])
def test_a_namespace_that_is_assumed_is_nobodys_choice(is_assumed: bool, verdict: Verdict) -> None:
    snapshot = snapshot_of({"at": "2026-11-20T08:00:00Z", "items": [WEB]})
    (web,) = snapshot.resources["Deployment"]
    placed = msgspec.structs.replace(web, origin=Origin("web.yaml", is_namespace_assumed=is_assumed))
    judgement = judge(replace(snapshot, resources=by_kind([placed])), [catalog.find_check("delivery/in-default-namespace")])
    assert judgement.verdicts["delivery/in-default-namespace"][verdict] == 1
