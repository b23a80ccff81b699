"""Who did it: the runs go through with the generated role alone, as oneself or as a service account; both are told."""

import pytest

from daytwo.ledger.runs import find_run
from daytwo.model.run import RunState, StepState
from tests.servers.polling import until
from tests.torture.arena import DOER, STAND_IN
from tests.torture.conftest import NewWorker
from tests.torture.ground import Ground
from tests.torture.judge import writes_of

pytestmark = [pytest.mark.cluster, pytest.mark.xdist_group("torture"), pytest.mark.timeout(600)]


@pytest.mark.parametrize("ledger_name", ["sqlite"], indirect=True)
def test_twenty_steps_and_back_as_a_service_account(ground: Ground, new_worker: NewWorker) -> None:
    """Who may only act as the account does, with the account's rights, what the actions' own role allows: all of it, and its undo."""
    ground.user, ground.acts_as = STAND_IN, DOER
    (run,) = ground.begin(1)
    new_worker()
    ground.finish()
    done = find_run(ground.ledger, run.id)
    assert str(done.actor) == f"{STAND_IN} as {DOER}"
    stored = list(writes_of(ground.plane, [done], STAND_IN))
    assert {(write.user, write.impersonated) for write in stored} == {(STAND_IN, DOER)}
    back = ground.begin_undo(done)
    until(ground.are_over, "everything to be taken back")
    undone = find_run(ground.ledger, back.id)
    assert undone.state is RunState.DONE
    assert {record.state for record in undone.stages} == {StepState.DONE}
    # Two restarts and two pods that ended are nothing that could be taken back.
    assert len(undone.stages) == len(done.stages) - 4
    client = ground.plane.client()
    namespace = done.stages[0].stage.step.call.target.namespace  # type: ignore[union-attr]
    assert client.get("Deployment", "web", namespace)["spec"]["replicas"] == 2
    assert client.get("ConfigMap", "settings", namespace)["data"] == {"level": "1"}
    assert client.find("ConfigMap", "added", namespace) is None
