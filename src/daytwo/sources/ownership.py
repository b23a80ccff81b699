"""Who owns what: `owners.yaml`, the catalogue entities that stand among manifests, and the files beside them."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from daytwo.model.errors import UsageError, did_you_mean
from daytwo.model.json import Json, Object
from daytwo.model.ownership import KUBERNETES_ID, Entry, Ownership, team_name
from daytwo.model.selector import Selector, parse_selector
from daytwo.sources.definitions import PLACE, Definition, named_file, read_definition

FILE: Final = "owners.yaml"
_BACKSTAGE: Final = "backstage.io/"
_ON_CALL: Final = (
    "pagerduty.com/service-id",
    "pagerduty.com/integration-key",
    "opsgenie.com/component-selector",
    "opsgenie.com/team",
    "splunk.com/on-call-team",
    "rootly.com/service-id",
    "ilert.com/integration-key",
)
# No tree of manifests has as many; a folder that does is not one.
_MOST_FILES: Final = 200_000
_NOT_LOOKED_INTO: Final = frozenset({".git", ".hg", ".svn", ".terraform", ".venv", "node_modules", "__pycache__"})


class _Owner(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    owner: Annotated[str, Meta(description="write the team that looks after these objects")]
    kind: str = ""
    namespace: str = ""
    name: str = ""
    selector: str = ""
    on_call: str = ""
    tier: str = ""
    runbook: str = ""
    place: Annotated[str, Meta(extra=PLACE)] = ""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    teams: tuple[str, ...] = ()
    owners: tuple[_Owner, ...] = ()


_DEFINITION: Final = Definition("field of an owner", "owners")


def find_owners(given: Path | None, here: Path) -> Path | None:
    """The file that was named, else `owners.yaml` here if there is one. UsageError where a named one is not there."""
    if given is not None:
        return named_file("--owners", given)
    return here / FILE if (here / FILE).is_file() else None


def read_owners(path: Path) -> Ownership:
    """What a mapping file says. UsageError says file:line:column and what to write."""
    found = read_definition(path, _File, _DEFINITION)
    return Ownership(entries=tuple(_entry(one, found.teams) for one in found.owners), teams=found.teams)


def entries_of(documents: Iterable[tuple[Object, str]]) -> tuple[Entry, ...]:
    """The entries of Backstage's entities among documents, each given with where it stands; whatever else there is, is passed over.

    An entity that nothing links to objects of Kubernetes is about none.
    """
    return tuple(entry for value, place in documents if (entry := _of_entity(value, place)) is not None)


def files_below(roots: Iterable[str]) -> tuple[str, ...]:
    """The files of these folders, by the paths under which they are named, in order; without those of tools and version control."""
    found: list[str] = []
    for root in roots:
        for file in _walk(root):
            found.append(file)
            if len(found) > _MOST_FILES:
                raise UsageError(f"{root}: holds more than {_MOST_FILES:,} files; name the folder of the manifests")
    return tuple(sorted(set(found)))


def _walk(root: str) -> Iterator[str]:
    if Path(root).is_file():
        yield root
        return
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name not in _NOT_LOOKED_INTO]
        yield from (str(Path(folder, name)) for name in files)


def _entry(one: _Owner, teams: tuple[str, ...]) -> Entry:
    owner = team_name(one.owner)
    if not owner:
        raise UsageError(f"{one.place}: owner is empty; write the team that looks after these objects")
    if teams and owner not in teams:
        raise UsageError(f'{one.place}: there is no team "{owner}" among teams{did_you_mean(owner, teams)}')
    if not (one.kind or one.namespace or one.name or one.selector):
        raise UsageError(f"{one.place}: says of no object that {owner} owns it; write namespace, kind, name or selector")
    try:
        selector = parse_selector(one.selector) if one.selector else None
    except ValueError as error:
        raise UsageError(f"{one.place}: selector: {error}") from None
    return Entry(
        owner=owner,
        selector=selector,
        kind=one.kind,
        namespace=one.namespace,
        name=one.name,
        on_call=one.on_call,
        tier=one.tier,
        runbook=one.runbook,
        place=one.place,
    )


# -- Backstage ---------------------------------------------------------------------------------------------------------


def _of_entity(value: Object, place: str) -> Entry | None:
    if not _text(value.get("apiVersion")).startswith(_BACKSTAGE):
        return None
    metadata, spec = _object(value.get("metadata")), _object(value.get("spec"))
    annotations = _object(metadata.get("annotations"))
    selector = _selector(_text(annotations.get("backstage.io/kubernetes-label-selector")))
    kubernetes_id = _text(annotations.get(KUBERNETES_ID))
    if selector is None and not kubernetes_id:
        return None
    return Entry(
        owner=team_name(_text(spec.get("owner"))),
        # Where an entity has both, Backstage goes by the selector.
        kubernetes_id="" if selector is not None else kubernetes_id,
        selector=selector,
        namespace=_text(annotations.get("backstage.io/kubernetes-namespace")),
        on_call=next((key for key in _ON_CALL if annotations.get(key)), ""),
        tier=_text(annotations.get("tier")) or _text(_object(metadata.get("labels")).get("tier")),
        runbook=_runbook(metadata, annotations),
        place=place,
        is_of_catalog=True,
    )


def _selector(text: str) -> Selector | None:
    try:
        return parse_selector(text) if text else None
    except ValueError:
        # Backstage asks the API server with it, and shows nothing.
        return None


def _runbook(metadata: Object, annotations: Object) -> str:
    """A link of the type or title `runbook`, else an annotation of that name."""
    links = metadata.get("links")
    for link in links if isinstance(links, list) else ():
        found = _object(link)
        if "runbook" in (_text(found.get("type")).lower(), _text(found.get("title")).lower(), _text(found.get("icon")).lower()):
            return _text(found.get("url"))
    return next((_text(value) for key, value in annotations.items() if "runbook" in key.rpartition("/")[2].lower()), "")


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""


def _object(value: Json) -> Object:
    return value if isinstance(value, dict) else {}
