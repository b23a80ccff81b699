"""From findings with a repair to changed files, with proof: judged anew, what is mended is found no more, and nothing else is found."""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from daytwo.engine.observe import Source, observe
from daytwo.engine.review import reviewed
from daytwo.engine.standard import selected_checks
from daytwo.model.finding import Finding
from daytwo.model.json import Json, Object
from daytwo.model.kinds import BY_NAME
from daytwo.model.origin import Origin
from daytwo.model.path import APPEND, parse
from daytwo.model.ref import Ref
from daytwo.model.repair import Edit, Inapplicable, Repair
from daytwo.model.repaired import ChangedFile, Left, Patch, Repairs
from daytwo.model.scope import Filters, Scope
from daytwo.model.severity import Verdict
from daytwo.model.standard import Standard
from daytwo.sources.manifests.editing import Uneditable, appended, edited
from daytwo.sources.manifests.patching import Change, kustomization

# What is found when the files of these names hold these texts instead.
JudgeAnew = Callable[[Mapping[str, str]], Awaitable[Iterable[Finding]]]

_STDIN: Final = "stdin"
_MOST_ROUNDS: Final = 5
_OLDER: Final = "is written as"

# Says which finding it is, in which file: places move, and an object may stand in several files.
_Key = tuple[str, Ref, str]


def judging(open_files: Callable[[Mapping[str, str]], Source], scope: Scope, filters: Filters, standard: Standard) -> JudgeAnew:
    """Reads the files, some of them with other texts, and judges them as a report does."""
    checks = selected_checks(filters, standard.profile)

    async def judge_anew(texts: Mapping[str, str]) -> Iterable[Finding]:
        snapshot = await observe(open_files(texts), scope, checks, lambda progress: None)
        return reviewed(snapshot, filters, None, standard, is_joined=False).report.findings

    return judge_anew


async def repair(
    texts: Mapping[str, str], findings: Iterable[Finding], judge_anew: JudgeAnew, named: Callable[[str], str] = str
) -> Repairs:
    """What can be mended of these findings in these texts, by the files' names as the findings have them.

    Every fail is given: those that were found before are not held against a repair. `judge_anew` is asked once where all repairs
    hold, and more often where some do not: these are found by halves, and left with the reason. Of repairs that change one field
    the worse finding's is made first, and what is then found is repaired in a further round. `named` is how what is rendered is
    called from where its patch will stand.
    """
    changed: dict[str, str] = {}
    mended: dict[str, list[Finding]] = {}
    patches: tuple[Patch, ...] = ()
    for _ in range(_MOST_ROUNDS):
        repairing = _Repairing({**texts, **changed}, changed, judge_anew, named)
        made = await repairing.repairs(finding for finding in findings if finding.verdict is Verdict.FAIL)
        for file in made.files:
            changed[file.file] = file.after
            mended.setdefault(file.file, []).extend(file.findings)
        patches += made.patches
        if not made.files or not repairing.is_blocked:
            break
        findings = await judge_anew(changed)
    done = {_key(finding) for patch in patches for finding in patch.findings}
    return Repairs(
        files=tuple(ChangedFile(file, texts[file], after, tuple(mended[file])) for file, after in sorted(changed.items())),
        patches=patches,
        left=tuple(one for one in made.left if _key(one.finding) not in done),
    )


def _key(finding: Finding) -> _Key:
    return finding.fingerprint, finding.subject, finding.origin.file if finding.origin is not None else ""


@dataclass(frozen=True, slots=True, eq=False)
class _Candidate:
    """A finding that could be mended, and how."""

    finding: Finding
    origin: Origin
    repair: Repair

    @property
    def document(self) -> tuple[str, int, int, int | None]:
        return self.origin.file, self.origin.line, self.origin.column, self.origin.item


@dataclass(frozen=True, slots=True)
class _Trial:
    """Texts with some repairs made, those that could not be made, and what was then found."""

    texts: dict[str, str]
    refused: dict[int, str]
    unmended: tuple[_Candidate, ...] = ()
    new: tuple[Finding, ...] = ()


class _Repairing:
    """One round: of several repairs of one field one is made."""

    def __init__(self, texts: Mapping[str, str], changed: Mapping[str, str], judge_anew: JudgeAnew, named: Callable[[str], str]) -> None:
        self._named = named
        self._texts = texts
        self._changed = changed
        self._judge_anew = judge_anew
        self._before: Counter[_Key] = Counter()
        self._left: dict[int, Left] = {}
        self.is_blocked = False

    async def repairs(self, findings: Iterable[Finding]) -> Repairs:
        found = list(findings)
        self._before.update(map(_key, found))
        return self._result(await self._proven(self._candidates(found)))

    # -- what could be mended -----------------------------------------------------------------------------------------

    def _candidates(self, findings: Sequence[Finding]) -> list[_Candidate]:
        """Those with a repair that nothing speaks against, the worst first: of two that contradict each other it wins."""
        found: list[_Candidate] = []
        taken: dict[tuple[str, int, int, int | None], list[tuple[Edit, Finding]]] = {}
        ranked = sorted(findings, key=lambda one: (one.severity.rank, one.check, _key(one)[2], one.origin.line if one.origin else 0))
        for finding in ranked:
            hit, origin = finding.hit, finding.origin
            reason = self._reason(finding)
            self.is_blocked = self.is_blocked or reason.startswith(_OLDER)
            if reason or hit.repair is None or origin is None:
                self._leave(finding, reason)
                continue
            candidate = _Candidate(finding, origin, hit.repair)
            made = taken.setdefault(candidate.document, [])
            other = next((one for edit in hit.repair.edits for done, one in made if _contradict(done, edit)), None)
            if other is not None:
                self._leave(finding, f"the repair of {other.check} changes the same field")
                self.is_blocked = True
                continue
            made += [(edit, finding) for edit in hit.repair.edits]
            found.append(candidate)
        return found

    def _reason(self, finding: Finding) -> str:
        """Why a finding cannot even be tried to mend; empty where it can."""
        origin = finding.origin
        if origin is None:
            return "stands in no file"
        if finding.hit.repair is None:
            return finding.hit.by_hand or "there is no repair that needs no decision"
        if origin.is_observed:
            return "is what a cluster wrote: mend the file that it was made from"
        if origin.file == _STDIN:
            return "came by standard input: name the file"
        if origin.file not in self._texts:
            return "its file was not read"
        if origin.template and self._changed:
            return "what is rendered is patched once"
        known = BY_NAME.get(finding.subject.kind)
        current = f"{known.group}/{known.version}" if known is not None and known.group else known.version if known is not None else ""
        is_moved = any(edit.path == "apiVersion" for edit in finding.hit.repair.edits)
        if current and origin.api_version not in ("", current) and not is_moved:
            return f"{_OLDER} {origin.api_version}, whose fields may be others: move it to {current} first"
        return ""

    def _leave(self, finding: Finding, reason: str) -> None:
        self._left[id(finding)] = Left(finding, reason)

    # -- the texts ----------------------------------------------------------------------------------------------------

    def _made(self, candidates: Sequence[_Candidate]) -> _Trial:
        """The texts with these repairs made; those that their text does not allow are refused."""
        refused: dict[int, str] = {}
        by_file: dict[str, list[_Candidate]] = {}
        for candidate in candidates:
            by_file.setdefault(candidate.origin.file, []).append(candidate)
        texts: dict[str, str] = {}
        for file, some in by_file.items():
            text = self._texts[file]
            by_document: dict[tuple[str, int, int, int | None], list[_Candidate]] = {}
            for candidate in some:
                by_document.setdefault(candidate.document, []).append(candidate)
            # From the last to the first: what is changed below moves nothing above.
            for _, together in sorted(by_document.items(), key=lambda one: one[0][1:3], reverse=True):
                text = _edited_together(text, together, refused)
            try:
                text = appended(text, documents) if (documents := _documents(some)) else text
            except Uneditable as uneditable:
                refused |= {id(one): str(uneditable) for one in some if one.repair.documents}
            if text != self._texts[file]:
                texts[file] = text
        for candidate in candidates:
            if id(candidate) not in refused and candidate.origin.file not in texts:
                refused[id(candidate)] = "what its repair changes is not written there"
        return _Trial(texts, refused)

    # -- the proof ----------------------------------------------------------------------------------------------------

    async def _proven(self, candidates: Sequence[_Candidate]) -> list[_Candidate]:
        """Those of the candidates that mend what they are for and bring nothing new."""
        kept = list(candidates)
        while kept:
            trial = await self._tried(kept)
            if trial.refused or trial.unmended:
                kept = self._without(kept, trial)
                continue
            if not trial.new:
                return kept
            suspects = _suspects(kept, trial.new)
            suspected = set(map(id, suspects))
            base = [one for one in kept if id(one) not in suspected]
            if base and not self._holds(await self._tried(base)):
                base, suspects = [], kept
            return await self._with(base, suspects)
        return []

    async def _with(self, base: list[_Candidate], some: Sequence[_Candidate]) -> list[_Candidate]:
        """As many of these as go with the base, which holds."""
        trial = await self._tried([*base, *some])
        if self._holds(trial):
            return [*base, *some]
        if len(some) == 1:
            self._leave(some[0].finding, self._why_not(some[0], trial))
            return base
        half = len(some) // 2
        base = await self._with(base, some[:half])
        return await self._with(base, some[half:])

    async def _tried(self, candidates: Sequence[_Candidate]) -> _Trial:
        trial = self._made(candidates)
        if trial.refused or not trial.texts:
            return trial
        found = [finding for finding in await self._judge_anew({**self._changed, **trial.texts}) if finding.verdict is Verdict.FAIL]
        after = Counter(map(_key, found))
        mended = Counter(_key(one.finding) for one in candidates)
        unmended = tuple(one for one in candidates if after[key := _key(one.finding)] > self._before[key] - mended[key])
        new = tuple(finding for finding in found if after[_key(finding)] > self._before[_key(finding)])
        return _Trial(trial.texts, trial.refused, unmended, new)

    @staticmethod
    def _holds(trial: _Trial) -> bool:
        return not trial.refused and not trial.unmended and not trial.new

    def _without(self, candidates: Iterable[_Candidate], trial: _Trial) -> list[_Candidate]:
        kept = []
        unmended = set(map(id, trial.unmended))
        for one in candidates:
            if id(one) in trial.refused or id(one) in unmended:
                self._leave(one.finding, self._why_not(one, trial))
            else:
                kept.append(one)
        return kept

    @staticmethod
    def _why_not(one: _Candidate, trial: _Trial) -> str:
        if id(one) in trial.refused:
            return trial.refused[id(one)]
        if trial.new:
            first = trial.new[0]
            return f"its repair would bring {first.check} at {first.subject}: {first.hit.message}"
        return "it is still found after its repair"

    # -- what comes of it ---------------------------------------------------------------------------------------------

    def _result(self, kept: Sequence[_Candidate]) -> Repairs:
        trial = self._made(kept)
        files: list[ChangedFile] = []
        patches: list[Patch] = []
        for file, after in sorted(trial.texts.items()):
            some = [one for one in kept if one.origin.file == file]
            findings = tuple(one.finding for one in some)
            if not some[0].origin.template:
                files.append(ChangedFile(file, self._texts[file], after, findings))
                continue
            try:
                patches.append(Patch(file, _patched(self._named(file), self._texts[file], some), findings))
            except (Uneditable, Inapplicable) as refused:
                for finding in findings:
                    self._leave(finding, str(refused))
        return Repairs(tuple(files), tuple(patches), tuple(self._left.values()))


def _edited_together(text: str, candidates: Sequence[_Candidate], refused: dict[int, str]) -> str:
    """One document's repairs at once; where that is refused, one after the other, to know which."""
    try:
        return edited(text, candidates[0].origin, _edits(candidates))
    except Uneditable as uneditable:
        if len(candidates) == 1:
            refused[id(candidates[0])] = str(uneditable)
            return text
    for candidate in candidates:
        text = _edited_together(text, [candidate], refused)
    return text


def _edits(candidates: Iterable[_Candidate]) -> list[Edit]:
    """Each edit once: two findings may want the same."""
    edits: list[Edit] = []
    for candidate in candidates:
        edits += [edit for edit in candidate.repair.edits if edit not in edits]
    return edits


def _documents(candidates: Iterable[_Candidate]) -> list[Object]:
    """The objects to add, each once. Beside an object that names no namespace, they name none."""
    found: dict[str, Object] = {}
    for candidate in candidates:
        for document in candidate.repair.documents:
            metadata = document.get("metadata")
            if candidate.origin.is_namespace_assumed and isinstance(metadata, dict) and "namespace" in metadata:
                kept: dict[str, Json] = {key: value for key, value in metadata.items() if key != "namespace"}
                document = {**document, "metadata": kept}
            named = metadata.get("name") if isinstance(metadata, dict) else ""
            found.setdefault(f"{document.get('apiVersion')} {document.get('kind')} {named}", document)
    return list(found.values())


def _contradict(one: Edit, other: Edit) -> bool:
    """Whether two edits of one object cannot both be made: they set one field, or a field and what it stands in, to different ends."""
    if one == other:
        return False
    mine, theirs = ([part.name for part in parse(edit.path)] for edit in (one, other))
    shorter = min(len(mine), len(theirs))
    # Two elements may be added to one list.
    return mine[:shorter] == theirs[:shorter] and not (len(mine) == len(theirs) and mine[-1] == APPEND)


def _suspects(kept: Sequence[_Candidate], new: Sequence[Finding]) -> list[_Candidate]:
    """Whose repair may have brought something new: those of the same object, else of the same file, else any."""
    subjects = {(one.subject, one.origin.file if one.origin is not None else "") for one in new}
    files = {file for _, file in subjects}
    same = [one for one in kept if (one.finding.subject, one.origin.file) in subjects]
    return same or [one for one in kept if one.origin.file in files] or list(kept)


def _patched(source: str, text: str, candidates: Sequence[_Candidate]) -> dict[str, str]:
    by_document: dict[tuple[str, int, int, int | None], list[_Candidate]] = {}
    for candidate in candidates:
        by_document.setdefault(candidate.document, []).append(candidate)
    changes = [Change(some[0].origin, _edits(some)) for _, some in sorted(by_document.items(), key=lambda one: one[0][1:3])]
    template = candidates[0].origin.template
    is_chart = not template.endswith(("kustomization.yaml", "kustomization.yml", "Kustomization"))
    return kustomization(source, text, changes, _documents(candidates), is_chart=is_chart)
