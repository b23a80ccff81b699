"""Looking in two rounds: the resources, then what checks want beyond them."""

import asyncio
from collections.abc import Sequence

from daytwo.catalog import Check
from daytwo.engine.observe import observe
from daytwo.model.answer import Answers
from daytwo.model.gap import Gap, Want
from daytwo.model.progress import OnProgress, Progress
from daytwo.model.scope import Scope
from daytwo.model.severity import Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot
from tests.objects import snapshot_document
from tests.specimen import snapshot_of

KNOWN, UNKNOWN = Want("logs", "shop/web-1/app"), Want("logs", "shop/web-2/app")


class Recorded:
    """A source that can answer one of the two wants."""

    def __init__(self) -> None:
        self.asked: list[Sequence[Want]] = []

    async def read(self, scope: Scope, on_progress: OnProgress) -> Snapshot:
        return snapshot_of(snapshot_document())

    async def answer(self, wants: Sequence[Want]) -> Answers:
        self.asked.append(wants)
        gaps = tuple(Gap(want.source, want.query, "forbidden", want=want) for want in wants if want != KNOWN)
        return Answers(answered=frozenset({KNOWN} & set(wants)), gaps=gaps)


def wanting(*wants: Want) -> Check:
    def silent(subject: object, snapshot: Snapshot) -> object:
        return iter(())

    return Check("test/wanting", (), Heading.OPERATIONS, Severity.LOW, Harm.NONE, silent, None, lambda snapshot: wants)  # type: ignore[arg-type]


def ignore(progress: Progress) -> None:
    """Nobody watches."""


def test_wants_of_all_checks_are_asked_once_and_a_want_without_answer_is_a_gap() -> None:
    source = Recorded()
    snapshot = asyncio.run(observe(source, Scope(), [wanting(KNOWN, UNKNOWN), wanting(KNOWN)], ignore))
    assert source.asked == [[KNOWN, UNKNOWN]]
    assert snapshot.answered == {KNOWN}
    assert [gap.want for gap in snapshot.gaps] == [UNKNOWN]
    assert snapshot.coverage.ratio < 1.0


def test_nothing_wanted_asks_nothing() -> None:
    source = Recorded()
    asyncio.run(observe(source, Scope(), [wanting()], ignore))
    assert source.asked == []
