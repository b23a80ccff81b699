"""From flags to a report: which cluster or recording, how much of it, compared with what."""

import os
import shlex
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from daytwo.cli.input import kubernetes_version, recording_among
from daytwo.cli.progress import ProgressLine
from daytwo.cli.when import parse_past
from daytwo.cli.world import World
from daytwo.model.errors import UsageError, did_you_mean
from daytwo.model.files import Files

if TYPE_CHECKING:
    from daytwo.engine.observe import FileSource, Source
    from daytwo.engine.remember import Memory
    from daytwo.model.finding import Finding
    from daytwo.model.problem import Problem
    from daytwo.model.report import Report
    from daytwo.model.scope import Filters, Scope
    from daytwo.model.snapshot import Snapshot
    from daytwo.render.view import View


@dataclass(frozen=True, kw_only=True, slots=True)
class Looking:
    """The flags that say what to look at, as they were given."""

    paths: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()
    kubernetes: str | None = None
    profile: str | None = None
    exemptions: str | None = None
    owners: str | None = None
    is_demo: bool = False
    context: str | None = None
    kubeconfig: str | None = None
    namespaces: tuple[str, ...] = ()
    is_everywhere: bool = False
    selector: str | None = None
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    min_severity: str = "info"
    moment: str | None = None
    since: str | None = None

    def filters(self) -> "Filters":
        from daytwo.model.scope import Filters
        from daytwo.model.selector import parse_selector
        from daytwo.model.severity import Severity

        if self.is_everywhere and self.namespaces:
            raise UsageError("-A looks at the whole cluster and -n at one namespace; give one of them")
        try:
            selector = parse_selector(self.selector) if self.selector else None
        except ValueError as error:
            raise UsageError(f"-l: {error}") from None
        return Filters(
            namespaces=tuple(dict.fromkeys(self.namespaces)),
            selector=selector,
            only=_names(self.only),
            skip=_names(self.skip),
            min_severity=Severity(self.min_severity),
        )

    def limits(self) -> str:
        """What is left out on purpose, for the report's header."""
        from daytwo.render.words import listed

        parts = []
        if self.namespaces:
            word = "namespaces" if len(set(self.namespaces)) > 1 else "namespace"
            parts.append(f"only {word} {listed(tuple(dict.fromkeys(self.namespaces)), 5)}")
        if self.selector:
            parts.append(f"only workloads with {self.selector}")
        if self.only:
            parts.append(f"only {listed(_names(self.only), 3)}")
        if self.skip:
            parts.append(f"without {listed(_names(self.skip), 3)}")
        if self.min_severity != "info":
            parts.append(f"{self.min_severity} and worse")
        return ", ".join(parts)

    def input(self, world: World) -> "Path | Files | None":
        """The recording or the files to read; None for a live cluster. UsageError for flags that contradict."""
        paths = self.paths
        if self.is_demo:
            if paths:
                raise UsageError(f"--demo reads the bundled recording; leave out {paths[0]}, or --demo")
            paths = (str(world.demo()),)
        found = self._files_or_recording(paths) if paths else None
        if found is not None and (self.context or self.kubeconfig):
            what = "--demo" if self.is_demo else paths[0]
            raise UsageError(f"{what} is no cluster, --context and --kubeconfig name one; give one of them")
        if (self.values or self.sets) and not isinstance(found, Files):
            raise UsageError("--values and --set are for a Helm chart; name its folder")
        if self.kubernetes and not isinstance(found, Files):
            raise UsageError("--kubernetes is for files; a cluster and a recording have a version of their own")
        return found

    def _files_or_recording(self, paths: tuple[str, ...]) -> "Path | Files":
        recording = recording_among(paths)
        if recording is not None:
            return recording
        return Files(
            paths,
            values=self.values,
            sets=self.sets,
            # Several are a filter; one is also where `kubectl apply -n` would put what names none.
            namespace=self.namespaces[0] if len(set(self.namespaces)) == 1 else "",
            version=kubernetes_version(self.kubernetes) if self.kubernetes else "",
            at=_moment(self.moment),
        )


@dataclass(frozen=True, slots=True)
class Look:
    """What a look saw and what is concluded from it. `looked_at` is when the cluster was seen; `files` are those that were read.

    `chosen` are the names of the checks that the profile and the filters leave, also of those that had nobody to be asked of.
    """

    snapshot: "Snapshot"
    report: "Report"
    looked_at: datetime
    new_findings: frozenset[str] | None = None
    files: "FileSource | None" = None
    chosen: frozenset[str] = frozenset()


@asynccontextmanager
async def opened(
    world: World, looking: Looking, memory: "Memory | None" = None, *, is_joined: bool = True
) -> AsyncIterator[Callable[[ProgressLine], Awaitable[Look]]]:
    """A function that looks: reads, judges, compares, remembers. A cluster stays connected from one look to the next.

    Without `is_joined` findings are not joined into problems: it takes time, and not everybody shows them.
    """
    from daytwo.engine.observe import observe
    from daytwo.engine.placing import placed
    from daytwo.engine.review import reviewed
    from daytwo.engine.standard import selected_checks, selected_names
    from daytwo.model.scope import Scope

    filters = looking.filters()
    standard = world.standard(looking.profile, looking.exemptions)
    owners = world.owners(looking.owners)
    chosen = selected_names(filters, standard.profile)  # names that are not there are told before anything is read
    given = looking.input(world)
    moment = _moment(looking.moment)
    if moment is not None and given is None:
        raise UsageError("--at: a cluster is looked at as it is now; --at judges a recording, or files that a cluster wrote")
    scope = Scope(filters.namespaces)
    earlier = await _earlier(world, looking, scope) if memory is None or not memory.is_compared else None
    files = world.open_files(given) if isinstance(given, Files) else None
    # Nothing beyond files can be asked of files.
    checks = selected_checks(filters, standard.profile) if files is None else ()
    source: AbstractAsyncContextManager[Source]
    if files is not None:
        source = nullcontext(files)
    elif isinstance(given, Path):
        source = nullcontext(world.open_recording(given))
    else:
        source = world.open_cluster(looking.context, Path(looking.kubeconfig) if looking.kubeconfig else None)
    async with source as opened_source:
        if memory is not None:
            memory.begin()

        async def look(progress: ProgressLine) -> Look:
            with progress:
                snapshot = await observe(opened_source, scope, checks, progress)
            looked_at = snapshot.taken_at
            snapshot = replace(snapshot, taken_at=moment or snapshot.taken_at, ownership=owners.joined(snapshot.ownership))
            refuse_missing_namespaces(snapshot, filters.namespaces)
            if filters.selector is not None and not any(filters.selector.matches(one.labels) for one in snapshot.workloads):
                note(f"no workload that could be read has the labels {looking.selector}")
            _note_odd_comparison(snapshot, earlier)
            whole = reviewed(snapshot, filters, earlier, standard, is_joined=is_joined)
            report = await memory.told(whole, filters) if memory is not None else whole.report
            if files is not None:
                report = placed(report, files)
            new_findings = None
            if whole.before is not None:
                known = {finding.fingerprint for finding in whole.before}
                new_findings = frozenset(finding.fingerprint for finding in report.findings) - known
            return Look(snapshot, aimed(report, looking, is_recorded=isinstance(given, Path)), looked_at, new_findings, files, chosen)

        try:
            yield look
        finally:
            if memory is not None:
                await memory.close()


def look_once(world: World, looking: Looking, memory: "Memory | None" = None, *, is_joined: bool = True) -> Look:
    async def once() -> Look:
        async with opened(world, looking, memory, is_joined=is_joined) as look:
            return await look(ProgressLine())

    if memory is None and looking.input(world) is not None:
        return without_waiting(once())
    import asyncio

    return asyncio.run(once())


T = TypeVar("T")


def without_waiting(work: Coroutine[None, None, T]) -> T:
    """Runs what reads nothing but files, and so waits for nobody: an event loop takes as long to import as a small tree to judge."""
    try:
        work.send(None)
    except StopIteration as done:
        found: T = done.value
        return found
    raise RuntimeError("files were waited for")


def view(look: Look, looking: Looking, *, timezone: str | None, program: str, is_all: bool = False, new_only: bool = False) -> "View":
    """How to show it, but for width and colour, which each output has its own of."""
    from daytwo.render.view import View

    return View(
        zone=zone(timezone),
        is_all=is_all,
        new_only=new_only,
        since=looking.since or "",
        limits=looking.limits(),
        nothing_asked=_nothing_asked(look),
        program=program,
        paths="--demo" if looking.is_demo else shlex.join(looking.paths),
        looked_at=look.looked_at,
    )


def _nothing_asked(look: Look) -> str:
    """Why no check was asked of files, which else would read as an all-clear; empty where some were."""
    if not look.report.is_of_files or look.report.verdicts:
        return ""
    from daytwo import catalog
    from daytwo.model.severity import Basis

    if not look.chosen:
        return "the profile, --only and --skip together leave no check"
    of_state = sum(one.basis is Basis.STATE for one in catalog.outlines() if one.name in look.chosen)
    rest = len(look.chosen) - of_state
    if of_state == 0:
        return f"these files hold no object that {'this check is' if rest == 1 else 'these checks are'} about"
    others = f"; these files hold no object that the other {'one is' if rest == 1 else f'{rest:,} are'} about" if rest else ""
    which = f"{of_state:,} of these checks" if rest else "this check" if of_state == 1 else "these checks"
    needs = "needs" if of_state == 1 else "need"
    return f"{which} {needs} a cluster, whose state files do not show: name a recording, or no path{others}"


def zone(name: str | None) -> tzinfo:
    """The zone that --timezone names, else TZ where it names one, else UTC."""
    from zoneinfo import ZoneInfo, available_timezones

    wanted = name or os.environ.get("TZ", "").lstrip(":")
    if not wanted or wanted == "UTC":
        return UTC
    try:
        return ZoneInfo(wanted)
    except (KeyError, OSError, ValueError):
        if name is None:
            return UTC
        known = available_timezones()
        hint = did_you_mean(name, known) if known else "; this machine has no time zone data: install its package tzdata"
        raise UsageError(f'--timezone: there is no zone "{name}"{hint or "; write one such as Europe/Berlin"}') from None


def aimed(report: "Report", looking: Looking, *, is_recorded: bool) -> "Report":
    """The report with commands that reach the cluster it is about, also where that is not the current context's."""
    from msgspec.structs import replace as changed

    from daytwo.model.command import Command, Next

    flags: list[str] = []
    if looking.kubeconfig:
        flags += ["--kubeconfig", looking.kubeconfig]
    if looking.context or (is_recorded and report.cluster.name not in ("", "in-cluster")):
        flags += ["--context", looking.context or report.cluster.name]
    if not flags:
        return report

    def aim(command: "Command | None") -> "Command | None":
        if command is None:
            return None
        program, *rest = command.argv
        # kubectl takes them before its verb, daytwo's actions after their target.
        return Command((program, *flags, *rest) if program == "kubectl" else (*command.argv, *flags))

    def aim_next(next: "Next") -> "Next":
        return changed(next, confirm=aim(next.confirm), repair=aim(next.repair))

    def aim_finding(finding: "Finding") -> "Finding":
        return changed(finding, hit=changed(finding.hit, confirm=aim(finding.hit.confirm))) if finding.hit.confirm else finding

    def aim_problem(problem: "Problem") -> "Problem":
        return changed(problem, next=aim_next(problem.next), findings=tuple(map(aim_finding, problem.findings)))

    return changed(
        report,
        problems=tuple(map(aim_problem, report.problems)),
        findings=tuple(map(aim_finding, report.findings)),
    )


def has_failed_reads(report: "Report") -> bool:
    """Whether a read failed. What -n leaves out was not asked for, and what a recording or a file never held cannot fail."""
    return any(seen.is_of_look and seen.gap.source not in ("snapshot", "recording", "files") for seen in report.gaps)


def note(text: str) -> None:
    """A remark beside the report, on standard error."""
    from daytwo.render.visible import visible

    print(f"daytwo: {visible(text)}", file=sys.stderr)


async def _earlier(world: World, looking: Looking, scope: "Scope") -> "Snapshot | None":
    if looking.since is None:
        return None
    found = replace(looking, paths=(_since(looking.since),), is_demo=False, context=None, kubeconfig=None).input(world)
    source: Source
    if isinstance(found, Files):
        source = world.open_files(found)
    else:
        assert found is not None
        source = world.open_recording(found)
    return await source.read(scope, lambda progress: None)


def _since(text: str) -> str:
    """The recording or the files that `--since` names, by a path with a / or ending in .recording."""
    if "/" in text or os.sep in text or text.endswith(".recording"):
        return text
    if parse_past(text, UTC) is not None:
        raise UsageError(
            f"--since {text}: findings are compared with a recording, such as --since ./monday.recording; "
            f"what the ledger remembers are problems: daytwo review --since {text}"
        )
    hint = f"; write ./{text} if you mean this file" if Path(text).exists() else ""
    raise UsageError(
        f'--since: "{text}" is neither a time such as yesterday, 24h or 7d nor a path (with a /, or ending in .recording){hint}'
    )


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    at = _time(text)
    if at is None or at.tzinfo is None:
        raise UsageError(f'--at: "{text}" is no time with a zone; write one such as 2026-11-20T08:00:00Z')
    return at.astimezone(UTC)


def _time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def refuse_missing_namespaces(snapshot: "Snapshot", namespaces: tuple[str, ...]) -> None:
    """A misspelt namespace holds no problems; that must not read as an all-clear."""
    from daytwo.model.control_plane import Namespace

    if not snapshot.is_of_files and not snapshot.is_read("Namespace"):
        return
    known = snapshot.namespaces if snapshot.is_of_files else tuple(namespace.name for namespace in snapshot.seen(Namespace))
    for name in namespaces:
        if known and name not in known:
            raise UsageError(f'-n: there is no namespace "{name}"{did_you_mean(name, known)}')


def _note_odd_comparison(snapshot: "Snapshot", earlier: "Snapshot | None") -> None:
    if earlier is None:
        return
    if earlier.cluster.uid and snapshot.cluster.uid and earlier.cluster.uid != snapshot.cluster.uid:
        note(f"--since shows another cluster, {earlier.cluster.name}: new and gone say little here")
    if earlier.taken_at > snapshot.taken_at:
        note("--since is newer than what is looked at: new and gone are the wrong way round")


def _names(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.strip() for value in values for name in value.split(",") if name.strip()))
