"""From flags to a report: which cluster or recording, how much of it, compared with what."""

import os
import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Final

from daytwo.cli.progress import ProgressLine
from daytwo.cli.when import parse_past
from daytwo.cli.world import World
from daytwo.model.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from daytwo.engine.observe import Source
    from daytwo.engine.remember import Memory
    from daytwo.model.finding import Finding
    from daytwo.model.problem import Problem
    from daytwo.model.report import Report
    from daytwo.model.scope import Filters, Scope
    from daytwo.model.snapshot import Snapshot
    from daytwo.render.view import View

MANIFESTS: Final = (".yaml", ".yml", ".json")


@dataclass(frozen=True, kw_only=True, slots=True)
class Looking:
    """The flags that say what to look at, as they were given."""

    recording: str | None = None
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

    def path(self, world: World) -> Path | None:
        """The recording to read; None for a live cluster. UsageError for what is neither, and for flags that contradict."""
        if self.is_demo:
            if self.recording:
                raise UsageError("--demo reads the bundled recording; leave out the other one, or --demo")
            return self._only_recording(world.demo(), "--demo")
        if self.recording is None:
            return None
        return self._only_recording(_recording(self.recording), self.recording)

    def _only_recording(self, path: Path, name: str) -> Path:
        if self.context or self.kubeconfig:
            raise UsageError(f"{name} is a recording, --context and --kubeconfig name a cluster; give one of them")
        return path


@dataclass(frozen=True, slots=True)
class Look:
    """What a look saw and what is concluded from it. `looked_at` is when the cluster was seen."""

    snapshot: "Snapshot"
    report: "Report"
    looked_at: datetime
    new_findings: frozenset[str] | None = None


@asynccontextmanager
async def opened(
    world: World, looking: Looking, memory: "Memory | None" = None
) -> AsyncIterator[Callable[[ProgressLine], Awaitable[Look]]]:
    """A function that looks: reads, judges, compares, remembers. A cluster stays connected from one look to the next."""
    from daytwo.engine.observe import observe
    from daytwo.engine.review import review, reviewed, selected_checks
    from daytwo.model.scope import Scope

    filters = looking.filters()
    checks = selected_checks(filters)
    path = looking.path(world)
    moment = _moment(looking, path)
    scope = Scope(filters.namespaces)
    earlier = await _earlier(world, looking, scope) if memory is None or not memory.is_compared else None
    source: AbstractAsyncContextManager[Source]
    if path is not None:
        source = nullcontext(world.open_recording(path))
    else:
        source = world.open_cluster(looking.context, Path(looking.kubeconfig) if looking.kubeconfig else None)
    async with source as opened_source:
        if memory is not None:
            memory.begin()

        async def look(progress: ProgressLine) -> Look:
            with progress:
                snapshot = await observe(opened_source, scope, checks, progress)
            looked_at = snapshot.taken_at
            snapshot = replace(snapshot, taken_at=moment) if moment else snapshot
            _refuse_missing_namespaces(snapshot, filters.namespaces)
            if filters.selector is not None and not any(filters.selector.matches(one.labels) for one in snapshot.workloads):
                note(f"no workload that could be read has the labels {looking.selector}")
            _note_odd_comparison(snapshot, earlier)
            whole = reviewed(snapshot, filters, earlier)
            report = await memory.told(whole, filters) if memory is not None else whole.report
            new_findings = None
            if earlier is not None:
                known = {finding.fingerprint for finding in review(earlier, filters).findings}
                new_findings = frozenset(finding.fingerprint for finding in report.findings) - known
            return Look(snapshot, aimed(report, looking, is_recorded=path is not None), looked_at, new_findings)

        try:
            yield look
        finally:
            if memory is not None:
                await memory.close()


def look_once(world: World, looking: Looking, memory: "Memory | None" = None) -> Look:
    import asyncio

    async def once() -> Look:
        async with opened(world, looking, memory) as look:
            return await look(ProgressLine())

    return asyncio.run(once())


def view(look: Look, looking: Looking, *, timezone: str | None, program: str, is_all: bool = False, new_only: bool = False) -> "View":
    """How to show it, but for width and colour, which each output has its own of."""
    from daytwo.render.view import View

    return View(
        zone=zone(timezone),
        is_all=is_all,
        new_only=new_only,
        limits=looking.limits(),
        program=program,
        looked_at=look.looked_at,
    )


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
    """Whether a read failed. What -n leaves out was not asked for, and what a recording never held cannot fail."""
    return any(seen.gap.source not in ("snapshot", "recording") for seen in report.gaps)


def note(text: str) -> None:
    """A remark beside the report, on standard error."""
    from daytwo.render.visible import visible

    print(f"daytwo: {visible(text)}", file=sys.stderr)


async def _earlier(world: World, looking: Looking, scope: "Scope") -> "Snapshot | None":
    if looking.since is None:
        return None
    path = _since(looking.since)
    return await world.open_recording(path).read(scope, lambda progress: None)


def _since(text: str) -> Path:
    """The recording that `--since` names, by a path with a / or ending in .recording."""
    if "/" in text or os.sep in text or text.endswith(".recording"):
        return _recording(text)
    if parse_past(text, UTC) is not None:
        raise UsageError(
            f"--since {text}: findings are compared with a recording, such as --since ./monday.recording; "
            f"what the ledger remembers are problems: daytwo review --since {text}"
        )
    hint = f"; write ./{text} if you mean this file" if Path(text).exists() else ""
    raise UsageError(
        f'--since: "{text}" is neither a time such as yesterday, 24h or 7d nor a path (with a /, or ending in .recording){hint}'
    )


def _moment(looking: Looking, path: Path | None) -> datetime | None:
    if looking.moment is None:
        return None
    if path is None:
        raise UsageError("--at: a cluster is looked at as it is now; --at judges a recording")
    at = _time(looking.moment)
    if at is None or at.tzinfo is None:
        raise UsageError(f'--at: "{looking.moment}" is no time with a zone; write one such as 2026-11-20T08:00:00Z')
    return at.astimezone(UTC)


def _time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _recording(name: str) -> Path:
    """The path of a recording; UsageError for what is not one by its looks."""
    path = Path(name)
    if path.is_dir():
        raise UsageError(f"{name} is a folder; {_READS}")
    if not path.exists():
        hint = "" if "/" in name or "." in name else f" (a kubeconfig context is named with --context {name})"
        raise UsageError(f"{name}: there is no such file{hint}")
    if path.suffix.lower() in MANIFESTS:
        raise UsageError(f"{name} is a {path.suffix[1:].upper()} file; {_READS}")
    if _is_manifest(path):
        raise UsageError(f"{name} is a Kubernetes manifest; {_READS}")
    return path


def _is_manifest(path: Path) -> bool:
    """Whether a file begins like one; what cannot be read is left to who reads it."""
    try:
        with path.open("rb") as file:
            start = file.read(4096)
    except OSError:
        return False
    return re.search(rb'(?m)^\s*"?(kind|apiVersion)"?:', start) is not None


_READS: Final = "manifests are not read yet: daytwo reads a live cluster, or a recording that `daytwo record` made"


def _refuse_missing_namespaces(snapshot: "Snapshot", namespaces: tuple[str, ...]) -> None:
    """A misspelt namespace holds no problems; that must not read as an all-clear."""
    from daytwo.model.control_plane import Namespace

    if not snapshot.is_read("Namespace"):
        return
    known = [namespace.name for namespace in snapshot.seen(Namespace)]
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
