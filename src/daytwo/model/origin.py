"""Where an object stands in somebody's files."""

import msgspec


class Origin(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """The document an object was read from: its file as it was named, and where the document begins there (1 is the first).

    - `api_version`: as written, which may be an older one than that of the kind's model.
    - `template`: for rendered input the file it was rendered from, `web/templates/deployment.yaml`; `file` is then the chart or folder.
    - `item`: which item of a List this is, from 0; None for a document of its own.
    - `is_observed`: it carries what only a cluster gives (a uid or a status), as in a `kubectl get -o json` dump.
    - `is_namespace_assumed`: it names no namespace, and was given one.
    - `has_replicas`: it says how many replicas it wants; where it does not, the model holds the default.
    """

    file: str
    line: int = 1
    column: int = 1
    api_version: str = ""
    template: str = ""
    item: int | None = None
    is_observed: bool = False
    is_namespace_assumed: bool = False
    has_replicas: bool = False

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Place(msgspec.Struct, frozen=True, order=True, omit_defaults=True, gc=False):
    """The field that a finding is about, in somebody's file; for rendered input `template` names what it was rendered from.

    `is_exact` is false where the field is absent and this is what it would stand in.
    """

    file: str
    line: int
    column: int
    template: str = ""
    is_exact: bool = True

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"
