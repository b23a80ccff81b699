"""Exemptions: a file of them, and those that stand on an object as an annotation."""

from datetime import date
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from daytwo import catalog
from daytwo.model.errors import UsageError
from daytwo.model.exemption import Exemption
from daytwo.model.selector import parse_selector
from daytwo.sources.definitions import PLACE, Definition, Vocabulary, named_file, parse_definition, read_definition

FILE: Final = "exemptions.yaml"
ANNOTATION: Final = "daytwo.dev/exemptions"
_CHECKS: Final = {"names": "checks"}


class _Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    check: Annotated[str, Meta(description="write the check that is not held against these objects, or a whole domain", extra=_CHECKS)]
    reason: Annotated[str, Meta(description="write why this is accepted")]
    owner: Annotated[str, Meta(description="write who decided it and can be asked")]
    kind: str = ""
    namespace: str = ""
    name: str = ""
    selector: str = ""
    item: str = ""
    ticket: str = ""
    expires: date | None = None
    place: Annotated[str, Meta(extra=PLACE)] = ""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    exemptions: tuple[_Entry, ...] = ()


def find_exemptions(given: Path | None, here: Path) -> Path | None:
    """The file that was named, else `exemptions.yaml` here if there is one. UsageError where a named one is not there."""
    if given is not None:
        return named_file("--exemptions", given)
    return here / FILE if (here / FILE).is_file() else None


def read_exemptions(path: Path) -> tuple[Exemption, ...]:
    """The exemptions of a file. UsageError says file:line:column and what to write."""
    return tuple(_exemption(entry) for entry in read_definition(path, _File, _DEFINITION).exemptions)


def parse_annotation(text: str, name: str) -> tuple[Exemption, ...]:
    """The exemptions of an annotation's value, a YAML list of the same entries; `name` is how errors call it."""
    indented = "\n".join(f"  {line}" for line in text.splitlines())
    entries = parse_definition(f"exemptions:\n{indented}", name, _File, _DEFINITION).exemptions
    # Lines of an annotation are nobody's file.
    return tuple(msgspec.structs.replace(_exemption(entry), place=name) for entry in entries)


def _exemption(entry: _Entry) -> Exemption:
    for field in ("reason", "owner"):
        if not getattr(entry, field).strip():
            raise UsageError(f"{entry.place}: {field} is empty; an exemption says {'why' if field == 'reason' else 'whose decision it is'}")
    try:
        selector = parse_selector(entry.selector) if entry.selector else None
    except ValueError as error:
        raise UsageError(f"{entry.place}: selector: {error}") from None
    return Exemption(
        check=entry.check,
        reason=entry.reason,
        owner=entry.owner,
        kind=entry.kind,
        namespace=entry.namespace,
        name=entry.name,
        selector=selector,
        item=entry.item,
        ticket=entry.ticket,
        expires=entry.expires,
        place=entry.place,
    )


def _names_and_domains() -> tuple[str, ...]:
    names = catalog.names()
    return (*names, *sorted({name.partition("/")[0] for name in names}))


_DEFINITION: Final = Definition(
    "field of an exemption", "exemptions", {_CHECKS["names"]: Vocabulary("check", _names_and_domains, "daytwo checks")}
)
