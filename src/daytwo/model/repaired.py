"""What repairs come to, before anybody has written them."""

from difflib import unified_diff

import msgspec

from daytwo.model.finding import Finding


class ChangedFile(msgspec.Struct, frozen=True, gc=False):
    """One of somebody's files as it is and as it would be, and what that mends."""

    file: str
    before: str
    after: str
    findings: tuple[Finding, ...]

    @property
    def diff(self) -> str:
        """As `diff -u` writes it."""
        lines: list[str] = []
        name = self.file.removeprefix("/")
        for line in unified_diff(self.before.splitlines(keepends=True), self.after.splitlines(keepends=True), f"a/{name}", f"b/{name}"):
            lines += [line] if line.endswith("\n") else [line, "\n\\ No newline at end of file\n"]
        return "".join(lines)


class Patch(msgspec.Struct, frozen=True, gc=False):
    """For what is rendered: a kustomization over it, as files by their names, of which `kustomization.yaml` is one.

    `source` is the chart or the kustomization's folder, as it was named.
    """

    source: str
    files: dict[str, str]
    findings: tuple[Finding, ...]


class Left(msgspec.Struct, frozen=True, gc=False):
    """A finding that stays, and why."""

    finding: Finding
    reason: str


class Repairs(msgspec.Struct, frozen=True, gc=False):
    """All that can be mended without a decision, judged anew: what is mended is found no more, and nothing is found beside."""

    files: tuple[ChangedFile, ...] = ()
    patches: tuple[Patch, ...] = ()
    left: tuple[Left, ...] = ()

    @property
    def mended(self) -> tuple[Finding, ...]:
        in_files = (finding for file in self.files for finding in file.findings)
        return (*in_files, *(finding for patch in self.patches for finding in patch.findings))
