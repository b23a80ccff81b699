"""Files as a source: what stands in them is what there is, and of every field it can be told where it stands."""

import gc
import re
import shlex
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from daytwo.model.answer import Answers
from daytwo.model.cluster import Cluster
from daytwo.model.errors import UsageError, did_you_mean
from daytwo.model.files import Files
from daytwo.model.gap import Gap, Want
from daytwo.model.json import Json
from daytwo.model.kinds import BY_NAME, kind_name
from daytwo.model.metadata import Resource
from daytwo.model.origin import Origin, Place
from daytwo.model.ownership import Ownership
from daytwo.model.progress import OnProgress, Progress
from daytwo.model.scope import Scope
from daytwo.model.snapshot import Reading, Snapshot, by_kind
from daytwo.sources.manifests.objects import Decoder, Misshapen, Written, is_named, is_observed, observed, scopes_of, written
from daytwo.sources.manifests.places import Places
from daytwo.sources.manifests.rendering import CHART, Renderer
from daytwo.sources.manifests.tree import STDIN, STDIN_NAME, Text, Tree
from daytwo.sources.manifests.values import Malformed, json_mistake, json_value, values_of
from daytwo.sources.ownership import entries_of, files_below

# The newest version whose defaults and API lifecycles daytwo knows.
NEWEST: Final = "v1.36"

_MOST_ERRORS: Final = 20
_MOST_TOLD: Final = 10
_OBJECTS_PER_PROGRESS: Final = 500

# Only Helm's own values are meant: a rule of Prometheus and a workflow of Argo have {{ }} in them as they stand.
_TEMPLATE: Final = re.compile(r"\{\{-?\s*(?:\.Values|\.Release|\.Chart|\$\.Values|include\s+\")")
_TEMPLATES: Final = "templates that nothing here renders"
_SOURCE: Final = re.compile(r"^# Source: (\S.*)$", re.MULTILINE)

# Times that are past for whoever wrote them; a certificate ends, and is renewed, in the future.
_TIME: Final = re.compile(
    r"Time(?<!renewalTime)(?<!nextScheduleTime)(?<!deletionTime)(?<!expirationTime)(?:stamp)?\"?: *\"?"
    r"(20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d))"
)


class _Peek(msgspec.Struct, gc=False, rename="camel"):
    """Enough of an item of a list to know whether a cluster wrote it."""

    class Metadata(msgspec.Struct, gc=False):
        name: str = ""
        uid: str = ""

    api_version: str = ""
    kind: str = ""
    metadata: Metadata | None = None


class _List(msgspec.Struct, gc=False, rename="camel"):
    """What `kubectl get -o json` prints."""

    api_version: str = ""
    kind: str = ""
    items: list[msgspec.Raw] | None = None


class Manifests:
    """Files, folders, charts, kustomizations, standard input: a source. UsageError tells what is wrong in each of them."""

    def __init__(
        self,
        files: Files,
        *,
        now: datetime,
        stdin: Callable[[], str] = lambda: "",
        overrides: Mapping[str, str] | None = None,
    ) -> None:
        self._paths = files.paths
        self._read_stdin = stdin
        self._stdin: str | None = None
        self._values, self._sets = files.values, files.sets
        self._namespace = files.namespace
        self._version = files.version or NEWEST
        self._at, self._now = files.at, now
        self._overrides = overrides or {}
        self.texts: dict[str, str] = {}
        self._places = Places(self.texts.get)
        self.documents: tuple[Origin, ...] = ()
        self.notes: tuple[str, ...] = ()
        self.files = 0

    async def read(self, scope: Scope, on_progress: OnProgress) -> Snapshot:
        renderer = Renderer(self._values, self._sets, self._namespace, self._version)
        reading = _Reading(Tree(self._paths, self._stdin_once, renderer, self._overrides), self._namespace, self._version)
        with _gc_paused():
            resources = reading.read(on_progress)
        if (self._values or self._sets) and not reading.tree.charts:
            raise UsageError(f"--values and --set are for a Helm chart, and there is none in {' '.join(self._paths)}")
        self.texts = reading.texts
        self._places = Places(self.texts.get)
        self.documents = tuple(one.origin for one in resources if one.origin is not None)
        self.files = len(reading.texts)
        taken_at, told = self._moment(reading.newest)
        self.notes = (*reading.notes, *told)
        kept = [one for one in resources if _is_within(one, scope)]
        _refuse_empty(scope, resources)
        return Snapshot(
            taken_at=taken_at,
            cluster=Cluster(name=" ".join(STDIN_NAME if path == STDIN else path for path in self._paths), version=self._version),
            resources=by_kind(kept),
            readings={one.KIND: _reading_of(one.KIND, scope) for one in kept},
            ownership=self._ownership(reading.catalog),
            is_of_files=True,
        )

    def _ownership(self, catalog: Sequence[Written]) -> Ownership:
        """What entities of a catalogue among the files say, and which files there are for a runbook to be."""
        roots = [path for path in self._paths if path != STDIN]
        return Ownership(entries=entries_of((one.value, str(one.origin)) for one in catalog), files=files_below(roots) if roots else None)

    async def answer(self, wants: Sequence[Want]) -> Answers:
        """Files answer nothing beyond what stands in them."""
        return Answers(gaps=tuple(Gap("files", f"{want.source} of {want.query}", "not among these files", want=want) for want in wants))

    def locate(self, origin: Origin, path: str) -> Place:
        """Where the key of a field stands, or, of a field that is absent, what it would stand in."""
        at = self._places.find(origin, path)
        return Place(origin.file, at.line, at.column, template=origin.template, is_exact=at.is_exact)

    def _stdin_once(self) -> str:
        if self._stdin is None:
            self._stdin = self._read_stdin().removeprefix("\ufeff")
        return self._stdin

    def _moment(self, newest: datetime | None) -> tuple[datetime, tuple[str, ...]]:
        if self._at is not None:
            return self._at, ()
        if newest is None:
            return self._now, ()
        return newest, (f"judged as of {newest:%Y-%m-%dT%H:%M:%SZ}, the newest time among what a cluster wrote; --at takes another",)


_PENDING: Final = Resource()
# In the apiVersion of every entity of Backstage's catalogue.
_CATALOG: Final = "backstage.io/"


class _Reading:
    """One pass over all files: what they hold, what is wrong in them, what was passed over."""

    def __init__(self, tree: Tree, namespace: str, version: str) -> None:
        self.tree = tree
        self.texts: dict[str, str] = {}
        self.newest: datetime | None = None
        self._decoder = Decoder(namespace, version)
        self._found: list[Resource] = []
        # Their scope is told by definitions, which may stand anywhere.
        self._foreign: list[tuple[int, Text, Written]] = []
        self._definitions: list[Written] = []
        self._twice: list[str] = []
        # Entities of Backstage's catalogue.
        self.catalog: list[Written] = []

    def read(self, on_progress: OnProgress) -> list[Resource]:
        """The resources in order of their files. UsageError tells everything that is wrong, a line for each."""
        for text in self.tree.texts():
            self._text(text)
            if len(self.texts) % _OBJECTS_PER_PROGRESS == 0:
                on_progress(Progress(0, 0, len(self._found), 0))
        scopes = scopes_of(self._definitions)
        inserted: dict[int, Resource] = {}
        for place, text, one in self._foreign:
            try:
                inserted[place] = self._decoder.foreign(one, scopes)
            except Misshapen as misshapen:
                self._wrong(text, one.origin, misshapen)
        self._refuse()
        return [inserted.get(place, one) for place, one in enumerate(self._found)]

    @property
    def notes(self) -> tuple[str, ...]:
        skipped = (_passed_over(reason, files) for reason, files in self.tree.skipped.items())
        return (*_first(self.tree.remarks, "remarks"), *_first(self._twice, "keys that stand twice"), *skipped, *self._doubles())

    def _refuse(self) -> None:
        errors = self.tree.errors
        if errors:
            more = [f"and {len(errors) - _MOST_ERRORS} more"] if len(errors) > _MOST_ERRORS else []
            raise UsageError("\n".join([*errors[:_MOST_ERRORS], *more]))
        if not self._found:
            paths = " ".join(self.tree.paths)
            passed = "; ".join(_passed_over(reason, files) for reason, files in self.tree.skipped.items())
            told = f"; {passed}" if passed else ""
            templates = self.tree.skipped.get(_TEMPLATES, ())
            charts = sorted({chart for file in templates if (chart := _chart_above(file))})
            write = f"daytwo check {shlex.join(charts)} renders them" if charts else "write at least apiVersion, kind and metadata.name"
            raise UsageError(f"{paths}: holds no Kubernetes object{told}; {write}")

    # -- texts --------------------------------------------------------------------------------------------------------

    def _text(self, text: Text) -> None:
        if not text.is_named and not ("apiVersion" in text.text and "kind" in text.text):
            self.tree.skip("no Kubernetes object in it", text.file)
            return
        before = len(self._found)
        try:
            if not self._is_dump(text):
                self._documents(text)
        except Malformed as malformed:
            self._forget(before)
            if "{{" in text.text:
                self._template(text)
            else:
                # kubectl would read it as YAML; whoever calls a file so means JSON.
                mistake = (json_mistake(text.text) if text.file.endswith(".json") else None) or malformed
                self.tree.errors.append(f"{text.file}:{mistake.line}:{mistake.column}: {mistake}")
            return
        if len(self._found) > before:
            self.texts[text.file] = text.text
            if any(one.origin is not None and one.origin.is_observed for one in self._found[before:]):
                self._look_for_times(text.text)

    def _documents(self, text: Text) -> None:
        if "{{" in text.text and not text.rendered_from and _TEMPLATE.search(text.text):
            self._template(text)
            return
        sources = _Sources(text)
        is_object = False
        for found in values_of(text.text):
            self._twice += (f"{text.file}:{one.line}:{one.column}: {one}; kubectl keeps this one" for one in found.twice)
            origin = Origin(text.file, found.line, found.column, template=sources.at(found.line))
            is_object = self._object(text, found.value, origin) or is_object
        if not is_object and not text.is_named:
            self.tree.skip("no Kubernetes object in it", text.file)

    def _object(self, text: Text, value: Json, origin: Origin) -> bool:
        """Whether it is one, or a list of some."""
        if not isinstance(value, dict):
            if text.is_named:
                self._wrong(text, origin, Misshapen("is no object; begin with apiVersion and kind"))
            return False
        items = value.get("items")
        kind = value.get("kind")
        if isinstance(items, list) and isinstance(kind, str) and _is_list(kind, items):
            self._items(text, value, kind, items, origin)
            return True
        if not text.is_named and not ("apiVersion" in value and "kind" in value):
            return False
        try:
            one = written(
                value, msgspec.structs.replace(origin, api_version=_text(value.get("apiVersion")), is_observed=is_observed(value))
            )
            if one.kind not in BY_NAME and not is_named(one):
                if not text.is_named:
                    return False
                raise Misshapen(f"{value['kind']} has no metadata.name: it is no object of a cluster")
            self._keep(text, one)
        except Misshapen as misshapen:
            self._wrong(text, origin, misshapen)
        return True

    def _items(self, text: Text, value: Mapping[str, Json], kind: str, items: Sequence[Json], origin: Origin) -> None:
        """Items of a `PodList`, as the API server sends it, do not say what they are."""
        if origin.item is not None:
            raise Misshapen("is a list within a list; write its items into the outer one")
        typed = {} if kind == "List" else {"apiVersion": value.get("apiVersion"), "kind": kind.removesuffix("List")}
        for number, item in enumerate(items):
            item_origin = msgspec.structs.replace(origin, item=number)
            self._object(text._replace(is_named=True), {**typed, **item} if isinstance(item, dict) else item, item_origin)

    def _keep(self, text: Text, one: Written) -> None:
        if one.kind == "CustomResourceDefinition":
            self._definitions.append(one)
        if one.origin.api_version.startswith(_CATALOG):
            self.catalog.append(one)
        if one.kind not in BY_NAME:
            self._foreign.append((len(self._found), text, one))
            self._found.append(_PENDING)
            return
        self._found.append(self._decoder.known(one))

    # -- dumps of a cluster -------------------------------------------------------------------------------------------

    def _is_dump(self, text: Text) -> bool:
        """Reads a list in JSON item by item: what a cluster wrote goes straight from its bytes to the model."""
        if not text.text.startswith("{"):
            return False
        try:
            found = msgspec.json.decode(text.text, type=_List)
        except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
            return False
        if not found.kind.endswith("List") or not found.items:
            return False
        typed = {} if found.kind == "List" else {"apiVersion": found.api_version, "kind": found.kind.removesuffix("List")}
        before = len(self._found)
        for number, raw in enumerate(found.items):
            origin = Origin(text.file, item=number)
            if self._is_observed(raw, typed, origin):
                continue
            value = json_value(bytes(raw).decode())
            if not isinstance(value, dict) or "metadata" not in value:
                # Whatever is odd about it is told with its place, by who reads the whole text.
                self._forget(before)
                return False
            self._object(text._replace(is_named=True), {**typed, **value}, origin)
        return True

    def _is_observed(self, raw: msgspec.Raw, typed: Mapping[str, str], origin: Origin) -> bool:
        try:
            peek = msgspec.json.decode(raw, type=_Peek)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return False
        api_version, kind = peek.api_version or typed.get("apiVersion", ""), peek.kind or typed.get("kind", "")
        known = BY_NAME.get(kind_name(api_version, kind))
        if known is None or known.version != api_version.rpartition("/")[2] or peek.metadata is None or not peek.metadata.uid:
            return False
        if known.name == "CustomResourceDefinition":
            return False
        try:
            found = observed(known, raw, msgspec.structs.replace(origin, api_version=api_version, is_observed=True))
        except Misshapen:
            return False
        self._found.append(found)
        return True

    def _forget(self, before: int) -> None:
        """Takes back what was read of a text."""
        del self._found[before:]
        while self._foreign and self._foreign[-1][0] >= before:
            self._foreign.pop()

    def _look_for_times(self, text: str) -> None:
        for found in set(_TIME.findall(text)):
            at = datetime.fromisoformat(found).astimezone(UTC)
            self.newest = at if self.newest is None else max(self.newest, at)

    # -- what is told -------------------------------------------------------------------------------------------------

    def _wrong(self, text: Text, origin: Origin, misshapen: Misshapen) -> None:
        at = Places({text.file: text.text}.get).find(origin, misshapen.path)
        self.tree.errors.append(f"{text.file}:{at.line}:{at.column}: {misshapen}")

    def _template(self, text: Text) -> None:
        if not text.is_named:
            self.tree.skip(_TEMPLATES, text.file)
            return
        at = text.text.index("{{")
        line, column = text.text.count("\n", 0, at) + 1, at - text.text.rfind("\n", 0, at)
        chart = shlex.quote(_chart_above(text.file) or "CHART")
        self.tree.errors.append(f"{text.file}:{line}:{column}: is a Helm template: render it first (daytwo check {chart})")

    def _doubles(self) -> Iterator[str]:
        places: dict[tuple[str, str, str], list[Origin]] = {}
        for one in self._found:
            if one.origin is not None and one is not _PENDING:
                places.setdefault((one.ref.kind, one.namespace, one.name), []).append(one.origin)
        doubles = {key: found for key, found in places.items() if len(found) > 1}
        for (kind, namespace, name), origins in list(doubles.items())[:3]:
            told = f"{kind} {f'{namespace}/' if namespace else ''}{name}"
            yield f"{told} stands {len(origins)} times, each is judged: {', '.join(map(str, origins[:3]))}"
        if len(doubles) > 3:
            yield f"and {len(doubles) - 3} more objects stand several times"


class _Sources:
    """Which template each line of a rendered text comes from, as helm says it before each document."""

    def __init__(self, text: Text) -> None:
        self._rendered_from = text.rendered_from
        self._lines: list[int] = []
        self._names: list[str] = []
        if text.rendered_from:
            line, at = 1, 0
            for match in _SOURCE.finditer(text.text):
                line += text.text.count("\n", at, match.start())
                at = match.start()
                self._lines.append(line)
                self._names.append(match[1].strip())

    def at(self, line: int) -> str:
        before = bisect_right(self._lines, line)
        return self._names[before - 1] if before else self._rendered_from


def _chart_above(file: str) -> str:
    """The chart that a file is part of; empty where it is of none."""
    return next((str(folder) for folder in Path(file).parents if (folder / CHART).is_file()), "")


def _passed_over(reason: str, files: Sequence[str]) -> str:
    return f"{_counted(files)} passed over: {reason} ({_some(files)})"


def _reading_of(kind: str, scope: Scope) -> Reading:
    known = BY_NAME.get(kind)
    is_scoped = known is None or known.is_namespaced
    return Reading(namespaces=frozenset(scope.namespaces)) if scope.namespaces and is_scoped else Reading()


def _is_within(one: Resource, scope: Scope) -> bool:
    return not scope.namespaces or not one.namespace or one.namespace in scope.namespaces


def _refuse_empty(scope: Scope, resources: Sequence[Resource]) -> None:
    known = {one.namespace for one in resources if one.namespace}
    for namespace in scope.namespaces:
        if known and namespace not in known:
            raise UsageError(f'-n: nothing in these files is in a namespace "{namespace}"{did_you_mean(namespace, known)}')


def _is_list(kind: str, items: Sequence[Json]) -> bool:
    """Whether it is a list of objects, and not one object whose kind ends like one."""
    return kind == "List" or (kind.endswith("List") and all(isinstance(item, dict) and "metadata" in item for item in items))


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""


def _counted(files: Sequence[str]) -> str:
    return f"{len(files)} {'file' if len(files) == 1 else 'files'}"


def _first(told: Sequence[str], what: str) -> tuple[str, ...]:
    return (*told[:_MOST_TOLD], f"and {len(told) - _MOST_TOLD} more {what}") if len(told) > _MOST_TOLD else tuple(told)


def _some(files: Sequence[str]) -> str:
    return ", ".join(files[:3]) + (f" and {len(files) - 3} more" if len(files) > 3 else "")


@contextmanager
def _gc_paused() -> Iterator[None]:
    """Nothing that is read is garbage: the collector would walk all of it again and again."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
