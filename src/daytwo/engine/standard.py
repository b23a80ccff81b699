"""Holding findings to a standard: which checks a profile asks, and which fails somebody has decided to live with."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from difflib import get_close_matches

import msgspec

from daytwo import catalog
from daytwo.catalog import Check
from daytwo.model.errors import UsageError
from daytwo.model.exemption import Exemption
from daytwo.model.finding import Finding
from daytwo.model.metadata import Resource
from daytwo.model.profile import EVERY, Profile
from daytwo.model.ref import Ref
from daytwo.model.runnable import Runnable
from daytwo.model.scope import Filters
from daytwo.model.severity import Basis, Verdict
from daytwo.model.snapshot import Snapshot
from daytwo.sources.exemptions import ANNOTATION, parse_annotation


def selected_checks(filters: Filters, profile: Profile, seen: Snapshot | None = None) -> tuple[Check, ...]:
    """The checks that `selected_names` gives, with the profile's severities and options.

    Of files that were `seen`, those that have a subject there: of hundreds of checks, most are for kinds that a small tree lacks.
    """
    names = selected_names(filters, profile)
    if seen is not None and seen.is_of_files:
        names &= _with_subjects(seen)
    return tuple(_set(check, profile) for check in catalog.checks(names))


def _with_subjects(snapshot: Snapshot) -> frozenset[str]:
    kinds = {type(found[0]).__name__ for found in snapshot.resources.values() if found}
    if snapshot.runnables:
        kinds.add(Runnable.__name__)
    if kinds:
        kinds.add(Resource.__name__)
    is_observed = any(not resource.is_declared for resource in snapshot.all())
    return frozenset(
        one.name for one in catalog.outlines() if (is_observed or one.basis is not Basis.STATE) and not kinds.isdisjoint(one.kinds)
    )


def selected_names(filters: Filters, profile: Profile) -> frozenset[str]:
    """The checks that a profile asks and `--only` and `--skip` leave.

    A check that `--only` names is asked, even where the profile leaves it out. UsageError for unknown names.
    """
    only, skip = _named(filters.only), _named(filters.skip)
    left_out = {without.check for without in profile.without}
    wanted = only or {name for name in catalog.names() if _is_asked(name, profile.checks) and not _is_asked(name, left_out)}
    # `--only` of a whole domain asks what of it the profile asks.
    by_domain = {name for name in filters.only if name in {known.partition("/")[0] for known in catalog.names()}}
    return frozenset(
        name for name in wanted if name not in skip and not (name.partition("/")[0] in by_domain and _is_asked(name, left_out))
    )


def _is_asked(name: str, patterns: Iterable[str]) -> bool:
    return any(pattern in (EVERY, name, name.partition("/")[0]) for pattern in patterns)


def _set(check: Check, profile: Profile) -> Check:
    severity, options = profile.severity.get(check.name), profile.options.get(check.name)
    if severity is not None:
        check = replace(check, severity=severity, is_severity_set=True)
    if options is not None and check.options is not None:
        check = replace(check, options=msgspec.convert({**msgspec.to_builtins(check.options), **options}, type(check.options)))
    return check


def _named(names: tuple[str, ...]) -> frozenset[str]:
    known = catalog.names()
    found: set[str] = set()
    for name in names:
        wanted = name.replace("_", "-")
        matches = [one for one in known if one == wanted or one.partition("/")[2] == wanted or one.partition("/")[0] == wanted]
        if not matches:
            near = [*get_close_matches(wanted, {one.partition("/")[0] for one in known}, n=1, cutoff=0.8), *catalog.near(wanted)][:3]
            hint = f"; did you mean {' or '.join(near)}?" if near else ""
            raise UsageError(f"there is no check {name!r}{hint} (`daytwo checks` lists them)")
        found.update(matches)
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class Held:
    """What is left of findings once exemptions are taken out; fails that are exempt; exemptions that met nothing; odd annotations."""

    findings: tuple[Finding, ...]
    exempt: tuple[Finding, ...] = ()
    unused: tuple[Exemption, ...] = ()
    notes: tuple[str, ...] = ()


def hold(
    findings: tuple[Finding, ...],
    exemptions: tuple[Exemption, ...],
    snapshot: Snapshot,
    asked: Collection[str],
) -> Held:
    """Fails, less the exempt ones. One that is past its last day is a fail that says so. What was not asked cannot be unused."""
    exempting = _Exempting(exemptions, snapshot)
    kept: list[Finding] = []
    exempt: list[Finding] = []
    for finding in findings:
        if finding.verdict is not Verdict.FAIL:
            kept.append(finding)
            continue
        found = exempting.of(finding)
        if found is None:
            kept.append(finding)
        elif exempting.is_over(found):
            kept.append(msgspec.structs.replace(finding, lapsed=found))
        else:
            exempt.append(msgspec.structs.replace(finding, exemption=found))
    unused = tuple(one for one in exemptions if one.place not in exempting.used and any(_is_asked(name, (one.check,)) for name in asked))
    return Held(tuple(kept), tuple(exempt), unused, tuple(exempting.notes))


@dataclass
class _Exempting:
    exemptions: tuple[Exemption, ...]
    snapshot: Snapshot
    used: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    _annotated: dict[Ref, tuple[Exemption, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._today: date = self.snapshot.taken_at.date()
        self._by_check: dict[str, list[Exemption]] = {}
        for exemption in self.exemptions:
            self._by_check.setdefault(exemption.check, []).append(exemption)

    def is_over(self, exemption: Exemption) -> bool:
        return exemption.expires is not None and exemption.expires < self._today

    def of(self, finding: Finding) -> Exemption | None:
        """The exemption of a finding; one that still holds before one that is over."""
        domain = finding.check.partition("/")[0]
        listed = [*self._by_check.get(finding.check, ()), *self._by_check.get(domain, ())]
        matching = [one for one in listed if self._is_for(one, finding)]
        self.used.update(one.place for one in matching)
        annotated = [one for one in self._on(finding.owner) if one.check in (finding.check, domain) and one.item in ("", finding.hit.item)]
        return min((*matching, *annotated), key=self.is_over, default=None)

    def _is_for(self, exemption: Exemption, finding: Finding) -> bool:
        owner = finding.owner
        wanted = (exemption.kind, exemption.namespace, exemption.name, exemption.item)
        if any(want and want != has for want, has in zip(wanted, (owner.kind, owner.namespace, owner.name, finding.hit.item), strict=True)):
            return False
        if exemption.selector is None:
            return True
        found = self.snapshot.find(owner) or self.snapshot.find(finding.subject)
        return found is not None and exemption.selector.matches(found.labels)

    def _on(self, owner: Ref) -> tuple[Exemption, ...]:
        """Those that the object itself carries. What cannot be read exempts from nothing, and is told."""
        found = self._annotated.get(owner)
        if found is None:
            resource = self.snapshot.find(owner)
            text = resource.annotations.get(ANNOTATION, "") if resource is not None else ""
            found = ()
            if text and resource is not None:
                name = f"{resource.origin or owner}: annotation {ANNOTATION}"
                try:
                    found = parse_annotation(text, name)
                except UsageError as error:
                    self.notes.append(f"{error}; it exempts from nothing")
            self._annotated[owner] = found
        return found
