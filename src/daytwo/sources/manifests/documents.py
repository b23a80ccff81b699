"""Manifests that are to be applied: each object is named, and nothing in them is doubtful.

What is wrong in a file is told with its place. Nothing here knows which kinds there are.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from daytwo.model.document import Document, text_of
from daytwo.model.errors import UsageError
from daytwo.model.json import Json
from daytwo.sources.manifests.files import SUFFIXES, text_of_file
from daytwo.sources.manifests.values import Found, Malformed, values_of

STDIN: Final = "-"


def read_manifests(path: str, stdin: str = "") -> tuple[Document, ...]:
    """The objects of a file, of all files of a folder in order of name, or (`-`) of `stdin`. Lists are their items.

    UsageError says file:line:column and what to write instead.
    """
    found = [document for name, text in _texts(path, stdin) for document in documents(text, name)]
    if not found:
        raise UsageError(f"{path}: holds no object; write at least apiVersion, kind and metadata.name")
    return tuple(found)


def documents(text: str, name: str) -> Iterator[Document]:
    """The objects of one text; `name` is how errors call it. A key that stands twice is an error: one of the values would be lost."""
    try:
        for found in values_of(text):
            for twice in found.twice:
                raise Malformed(f"{twice}; keep one", twice.line, twice.column)
            yield from _documents(found.value, found, name)
    except Malformed as malformed:
        raise UsageError(f"{name}:{malformed.line}:{malformed.column}: {malformed}") from None


def _texts(path: str, stdin: str) -> Iterator[tuple[str, str]]:
    if path == STDIN:
        yield "stdin", stdin
        return
    place = Path(path)
    files = sorted(one for one in place.iterdir() if one.suffix in SUFFIXES and one.is_file()) if place.is_dir() else [place]
    if not files:
        raise UsageError(f"{path}: has no file that ends in {', '.join(SUFFIXES)}")
    for file in files:
        yield str(file), text_of_file(file)


def _documents(value: Json, found: Found, name: str, item: str = "") -> Iterator[Document]:
    origin = f"{name}:{found.line}:{found.column}{item}"
    if not isinstance(value, dict):
        raise UsageError(f"{origin}: is no object; begin with apiVersion and kind")
    document = Document(value, origin)
    items = value.get("items")
    if document.kind.endswith("List") and isinstance(items, list):
        for number, one in enumerate(items):
            yield from _documents(one, found, name, f"{item}: items[{number}]")
        return
    if not value.get("apiVersion") and not value.get("kind"):
        raise UsageError(f"{origin}: is no Kubernetes object: it has no apiVersion and no kind")
    for field in ("apiVersion", "kind"):
        if not text_of(value, field):
            raise UsageError(f"{origin}: has no {field}; write {'apiVersion: apps/v1' if field == 'apiVersion' else 'kind: Deployment'}")
    if not document.name:
        metadata = value.get("metadata")
        is_generated = isinstance(metadata, dict) and "generateName" in metadata
        hint = "; generateName makes a new object each time, and is for create" if is_generated else ""
        raise UsageError(f"{origin}: {document.kind} has no metadata.name{hint}")
    yield document
