"""Values written as people write YAML: in blocks and in brackets, with comments, quotes, blank lines, and two ways to set in lists."""

import json
from dataclasses import dataclass, field

from hypothesis import strategies as st

from daytwo.model.json import Json

NAMES = ("name", "image", "replicas", "spec", "env", "app.kubernetes.io/name", "on", "a b", "8080")
TEXTS = (
    "web",
    "nginx:1.29",
    "true",
    "yes",
    "",
    "0644",
    "1e3",
    "it's",
    "a: b",
    "# no comment",
    "x #y",
    " spaced ",
    "ünï",
    "-",
    "a\nb\n",
    "{{ x }}",
)

scalars = st.one_of(st.sampled_from(TEXTS), st.integers(-5, 70000), st.booleans(), st.none(), st.sampled_from((0.5, -1.25)))


def values(leaves: int = 14) -> st.SearchStrategy[Json]:
    return st.recursive(
        scalars,
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)),
        max_leaves=leaves,
    )


objects = st.dictionaries(st.sampled_from(NAMES), values(), min_size=1, max_size=5)


@dataclass
class Hand:
    """Somebody's way of writing, drawn as the text goes on."""

    data: st.DataObject
    step: int
    list_step: int
    comments: list[str] = field(default_factory=list)
    has_literal: bool = False

    def chance(self, of: int) -> bool:
        return self.data.draw(st.integers(0, of - 1)) == 0

    def comment(self) -> str:
        text = f"# comment {len(self.comments)}: {self.data.draw(st.sampled_from(('why', 'a: b', '- x', '{', chr(34), '&x')))}"
        self.comments.append(text)
        return text

    def above(self, indent: int) -> list[str]:
        lines = [""] if self.chance(9) else []
        return [*lines, f"{' ' * indent}{self.comment()}"] if self.chance(5) else lines

    def beside(self) -> str:
        return f"  {self.comment()}" if self.chance(6) else ""

    def scalar(self, value: Json, is_flow: bool = False) -> str:
        if not isinstance(value, str):
            return json.dumps(value)
        if value in ("web", "nginx:1.29") and self.chance(2):
            return value
        if value.isprintable() and self.chance(2):
            return "'" + value.replace("'", "''") + "'"
        return json.dumps(value, ensure_ascii=False)

    def key(self, name: str) -> str:
        return json.dumps(name) if name in ("on", "8080") or self.chance(5) else name

    def flow(self, value: Json) -> str:
        pad = self.data.draw(st.sampled_from(("", " ")))
        if isinstance(value, dict):
            return "{" + pad + f",{pad or ' '}".join(f"{self.key(name)}: {self.flow(one)}" for name, one in value.items()) + pad + "}"
        if isinstance(value, list):
            return "[" + pad + ", ".join(self.flow(one) for one in value) + pad + "]"
        return self.scalar(value, is_flow=True)

    def fields(self, value: dict[str, Json], indent: int) -> list[str]:
        lines = []
        for name, one in value.items():
            lines += self.above(indent)
            head = f"{' ' * indent}{self.key(name)}:"
            if one is None and self.chance(2):
                lines.append(head + self.beside())
            elif one == "a\nb\n" and self.chance(2):
                self.has_literal = True
                lines += [f"{head} |{self.beside()}", f"{' ' * (indent + 2)}a", f"{' ' * (indent + 2)}b"]
                if self.chance(3):
                    lines.append("")
            elif not isinstance(one, dict | list) or not one or self.chance(5):
                lines.append(f"{head} {self.flow(one)}{self.beside()}")
            else:
                deeper = indent + (self.list_step if isinstance(one, list) else self.step)
                lines += [head + self.beside(), *self.block(one, deeper)]
        return lines

    def block(self, value: Json, indent: int) -> list[str]:
        if isinstance(value, dict):
            return self.fields(value, indent)
        assert isinstance(value, list)
        lines = []
        for one in value:
            lines += self.above(indent)
            if isinstance(one, dict | list) and one and not self.chance(5):
                first, *others = self.block(one, indent + 2)
                if first.strip().startswith("#") or not first.strip():
                    lines += [f"{' ' * indent}-", first, *others]
                else:
                    lines += [f"{' ' * indent}- {first.lstrip()}", *others]
            else:
                lines.append(f"{' ' * indent}- {self.flow(one)}{self.beside()}")
        return lines
