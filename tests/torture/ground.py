"""Where runs are tortured: one API server that counts, a history of its objects, and runs that are made, watched and answered."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from daytwo.engine.act import Door
from daytwo.ledger.database import Ledger
from daytwo.ledger.runs import create_run, find_run, new_run_id
from daytwo.ledger.signals import send_signal
from daytwo.ledger.unavailable import LedgerUnavailable
from daytwo.model.call import Call
from daytwo.model.person import Person
from daytwo.model.plan import Diff, Plan
from daytwo.model.proposal import Proposal
from daytwo.model.ruling import Ruling
from daytwo.model.run import Command, Reply, Run, WaitKind
from daytwo.sources.kubernetes.live import open_cluster
from daytwo.writers.kubernetes import KubernetesWriter
from tests.servers.audit import Write
from tests.servers.control_plane import ControlPlane
from tests.servers.history import History
from tests.servers.polling import until
from tests.torture.arena import OPERATOR, Arena, new_arenas
from tests.torture.judge import Tally, judge, times_seen, writes_of
from tests.torture.worker import NoPrograms

ANSWERER = Person("anna", "kubernetes")


@dataclass
class Ground:
    """One control plane and one ledger. `asked` counts the questions that were put to a person, and answered."""

    plane: ControlPlane
    history: History
    ledger: Ledger
    random: Random
    user: str = OPERATOR
    acts_as: str = ""
    runs: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    @property
    def kubeconfig(self) -> Path:
        return self.plane.kubeconfig(self.user)

    def begin(self, how_many: int) -> list[Run]:
        """Runs of twenty steps, each in an arena of its own, approved by who starts them."""
        return self.begin_in(new_arenas(self.plane, how_many))

    def begin_in(self, arenas: Sequence[Arena]) -> list[Run]:
        made = asyncio.run(self._propose([arena.calls for arena in arenas]))
        self.runs += [run.id for run in made]
        return made

    def found(self) -> list[Run]:
        return [find_run(self.ledger, id) for id in self.runs]

    def steps_done(self) -> int:
        return sum(record.finished_at is not None for run in self.found() for record in run.stages)

    def stored(self) -> list[Write]:
        """What was written, or may have been, in the arenas of these runs."""
        return list(writes_of(self.plane, self.found(), self.user))

    def are_over(self) -> bool:
        """Whether all runs are; what they ask meanwhile is answered, by what the objects went through."""
        try:
            runs = self.found()
            for run in runs:
                if run.waiting is not None and run.waiting.kind is WaitKind.ANSWER:
                    self._answer(run)
                assert run.waiting is None or run.waiting.kind is not WaitKind.APPROVAL, run.waiting
        except LedgerUnavailable:
            return False
        return all(run.state.is_over for run in runs)

    def finish(self) -> Tally:
        """Waits for the end of all runs, judges them, and is done with them."""
        until(self.are_over, "the runs to be over")
        tally = judge(self.plane, self.history, self.ledger, self.runs, self.user)
        self.runs.clear()
        return tally

    def _answer(self, run: Run) -> None:
        assert run.waiting is not None
        record = run.stages[run.waiting.stage]
        self.asked.append(f"{run.id} {record.number}: {run.waiting.text}")
        reply = Reply.DONE if times_seen(self.history, record) else Reply.REPEAT
        send_signal(self.ledger, run.id, Command.ANSWER, ANSWERER, reply=reply)

    async def _propose(self, calls: Sequence[Sequence[Call]]) -> list[Run]:
        async with self._door() as door:
            proposals = await asyncio.gather(*(door.propose(each, allow) for each in calls))
        made = []
        for proposal in proposals:
            assert not proposal.is_blocked, [item.plan.blocked for item in proposal.items]
            assert all(item.plan.steps and not diff.unknown for item in proposal.items for diff in item.diffs)
            made.append(self._create(door, proposal))
        return made

    def begin_undo(self, done: Run) -> Run:
        """The run that takes another back."""

        async def propose() -> Run:
            async with self._door() as door:
                return self._create(door, await door.propose_undo(done, allow))

        made = asyncio.run(propose())
        self.runs.append(made.id)
        return made

    def _create(self, door: Door, proposal: Proposal) -> Run:
        return create_run(self.ledger, door.run(proposal, new_run_id(self.ledger, self.random), datetime.now(UTC)))

    @asynccontextmanager
    async def _door(self) -> AsyncIterator[Door]:
        async with open_cluster(None, self.kubeconfig, environment={}, impersonate=self.acts_as) as cluster:
            identity = await cluster.identify()
            person = Person(self.user, "kubernetes", self.acts_as)
            yield Door(cluster, KubernetesWriter(cluster.connection), NoPrograms(), identity, person)


async def allow(plan: Plan, diffs: tuple[Diff, ...]) -> Ruling:
    """Policy has its own tests; here everything is asked for by somebody who may."""
    return Ruling(class_=plan.class_, tier=plan.tier)
