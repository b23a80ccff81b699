"""The tables of defaults are what the real server does."""

import json
from collections.abc import Iterator
from copy import deepcopy
from random import Random

import pytest
import yaml

from daytwo.model.json import Json, at
from daytwo.model.kinds import KINDS
from daytwo.sources.manifests.defaults import defaulted, read_table, tables
from tests.defaults.seeds import lesser, seeds
from tests.defaults.server import answer, plain_server
from tests.servers.client import Client, Object
from tests.specimen import SPECIMENS

# Groups that come with a cluster's add-ons, though their names end like those of its own.
_ADDED = {"autoscaling.k8s.io", "gateway.networking.k8s.io", "metrics.k8s.io", "policy.networking.k8s.io"}


@pytest.fixture(scope="module")
def server() -> Iterator[Client]:
    with plain_server() as client:
        yield client


def without_nothing(value: object) -> object:
    """Null, an empty text and an absent field are the same to the server, and so are the quantities 1 and `"1"`."""
    if isinstance(value, dict):
        return {key: without_nothing(one) for key, one in value.items() if one is not None and one != ""}
    if isinstance(value, list):
        return [without_nothing(one) for one in value]
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def assert_filled_in_as_by(server: Client, sent: Object) -> bool:
    expected = answer(server, sent)
    if expected is None:
        return False
    assert without_nothing(defaulted(sent, "v1.36.2")) == without_nothing(expected), sent
    return True


@pytest.mark.cluster
def test_every_seed_is_filled_in_as_the_server_fills_it_in(server: Client) -> None:
    """A table that has drifted from the server fails here; `python -m tests.defaults.write` writes it anew."""
    for seed in seeds():
        assert assert_filled_in_as_by(server, seed), f"the server refuses {seed}"


@pytest.mark.cluster
def test_whatever_is_left_out_of_a_seed_is_filled_in_as_the_server_does(server: Client) -> None:
    random = Random(20261120)
    accepted = sum(assert_filled_in_as_by(server, lesser(seed, random)) for seed in seeds() for _ in range(8))
    assert accepted > 200


@pytest.mark.cluster
def test_the_specimens_of_all_checks_are_filled_in_as_the_server_does(server: Client) -> None:
    """Objects as they come to the authors of checks: many shapes that no seed has."""
    accepted = sum(assert_filled_in_as_by(server, sent) for sent in specimens())
    assert accepted > 1000


def specimens() -> Iterator[Object]:
    """Every object that is among the specimens, as its author would have written it."""
    seen: set[str] = set()
    for file in sorted(SPECIMENS.glob("*/*/*.yaml")):
        for item in yaml.safe_load(file.read_text(encoding="utf-8"))["items"]:
            name, spec = item["metadata"]["name"], item.get("spec")
            kept = {key: item["metadata"][key] for key in ("labels", "annotations") if key in item["metadata"]}
            sent = {key: one for key, one in item.items() if key != "status"} | {"metadata": {"name": name, **kept}}
            # Requests of a pod as a whole follow from those of its containers, which is not filled in here.
            has_whole = sent["kind"] == "Pod" and isinstance(spec, dict) and "resources" in spec
            text = json.dumps(sent, default=str)
            if f"{sent['apiVersion']} {sent['kind']}" in read_table("1.36").rules and not has_whole and text not in seen:
                seen.add(text)
                yield json.loads(text)


def test_every_built_in_kind_has_a_seed() -> None:
    seeded = {(seed["apiVersion"], seed["kind"]) for seed in seeds()}
    for kind in KINDS:
        is_built_in = ("." not in kind.group or kind.group.endswith(".k8s.io")) and kind.group not in _ADDED
        api_version = f"{kind.group}/{kind.version}" if kind.group else kind.version
        assert not is_built_in or (api_version, kind.name) in seeded, f"tests/defaults/seeds.yaml has no {api_version} {kind.name}"


def test_an_older_server_gets_the_oldest_table_and_a_newer_one_the_newest() -> None:
    pod: Object = {"apiVersion": "v1", "kind": "Pod", "spec": {}}
    assert defaulted(pod, "v1.20.0") == defaulted(pod, tables()[0])
    assert defaulted(pod, "v1.99.0") == defaulted(pod, tables()[-1])
    assert defaulted(pod, "") == defaulted(pod, tables()[-1])


def test_what_is_given_stays_as_it_is() -> None:
    """Objects may share parts, by anchors: what is filled in for one must not show in another."""
    probe: Object = {"httpGet": {"port": 80}}
    container: Object = {"name": "a", "image": "a", "livenessProbe": probe, "readinessProbe": probe}
    sent: Object = {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [container]}}
    before = deepcopy(sent)
    found = defaulted(sent, "v1.36.0")
    assert sent == before
    assert at(found, "/spec/containers/0/imagePullPolicy") == "Always"
    assert at(found, "/spec/containers/0/livenessProbe/httpGet/scheme") == "HTTP"


@pytest.mark.parametrize("spec", [None, [], "text", 3, {"containers": None}, {"containers": {}}, {"containers": [None, 3, []]}])
def test_what_has_another_shape_than_its_kind_is_left_to_who_reads_it(spec: Json) -> None:
    found = defaulted({"apiVersion": "v1", "kind": "Pod", "spec": spec}, "v1.36.0")
    assert type(found["spec"]) is type(spec)


def test_a_kind_without_a_table_is_left_alone() -> None:
    assert defaulted({"apiVersion": "example.com/v1", "kind": "Pod"}, "v1.36.0") == {"apiVersion": "example.com/v1", "kind": "Pod"}
    assert defaulted({"kind": []}, "v1.36.0") == {"kind": []}


def test_requests_follow_limits_in_pods_and_not_in_templates() -> None:
    container: Object = {"name": "a", "image": "a:1", "resources": {"limits": {"cpu": "1"}}}
    spec: Object = {"containers": [container]}
    pod = defaulted({"apiVersion": "v1", "kind": "Pod", "spec": spec}, "v1.36.0")
    deployment = defaulted({"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"template": {"spec": spec}}}, "v1.36.0")
    assert at(pod, "/spec/containers/0/resources/requests") == {"cpu": "1"}
    assert at(deployment, "/spec/template/spec/containers/0/resources/requests") is None


def test_tables_tell_which_server_they_were_measured_on() -> None:
    for version in tables():
        assert read_table(version).kubernetes.startswith(f"v{version}.")
