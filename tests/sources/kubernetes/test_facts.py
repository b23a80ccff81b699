"""Facts of one plan: what is not there, what is hidden, and what nobody has installed."""

import asyncio

import pytest

from daytwo.model.cluster import Cluster
from daytwo.model.facts import Facts, Needs
from daytwo.model.gap import Unseen
from daytwo.model.target import ResourceType, Target, built_in
from daytwo.sources.kubernetes.live import open_cluster
from tests.servers.control_plane import NOBODY, ControlPlane
from tests.sources.kubernetes.looking import QUICK

AUTOSCALER = ResourceType("autoscaling.k8s.io", "v1", "verticalpodautoscalers", "VerticalPodAutoscaler")


def facts(plane: ControlPlane, user: str, needs: Needs) -> Facts:
    async def read() -> Facts:
        async with open_cluster(user, plane.kubeconfig(user), patience=QUICK, environment={}) as cluster:
            return await cluster.facts(Cluster("test"), needs)

    return asyncio.run(read())


@pytest.mark.cluster
def test_what_nobody_has_installed_is_not_hidden(control_plane: ControlPlane, namespace: str) -> None:
    """To who may read nothing, kinds that are not served are forbidden like all others: there are none of them all the same."""
    absent, one = Target(AUTOSCALER, namespace, ""), Target(AUTOSCALER, namespace, "web")
    hidden, config = built_in("Secret", namespace, ""), built_in("ConfigMap", namespace, "web")
    found = facts(control_plane, NOBODY, Needs(objects=(one, config), lists=(absent, hidden)))
    assert (found.listed(absent), found.live(one)) == ((), None)
    for read in (lambda: found.listed(hidden), lambda: found.live(config)):
        with pytest.raises(Unseen, match="forbidden"):
            read()


@pytest.mark.cluster
def test_what_is_there_is_read_raw_and_what_is_not_is_absent(control_plane: ControlPlane, namespace: str) -> None:
    """Every object of a kind, and one by name."""
    client = control_plane.client()
    for name in ("a", "b"):
        client.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"n": name}}, namespace)
    every, one, none = (built_in("ConfigMap", namespace, name) for name in ("", "a", "c"))
    found = facts(control_plane, "admin", Needs(objects=(one, none), lists=(every,)))
    assert {live.text("/metadata/name") for live in found.listed(every)} >= {"a", "b"}
    live = found.live(one)
    assert live is not None
    assert (live.text("/data/n"), found.live(none)) == ("a", None)
