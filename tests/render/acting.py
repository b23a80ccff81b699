"""Plans and runs to render, as the door and the engine make them."""

from datetime import UTC, datetime, timedelta

import msgspec

from daytwo.domains.changes.policy import PolicyFacts, rule
from daytwo.model.call import Call
from daytwo.model.change import Apply, Evict, Execute, FieldChange, Patch
from daytwo.model.cluster import Cluster
from daytwo.model.outcome import Outcome, Status
from daytwo.model.person import Person
from daytwo.model.plan import BlastRadius, Diff, FieldDiff, Plan
from daytwo.model.proposal import Proposal, Proposed
from daytwo.model.run import Act, Approval, Attempt, Run, RunState, StageRecord, StepState
from daytwo.model.step import Step
from daytwo.model.target import built_in
from daytwo.model.tier import Class, Tier
from daytwo.settings import Acting

AT = datetime(2026, 11, 20, 3, 12, 4, tzinfo=UTC)
ADA = Person("ada@example.com", "kubernetes")
CLUSTER = Cluster("prod-eu", "7d0", "v1.36.2-eks-1")
SCALE = built_in("Deployment", "shop", "web", "u-1", "scale")
SCALING = Call("scale", SCALE, {"replicas": 5})
STEP = Step("scale deployment shop/web from 3 to 5", SCALING, Patch(SCALE, (FieldChange("/spec/replicas", 3, 5),)), undo="scale back to 3")
PLAN = Plan(SCALING, STEP.title, (STEP,), blast=BlastRadius(workloads=1), effects=("2 pods start",), undo=STEP.undo)
DIFF = Diff(
    asked=(FieldDiff("/spec/replicas", 3, 5),),
    besides=(FieldDiff("/metadata/annotations/policy.example.com~1checked", None, "true"),),
)

WEB = built_in("Deployment", "shop", "web", "u-1")
APPLYING = Call("apply", WEB, {})
APPLY = Plan(
    APPLYING,
    "apply deployment shop/web",
    (Step("apply deployment shop/web", APPLYING, Apply(WEB, {})),),
    undo="the fields go back to what they were",
)
APPLY_DIFF = Diff(
    asked=(
        FieldDiff(
            "/spec/template/spec/containers/[web]/image", "registry.example.com/shop/web:1.4.2", "registry.example.com/shop/web:1.4.3"
        ),
        FieldDiff("/spec/template/spec/containers/[web]/resources", None, {"requests": {"cpu": "100m", "memory": "128Mi"}}),
        FieldDiff("/metadata/labels", {"port": "80"}, {"port": 80, "app.kubernetes.io/name": "web"}),
        FieldDiff("/spec/paused", True, None),
    ),
    warnings=("spec.example is deprecated",),
)

NODE = built_in("Node", "", "node-a", "u-2")
DRAINING = Call("drain", NODE, {})
PODS = [built_in("Pod", "shop", f"web-{index}", f"p-{index}") for index in range(2)]
DRAIN = Plan(
    DRAINING,
    "drain node node-a",
    (
        Step("cordon node node-a", DRAINING, Patch(NODE, (FieldChange("/spec/unschedulable", None, True),)), undo="uncordon it"),
        *(Step(f"evict {pod}", DRAINING, Evict(pod), Class.DESTRUCTIVE, no_undo="evicted is evicted") for pod in PODS),
    ),
    Class.DESTRUCTIVE,
    Tier.T3,
    BlastRadius(2, 1, 1, 2 / 3),
    warnings=("pod shop/cache-0 loses what is in its emptyDir",),
    no_undo="evicted pods do not move back",
)
DRAIN_DIFFS = (Diff(asked=(FieldDiff("/spec/unschedulable", None, True),)), Diff(), Diff())

FOREIGN_CALL = Call("command", None, {"argv": ["kubectl", "delete", "pod", "x y"]})
FOREIGN = Plan(
    FOREIGN_CALL,
    "run kubectl",
    (
        Step(
            "run kubectl", FOREIGN_CALL, Execute(("kubectl", "delete", "pod", "x y")), Class.DESTRUCTIVE, no_undo="what it did is not known"
        ),
    ),
    Class.DESTRUCTIVE,
    no_undo="what it did is not known",
)


def proposal(plan: Plan = PLAN, *diffs: Diff, around: PolicyFacts | None = None, person: Person = ADA) -> Proposal:
    """One call, judged by the real policy."""
    found = diffs or tuple(Diff() for _ in plan.steps)
    around = around or PolicyFacts(Acting(), AT, found)
    return Proposal(CLUSTER, person, (Proposed(plan, found, tuple(f"d{index}" for index, _ in enumerate(found)), rule(plan, around)),))


def later(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


ATTEMPT = Attempt(1, later(1), 7, "d0", outcome=Outcome(Status.DONE, later(2), "stored"))
RUN = Run(
    "r7k2",
    "7d0",
    "prod-eu",
    STEP.title,
    RunState.DONE,
    ADA,
    AT,
    (StageRecord(0, Act(STEP), StepState.DONE, (ATTEMPT,), "5 of 5 ready", None, later(43)),),
    (Approval("d0", ADA, AT),),
    why="evening peak",
    finished_at=later(43),
)


def run(state: RunState = RunState.DONE, **changes: object) -> Run:
    if not state.is_over:
        changes.setdefault("finished_at", None)
    return msgspec.structs.replace(RUN, state=state, **changes)
