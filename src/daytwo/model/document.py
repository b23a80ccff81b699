"""One object as somebody wrote it in a file."""

from dataclasses import dataclass

from daytwo.model.json import Json, Object


@dataclass(frozen=True, slots=True)
class Document:
    """One object of a file. `origin` is where it begins, `deploy.yaml:12:1`."""

    value: Object
    origin: str

    @property
    def api_version(self) -> str:
        return text_of(self.value, "apiVersion")

    @property
    def kind(self) -> str:
        return text_of(self.value, "kind")

    @property
    def name(self) -> str:
        return text_of(self.value.get("metadata"), "name")

    @property
    def namespace(self) -> str:
        return text_of(self.value.get("metadata"), "namespace")


def text_of(value: Json, key: str) -> str:
    """The text of a field; empty where there is none, or no text."""
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""
