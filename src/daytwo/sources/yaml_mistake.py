"""What a parser of YAML says of a mistake, in the words of whoever writes it."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from yaml import MarkedYAMLError

# Of libyaml (scanner.c, parser.c) and of PyYAML, which names the character.
_NO_TOKEN: Final = "that cannot start any token"
_NO_KEY: Final = 'a ": " where no key can stand: is the line indented as meant, or does a value need quotes?'
_TOLD: Final = {
    "mapping values are not allowed in this context": _NO_KEY,
    "mapping values are not allowed here": _NO_KEY,
    "found unexpected end of stream": "the text ends within quotes or brackets",
}


def told(error: "MarkedYAMLError", text: str) -> str:
    """The problem alone, without its place. `text` is what was parsed."""
    problem, mark = error.problem or "cannot be read", error.problem_mark
    if problem.startswith("found ") and problem.endswith(_NO_TOKEN) and mark is not None:
        lines = text.splitlines()
        at = lines[mark.line][mark.column :] if mark.line < len(lines) else ""
        if at.startswith("\t"):
            return "a tab: YAML is indented with spaces"
        return f"a value cannot begin with {at[0]}; put it into quotes" if at else problem
    return _TOLD.get(problem, problem)
