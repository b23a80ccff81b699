"""Who has access, as text: one line for each subject and the binding by which it has it."""

from typing import Final

from daytwo.model.access import MASTERS, Access, WhoCan
from daytwo.model.ref import Ref
from daytwo.render.page import Line, Span, Style, lay_out, line, padded
from daytwo.render.words import counted, listed

_WIDEST: Final = 60
_NAMED: Final = 5
_GROUPS: Final = {
    "system:authenticated": "everybody who is logged in, every pod as well",
    "system:unauthenticated": "everybody, logged in or not",
    "system:serviceaccounts": "every pod with a token",
}


def who_can(answer: WhoCan, *, width: int | None, is_coloured: bool) -> str:
    """The question, who can, and what could not be read."""
    # Nobody failed to read what files do not hold.
    is_of_files = bool(answer.gaps) and all(gap.source == "files" for gap in answer.gaps)
    lines: list[Line] = [line(Span(f"who can {answer.question}", Style.STRONG)), Line()]
    subjects = min(_WIDEST, max((len(str(access.subject)) for access in answer.accesses), default=0))
    places = min(_WIDEST, max((len(_where(access)) for access in answer.accesses), default=0))
    for access in answer.accesses:
        only = f"  only {listed(access.names, _NAMED)}" if access.names else ""
        lines.append(
            line(
                f"{padded(str(access.subject), subjects)}  {padded(_where(access), places)}  ",
                Span(_way(access), Style.FAINT),
                only,
                hang=4,
            )
        )
    if not answer.accesses:
        lines.append(line("nobody" if not answer.gaps else "nobody in these files" if is_of_files else "nobody who could be seen"))
    lines.append(Line())
    lines += [line(Span(note, Style.FAINT), hang=2) for note in _notes(answer)]
    if is_of_files:
        lacking = listed([gap.wanted for gap in answer.gaps])
        lines += [Line(), line(Span(f"Not all of an answer: these files hold no {lacking}", Style.UNKNOWN), hang=2)]
    elif answer.gaps:
        lines += [Line(), line(Span(f"Not an answer yet: {counted(len(answer.gaps), 'thing')} could not be read", Style.UNKNOWN))]
        lines += [line(f"  {gap.wanted}: {gap.reason}", hang=4) for gap in answer.gaps]
    return lay_out(lines, width=width, is_coloured=is_coloured)


def _notes(answer: WhoCan) -> list[str]:
    notes = []
    groups = {access.subject.name for access in answer.accesses if access.subject.kind == "Group"}
    for name in sorted(groups):
        if name in _GROUPS:
            notes.append(f"group {name}: {_GROUPS[name]}")
        elif name.startswith("system:serviceaccounts:"):
            notes.append(f"group {name}: every pod with a token of namespace {name.rpartition(':')[2]}")
    if any(not name.startswith("system:") for name in groups):
        notes.append("other groups: whoever the identity provider puts there")
    besides = (
        f"group {MASTERS}: may do everything, with or without a role"
        if MASTERS in groups
        else f"besides them group {MASTERS}, which may do everything"
    )
    notes.append(f"{besides}; RBAC alone is told, not other authorizers")
    return notes


def _where(access: Access) -> str:
    return f"in {access.namespace}" if access.namespace else "everywhere"


def _way(access: Access) -> str:
    """By which binding to which role; those of the API server itself have one name for both."""
    if access.binding.name == access.role.name:
        return f"{access.binding.kind} and {access.role.kind} {access.role.name}"
    return f"{_told(access.binding)} → {_told(access.role)}"


def _told(ref: Ref) -> str:
    return f"{ref.kind} {ref.name}"
