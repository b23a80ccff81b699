"""A real API server as the engine would use it for one action: plan, send, look again, undo."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

import msgspec

from daytwo import catalog
from daytwo.actions.forms import answer, form
from daytwo.model.call import Call
from daytwo.model.change import Change
from daytwo.model.cluster import Cluster
from daytwo.model.facts import Facts, Needs
from daytwo.model.json import Json
from daytwo.model.live import Live
from daytwo.model.outcome import Outcome, Seen, Status, Verification
from daytwo.model.plan import Plan
from daytwo.model.request import Request, Response
from daytwo.model.standing import Stand, Standing
from daytwo.model.step import Step
from daytwo.model.target import Target, built_in
from daytwo.sources.kubernetes.live import LiveCluster, open_cluster
from daytwo.writers.kubernetes import KubernetesWriter
from tests.servers.client import Client
from tests.servers.control_plane import ADMIN, ControlPlane
from tests.servers.polling import until

T = TypeVar("T")

CLUSTER: Final = Cluster(name="test")
_ATTEMPTS: Final = 20


@dataclass(frozen=True)
class World:
    """One namespace, seen and changed as `user`."""

    plane: ControlPlane
    namespace: str
    user: str = ADMIN

    @property
    def client(self) -> Client:
        return self.plane.client()

    def target(self, kind: str, name: str) -> Target:
        return built_in(kind, self.namespace, name)

    def plan(self, uses: str, kind: str, name: str, **params: Json) -> Plan:
        return self.plan_of(Call(uses, self.target(kind, name), {key.replace("_", "-"): value for key, value in params.items()}))

    def plan_of(self, call: Call) -> Plan:
        action = catalog.find_action(call.uses).module
        return action.plan(call, self.facts(action.needs(call)))

    def facts(self, needs: Needs) -> Facts:
        return self._with(lambda cluster: cluster.facts(CLUSTER, needs))

    def live(self, target: Target) -> Live | None:
        return self.facts(Needs(objects=(target,))).live(target)

    def standing(self, change: Change) -> Standing:
        assert change.target is not None
        return form.standing(change, self.live(change.target))

    def request(self, change: Change) -> Request:
        assert change.target is not None
        return form.request(change, self.live(change.target))

    def rehearse(self, request: Request) -> Response:
        return self._with(lambda cluster: KubernetesWriter(cluster.connection).rehearse(request))

    def send(self, request: Request) -> Response:
        return self._with(lambda cluster: KubernetesWriter(cluster.connection).send(request))

    def do(self, step: Step) -> Outcome:
        """Sends one step as the engine would: an object that moves by itself is read again."""
        for _ in range(_ATTEMPTS):
            outcome = self.attempt(step)
            if not outcome.is_retryable:
                break
        assert outcome.status is Status.DONE, outcome
        return outcome

    def attempt(self, step: Step) -> Outcome:
        """Sends one step once, whatever comes of it."""
        standing = self.standing(step.change)
        assert standing.stand is Stand.OPEN, standing
        return answer.outcome(step.change, self.send(self.request(step.change)), datetime.now(UTC))

    def look(self, step: Step, outcome: Outcome) -> Verification:
        action = catalog.find_action(step.call.uses).module
        return action.verify(step, outcome, self.facts(action.watch(step)))

    def verified(self, step: Step, outcome: Outcome, timeout_seconds: float = 60.0) -> Verification:
        """What looking again says in the end."""

        def settled() -> Verification | None:
            found = self.look(step, outcome)
            return None if found.seen is Seen.NOT_YET else found

        return until(settled, f"{step.title} to be done or to fail", timeout_seconds)

    def carry_out(self, plan: Plan) -> tuple[Step, Outcome]:
        """Sends the only step of a plan and waits until it is done."""
        assert not plan.blocked, plan.blocked
        assert not plan.already, plan.already
        (step,) = plan.steps
        outcome = self.do(step)
        found = self.verified(step, outcome)
        assert found.seen is Seen.DONE, found
        return step, outcome

    def take_back(self, step: Step, outcome: Outcome) -> Verification:
        """Sends what undoes a step and waits until that is done."""
        back = catalog.find_action(step.call.uses).module.undo(step, outcome)
        assert back is not None
        undone = self.do(back)
        found = self.verified(back, undone)
        assert found.seen is Seen.DONE, found
        return found

    def spec(self, kind: str, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.client.get(kind, name, self.namespace)["spec"]
        return found

    def _with(self, ask: Callable[[LiveCluster], Awaitable[T]]) -> T:
        async def run() -> T:
            async with open_cluster(self.user, self.plane.kubeconfig(self.user), environment={}) as cluster:
                return await ask(cluster)

        return asyncio.run(run())


def planned(uses: str, target: Target, facts: Facts, **params: Json) -> Plan:
    """A plan from facts at hand."""
    call = Call(uses, target, {key.replace("_", "-"): value for key, value in params.items()})
    return catalog.find_action(uses).module.plan(call, facts)


def body_of(response: Response) -> Live:
    return Live(msgspec.json.decode(response.body))
