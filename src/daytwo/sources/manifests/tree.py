"""What the paths that somebody names hold: the texts to read, in order, with what is rendered in between, and what was left out and why."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from daytwo.model.document import text_of
from daytwo.model.errors import UsageError
from daytwo.model.json import Json
from daytwo.sources.manifests.files import SUFFIXES, text_of_file
from daytwo.sources.manifests.rendering import CHART, KUSTOMIZATIONS, Renderer
from daytwo.sources.manifests.values import Malformed, values_of

STDIN: Final = "-"
STDIN_NAME: Final = "stdin"

# Where a kustomization names other files and folders: fields that are lists of paths, and lists of objects with paths in them.
_PATHS: Final = (
    *("resources", "bases", "components", "crds", "generators", "transformers", "validators"),
    *("patchesStrategicMerge", "configurations"),
)
_OBJECTS: Final = ("patches", "patchesJson6902", "replacements", "configMapGenerator", "secretGenerator", "helmCharts")
_PATHS_OF_OBJECTS: Final = ("path", "files", "envs", "env", "valuesFile", "additionalValuesFiles")


class Text(NamedTuple):
    """One text to read. `is_named`: somebody named this very file, so that nothing in it may be passed over.

    `rendered_from` is the chart or the kustomization's file that it was rendered from.
    """

    file: str
    text: str
    is_named: bool = False
    rendered_from: str = ""


class Tree:
    """What a few paths hold. Once it is read, `skipped` tells what was left out, by reason, and `remarks` what renderers said."""

    def __init__(
        self, paths: Sequence[str], stdin: Callable[[], str], renderer: Renderer, overrides: Mapping[str, str] | None = None
    ) -> None:
        self.paths = paths
        self._stdin = stdin
        self._renderer = renderer
        self._overrides = overrides or {}
        self.skipped: dict[str, list[str]] = {}
        self.remarks: list[str] = []
        self.errors: list[str] = []
        self.charts = 0

    def texts(self) -> Iterator[Text]:
        """What cannot be read is told in `errors`, and the rest is read."""
        passed: set[str] = set()
        for path in self.paths:
            for text in self._of(path):
                if text.file not in passed:
                    passed.add(text.file)
                    yield text

    def skip(self, reason: str, file: str) -> None:
        self.skipped.setdefault(reason, []).append(file)

    def _of(self, path: str) -> Iterator[Text]:
        if path == STDIN:
            yield Text(STDIN_NAME, self._overrides.get(STDIN_NAME) or self._stdin(), is_named=True)
            return
        place = Path(path)
        if not place.is_dir():
            if place.name == CHART:
                yield from self._chart(place.parent)
            elif place.name in KUSTOMIZATIONS:
                yield from self._kustomization(place)
            else:
                yield from self._file(place, is_named=True)
            return
        names = _names(place)
        if CHART in names:
            yield from self._chart(place)
        elif kustomization := _kustomization(place, names):
            yield from self._kustomization(kustomization)
        else:
            yield from self._walked(place)

    def _walked(self, root: Path) -> Iterator[Text]:
        files: list[Path] = []
        charts: list[Path] = []
        kustomizations: list[Path] = []
        # Links to folders are not followed: they may lead in a circle.
        for folder, folders, names in os.walk(root, onerror=self._unreadable):
            here = Path(folder)
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            if CHART in names:
                charts.append(here)
                folders.clear()
                continue
            kustomization = _kustomization(here, names)
            if kustomization is not None:
                kustomizations.append(kustomization)
            files.extend(
                here / name for name in names if name.endswith(SUFFIXES) and not name.startswith(".") and name not in KUSTOMIZATIONS
            )
        owned, parts = self._owned(kustomizations)
        whole = [one for one in kustomizations if one not in parts]
        for place in sorted([*files, *charts, *whole]):
            if place in charts:
                yield from self._chart(place, is_named=False)
            elif place in whole:
                yield from self._kustomization(place)
            elif not owned or _normal(place) not in owned:
                yield from self._file(place, is_named=False)

    def _unreadable(self, error: OSError) -> None:
        self.errors.append(f"{error.filename}: {error.strerror or error}")

    def _file(self, place: Path, *, is_named: bool) -> Iterator[Text]:
        file = str(place)
        try:
            text = self._overrides[file] if file in self._overrides else text_of_file(place)
        except UsageError as error:
            self.errors.append(str(error))
            return
        yield Text(file, text, is_named)

    # -- what is rendered ---------------------------------------------------------------------------------------------

    def _chart(self, folder: Path, *, is_named: bool = True) -> Iterator[Text]:
        chart = _first_value(folder / CHART)
        if not is_named and text_of(chart, "type") == "library":
            self.skip("library charts, which render nothing", str(folder))
            return
        self.charts += 1
        yield from self._rendered(folder, folder, lambda: self._renderer.chart(folder, text_of(chart, "name") or folder.resolve().name))

    def _kustomization(self, file: Path) -> Iterator[Text]:
        yield from self._rendered(file.parent, file, lambda: self._renderer.kustomization(file.parent))

    def _rendered(self, folder: Path, rendered_from: Path, render: Callable[[], tuple[str, str]]) -> Iterator[Text]:
        file = str(folder)
        try:
            text, remarks = (self._overrides[file], "") if file in self._overrides else render()
        except UsageError as error:
            self.errors.append(str(error))
            return
        self.remarks += (f"{folder}: {line}" for line in dict.fromkeys(remarks.splitlines()) if line.strip())
        yield Text(file, text, is_named=True, rendered_from=str(rendered_from))

    def _owned(self, kustomizations: Sequence[Path]) -> tuple[set[str], set[Path]]:
        """The files that kustomizations are made of, and those kustomizations that are only part of others."""
        owned: set[str] = set()
        folders: set[str] = set()
        parts: set[Path] = set()
        for file in kustomizations:
            found = _first_value(file)
            if text_of(found, "kind") == "Component":
                parts.add(file)
            for path in _references(found):
                place = file.parent / path
                (folders if place.is_dir() else owned).add(_normal(place))
        parts.update(file for file in kustomizations if _normal(file.parent) in folders)
        return owned, parts


def _normal(place: Path) -> str:
    """`overlays/../base` as `base`: both come from the path that somebody named."""
    return os.path.normpath(place)


def _names(folder: Path) -> list[str]:
    try:
        return [one.name for one in folder.iterdir()]
    except OSError as error:
        raise UsageError(f"{folder}: {error.strerror or error}") from None


def _kustomization(folder: Path, names: Sequence[str]) -> Path | None:
    return next((folder / name for name in KUSTOMIZATIONS if name in names), None)


def _first_value(file: Path) -> Json:
    """The first document of a file; None for what is none: whoever renders it will say so."""
    try:
        return next((found.value for found in values_of(text_of_file(file))), None)
    except (UsageError, Malformed):
        return None


def _references(kustomization: Json) -> Iterator[str]:
    if not isinstance(kustomization, dict):
        return
    for field in _PATHS:
        yield from _texts(kustomization.get(field))
    for field in _OBJECTS:
        objects = kustomization.get(field)
        for one in objects if isinstance(objects, list) else ():
            if isinstance(one, dict):
                for path in _PATHS_OF_OBJECTS:
                    # `files: [key=path]` of a generator.
                    yield from (text.rpartition("=")[2] for text in _texts(one.get(path)))


def _texts(value: Json) -> Iterator[str]:
    for one in value if isinstance(value, list) else [value]:
        # A patch may stand in the kustomization itself.
        if isinstance(one, str) and "\n" not in one:
            yield one
