"""A live cluster as a source: opening it, looking at it, and asking it for logs."""

import os
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from daytwo.api_server.configuration import Target, find_target, impersonating
from daytwo.api_server.connection import Connection, NoAnswer, Patience
from daytwo.model.answer import Answers
from daytwo.model.cluster import Cluster
from daytwo.model.control_plane import CustomResourceDefinition
from daytwo.model.errors import UsageError
from daytwo.model.facts import Facts, Needs
from daytwo.model.gap import Gap, Want
from daytwo.model.progress import OnProgress
from daytwo.model.right import Right
from daytwo.model.scope import Scope
from daytwo.model.snapshot import Snapshot
from daytwo.sources.kubernetes.access import Permission, needed_rights, permission, user_name
from daytwo.sources.kubernetes.facts import read_facts
from daytwo.sources.kubernetes.logs import read_log
from daytwo.sources.kubernetes.look import Look, cluster_uid
from daytwo.sources.kubernetes.many import each
from daytwo.sources.kubernetes.resolution import Served, read_served

_AT_ONCE: Final = 8


@asynccontextmanager
async def open_cluster(
    context: str | None = None,
    kubeconfig: Path | None = None,
    *,
    patience: Patience | None = None,
    environment: Mapping[str, str] | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    impersonate: str | None = None,
) -> AsyncIterator["LiveCluster"]:
    """The cluster that `--context` and `--kubeconfig` name, as kubectl finds it. Raises UsageError when it cannot be asked.

    `clock` is asked only where the API server does not tell the time. `impersonate` replaces whom the kubeconfig impersonates;
    "" is oneself.
    """
    target = find_target(context, kubeconfig, os.environ if environment is None else environment)
    if impersonate is not None:
        target = impersonating(target, impersonate)
    async with Connection(target, patience or Patience()) as connection:
        yield LiveCluster(connection, clock)


class Greeting(NamedTuple):
    """What an API server says of itself and of us; what it does not say is empty."""

    version: str
    time: datetime | None
    user: str


class LiveCluster:
    """A cluster that answers now."""

    def __init__(self, connection: Connection, clock: Callable[[], datetime]) -> None:
        self._connection = connection
        self._clock = clock

    @property
    def connection(self) -> Connection:
        """For writers, which reach the same API server as the same user."""
        return self._connection

    @property
    def target(self) -> Target:
        return self._connection.target

    @property
    def namespace(self) -> str:
        """The context's."""
        return self._connection.target.namespace

    async def read(self, scope: Scope, on_progress: OnProgress) -> Snapshot:
        """Every kind in scope. What cannot be read is a gap; only a cluster that cannot be asked at all raises UsageError."""
        if scope.kinds:
            cluster = await self.identify()
            return await Look(self._connection, scope, on_progress).part(self._connection.server_time or self._clock(), cluster)
        version = await self._connection.first_contact()
        # The moment before the first object is read: nothing then seems older than it is, however long the reading takes.
        taken_at = self._connection.server_time or self._clock()
        return await Look(self._connection, scope, on_progress).snapshot(taken_at, version)

    async def answer(self, wants: Sequence[Want]) -> Answers:
        """The last log lines of containers; what other sources answer is a gap here."""
        answers: dict[Want, Answers] = {}

        async def ask(want: Want) -> None:
            if want.source == "logs":
                answers[want] = await read_log(self._connection, want)
            else:
                answers[want] = Answers(gaps=(Gap(want.source, want.query, "the Kubernetes API does not answer this", want=want),))

        await each(wants, ask, _AT_ONCE)
        in_order = [answers[want] for want in sorted(answers)]
        return Answers(
            answered=frozenset(want for answer in in_order for want in answer.answered),
            occurrences=tuple(occurrence for answer in in_order for occurrence in answer.occurrences),
            gaps=tuple(gap for answer in in_order for gap in answer.gaps),
        )

    async def identify(self) -> Cluster:
        """Which cluster this is and who we are to it, without looking at anything in it. Raises UsageError when it cannot be asked."""
        version = await self._connection.first_contact()
        try:
            user = self._connection.user = await user_name(self._connection)
        except NoAnswer:
            user = ""
        return Cluster(name=self.target.name, uid=await cluster_uid(self._connection), version=version, user=user)

    async def facts(self, cluster: Cluster, needs: Needs) -> Facts:
        """What an action needs to read, now."""
        return await read_facts(self._connection, cluster, needs, self._clock)

    async def served(self) -> Served:
        """What kinds there are and what people call them, to find what they mean. Raises UsageError."""
        return await read_served(self._connection)

    async def greet(self) -> Greeting:
        """Who answers, when, and as whom we are known, for `daytwo doctor`. Raises UsageError when nobody does."""
        version = await self._connection.first_contact()
        try:
            user = await user_name(self._connection)
        except NoAnswer:
            user = ""
        return Greeting(version, self._connection.server_time, user)

    async def permissions(self, custom: Iterable[CustomResourceDefinition] = ()) -> tuple[Permission, ...]:
        """Which of the rights that reading takes the user has in the whole cluster, for `daytwo doctor`. Raises UsageError."""
        await self._connection.first_contact()
        rights = needed_rights(custom)
        found: dict[Right, Permission] = {}

        async def ask(right: Right) -> None:
            try:
                found[right] = await permission(self._connection, right)
            except NoAnswer as failure:
                raise UsageError(f"cannot ask the API server for the user's rights: {failure.reason}") from failure

        await each(rights, ask, _AT_ONCE)
        return tuple(found[right] for right in rights)
