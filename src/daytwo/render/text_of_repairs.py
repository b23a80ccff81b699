"""What repairs would change in somebody's files, as a diff; what they mend; what is left, and why."""

from typing import Final

from daytwo.model.repaired import ChangedFile, Left, Patch, Repairs
from daytwo.render.page import Line, Span, Style, lay_out, line
from daytwo.render.view import View
from daytwo.render.words import counted, listed

_MOST_NAMES: Final = 3
_MOST_REASONS: Final = 8


def repairs(found: Repairs, view: View) -> str:
    """Each file's diff with what it mends; then the findings that stay, by reason."""
    lines: list[Line] = []
    for file in found.files:
        lines += [*_diff(file), line(Span("mends ", Style.FAINT), _mended(file), hang=6), Line()]
    for patch in found.patches:
        lines += [*_patch(patch), Line()]
    lines += _left(found.left, view)
    while lines and not lines[-1].spans:
        lines.pop()
    return lay_out(lines, width=view.width, is_coloured=view.is_coloured)


def _diff(file: ChangedFile) -> list[Line]:
    styles = {"+": Style.LOW, "-": Style.HIGH, "@": Style.FAINT}
    lines = []
    for row in file.diff.splitlines():
        style = Style.STRONG if row.startswith(("+++", "---")) else styles.get(row[:1], Style.PLAIN)
        lines.append(line(Span(row or " ", style), is_whole=True))
    return lines


def _patch(patch: Patch) -> list[Line]:
    head = f"{patch.source} is rendered: a kustomization over it mends {counted(len(patch.findings), 'finding')}"
    lines = [line(Span(head, Style.STRONG))]
    for name, text in sorted(patch.files.items()):
        lines.append(line(Span(f"--- {name}", Style.FAINT)))
        lines += [line(row or " ", is_whole=True) for row in text.splitlines()]
    return lines


def _mended(file: ChangedFile) -> str:
    checks = [f"{finding.check} ({finding.owner.name})" for finding in file.findings]
    return listed(list(dict.fromkeys(checks)))


def _left(left: tuple[Left, ...], view: View) -> list[Line]:
    """By reason, most findings first: one reason may keep a hundred of them."""
    if not left:
        return []
    by_reason: dict[str, list[Left]] = {}
    for one in left:
        by_reason.setdefault(one.reason, []).append(one)
    ranked = sorted(by_reason.items(), key=lambda item: (-len(item[1]), item[0]))
    shown = ranked if view.is_all else ranked[:_MOST_REASONS]
    lines = [line(Span(f"LEFT TO YOU  {len(left):,}", Style.STRONG))]
    for reason, some in shown:
        names = list(dict.fromkeys(one.finding.check for one in some))
        count = f"  {len(some):,} " if len(some) > 1 else "  "
        who = listed(names, 0 if view.is_all else _MOST_NAMES)
        lines.append(line(Span(count, Style.FAINT), who, Span(f": {reason}", Style.FAINT), hang=4))
    if len(shown) < len(ranked):
        lines.append(line(f"  and {len(ranked) - len(shown):,} more reasons: --all"))
    return lines
