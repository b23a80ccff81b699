"""`daytwo check --fix`: repairs of somebody's own files, shown, asked for, written, looked at again."""

import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from daytwo.cli.consent import is_confirmed
from daytwo.cli.looking import Look, Looking, look_once, note, view, without_waiting
from daytwo.cli.output import is_coloured, show, width, write_whole
from daytwo.cli.world import World
from daytwo.model.errors import UsageError
from daytwo.model.files import Files

if TYPE_CHECKING:
    from daytwo.model.repaired import Repairs


@dataclass(frozen=True, slots=True)
class Fixing:
    """How to fix: whether the question is answered already, whether to only show, and where patches of rendered input go."""

    is_yes: bool = False
    is_dry_run: bool = False
    out: Path | None = None


def fixed(world: World, looking: Looking, look: Look, fixing: Fixing, *, program: str, is_all: bool) -> Look:
    """The look after what was mended; the same look where nothing was. UsageError where there are no files to mend."""
    given = files_to_mend(world, looking)
    repairs = _repairs(world, looking, given, look, fixing.out)
    told = replace(view(look, looking, timezone=None, program=program, is_all=is_all), width=width(), is_coloured=is_coloured())
    from daytwo.render import text_of_repairs

    show(text_of_repairs.repairs(repairs, told))
    if not repairs.mended:
        note("there is nothing to mend" if not repairs.left else "nothing here can be mended without a decision of yours")
        return look
    if fixing.is_dry_run or not _is_wanted(repairs, fixing):
        return look
    for file in repairs.files:
        write_whole(Path(file.file), _marked(Path(file.file), file.after), newline="")
    _write_patches(repairs, look, fixing.out)
    show("\n")
    return look_once(world, looking, is_joined=False) if repairs.files else look


def _marked(path: Path, text: str) -> str:
    """The text with the byte order mark that its file has: it is read without."""
    with path.open("rb") as file:
        return f"\ufeff{text}" if file.read(3) == b"\xef\xbb\xbf" else text


def files_to_mend(world: World, looking: Looking) -> Files:
    given = looking.input(world)
    if not isinstance(given, Files):
        raise UsageError("--fix changes files: name them, such as `daytwo check --fix deploy/`; a cluster is changed by `daytwo act`")
    return given


def _repairs(world: World, looking: Looking, given: Files, look: Look, out: Path | None) -> "Repairs":
    from daytwo.engine.repairing import judging, repair
    from daytwo.model.scope import Scope

    assert look.files is not None
    filters = looking.filters()
    standard = world.standard(looking.profile, looking.exemptions)
    judge_anew = judging(lambda texts: world.open_files(given, texts), Scope(filters.namespaces), filters, standard)

    def named(source: str) -> str:
        return os.path.relpath(source, _folder(look, source, out)) if out is not None else source

    return without_waiting(repair(look.files.texts, look.report.findings, judge_anew, named))


def _is_wanted(repairs: "Repairs", fixing: Fixing) -> bool:
    if repairs.patches and not repairs.files and fixing.out is None:
        note("nothing was written: what is rendered is patched by a kustomization beside it, and --out FOLDER says where")
        return False
    if fixing.is_yes:
        return True
    if not sys.stdin.isatty():
        note("nothing was written: nobody is there to ask; --yes writes what is shown")
        return False
    files = len(repairs.files)
    is_wanted = is_confirmed(f"write {files} {'file' if files == 1 else 'files'}?" if files else "write the kustomization?")
    if not is_wanted:
        note("nothing was written")
    return is_wanted


def _write_patches(repairs: "Repairs", look: Look, out: Path | None) -> None:
    if repairs.patches and out is None:
        note("what is rendered was left as it is: a kustomization beside it patches it, and --out FOLDER says where")
    if out is None:
        return
    for patch in repairs.patches:
        folder = _folder(look, patch.source, out)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except FileExistsError:
            raise UsageError(f"--out: {folder} is a file; name a folder") from None
        except OSError as error:
            raise UsageError(f"{folder}: {error.strerror or error}") from None
        for name, text in patch.files.items():
            write_whole(folder / name, text)
        show(f"{folder}: a kustomization that patches {patch.source}; daytwo check {folder} judges what comes of it\n")


def _folder(look: Look, source: str, out: Path) -> Path:
    """Where the patch of one chart or kustomization is written: of several, each in a folder of its own."""
    rendered = sorted({finding.origin.file for finding in look.report.findings if finding.origin is not None and finding.origin.template})
    return out if len(rendered) < 2 else out / f"{rendered.index(source) + 1}-{Path(source).name}"
