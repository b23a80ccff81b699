"""Writes the reference and the README's picture from the code: `make docs`. A test fails when they drift."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from daytwo import catalog
from daytwo.catalog import Check
from daytwo.cli.main import COMMANDS, daytwo
from daytwo.domains.changes.fighters import RIGHTS
from daytwo.model.severity import Harm
from daytwo.render import document, document_of_access, document_of_acting, document_of_history, json
from daytwo.render.cluster_role import to_yaml
from daytwo.render.roles_of_actions import role_of_actions
from daytwo.sources.kubernetes.access import reader_role, secret_reader_role
from daytwo.sources.profiles import read_profile
from tests.completeness import settings_page
from tests.completeness.picture import picture

DOCS = Path(__file__).parents[2] / "docs"
_SOURCE = "<!-- Written by `make docs` from the code. Change the code instead. -->\n\n"
INDEX = "../src/daytwo/library/checks.json"
LEFT_OUT = {without.check: without.why for without in read_profile().without}
_HARM = {Harm.ACTIVE: "a fault now", Harm.ONE_EVENT_AWAY: "one event from a fault", Harm.NONE: "hygiene"}


def reference() -> dict[str, str]:
    """Each file that is made from the code, by its path from docs/."""
    return {
        INDEX: _index(),
        "review.svg": picture(),
        "reference/cli.md": _cli(),
        "reference/checks.md": _checks(),
        "reference/actions.md": _actions(),
        "reference/settings.md": settings_page.page(_SOURCE),
        "reference/plan.schema.json": json.schema(document_of_acting.PlanDocument),
        "reference/run.schema.json": json.schema(document_of_acting.RunDocument),
        "reference/runs.schema.json": json.schema(document_of_acting.RunsDocument),
        "reference/history.schema.json": json.schema(document_of_history.HistoryDocument),
        "reference/clusterrole-actor.yaml": (
            "# All that the actions take, and looking for who would revert them; `daytwo act --role NAME…` prints what some of them take.\n"
            f"{to_yaml(role_of_actions(catalog.actions(), RIGHTS))}"
        ),
        "reference/review.schema.json": json.schema(document.ReviewDocument),
        "reference/problem.schema.json": json.schema(document.ProblemDocument),
        "reference/check.schema.json": json.schema(document.CheckDocument),
        "reference/who-can.schema.json": json.schema(document_of_access.WhoCanDocument),
        "reference/clusterrole-reader.yaml": f"# All that daytwo reads, but for Secrets. It never writes.\n{to_yaml(reader_role())}",
        "reference/clusterrole-reader-secrets.yaml": (
            "# Adds Secrets, for the dates of certificates. Only names, sizes and public certificates are kept.\n"
            f"{to_yaml(secret_reader_role())}"
        ),
    }


def _index() -> str:
    outlines = (msgspec.structs.replace(catalog.outline(check), left_out=LEFT_OUT.get(check.name, "")) for check in catalog.checks())
    return "[\n" + ",\n".join(msgspec.json.encode(outline).decode() for outline in outlines) + "\n]\n"


def _cli() -> str:
    parts = [
        f"# Command line\n\n{_SOURCE}",
        "`daytwo` and `kubectl daytwo` are the same. Flags mean the same in every command; exit codes too:\n\n",
        "| code | meaning |\n|---|---|\n",
        "| 0 | fine |\n",
        "| 1 | something to do: TODAY is not empty (`review`), a finding at or above `--fail-on` (`check`), a lack (`doctor`); ",
        "denied, not approved, failed or unknown (`act`, `undo`, `runs`); a history that is not whole (`ledger verify`) |\n",
        "| 2 | usage: the command line, a file or the kubeconfig is wrong; the message says what to write instead |\n",
        "| 3 | nothing failed, but something could not be read |\n",
        "| 70 | a fault of daytwo itself; the message says where the traceback is |\n",
        "| 130 | interrupted |\n\n",
        "`-o FORMAT` writes a report to standard output and `-o FORMAT=FILE` into a file, whole or not at all; it may be repeated.\n",
        "The JSON has a schema each for [review](review.schema.json), [problem](problem.schema.json) and [check](check.schema.json);\n",
        "within a version fields are added, never renamed or dropped. `-o prometheus=FILE` is for a node exporter's textfile collector.\n",
        "Standard output and nothing else holds the report; progress and remarks go to standard error, progress only on a terminal.\n",
        "Colours stand on terminals unless `NO_COLOR` is set. Piped lines are never wrapped.\n",
    ]
    with click.Context(daytwo, info_name="daytwo") as root:
        for name in COMMANDS:
            command = daytwo.get_command(root, name)
            assert command is not None
            parts.append(f"\n## {name}\n\n{_help(command, root, name)}")
            if isinstance(command, click.Group) and name != "act":
                parts += _commands_of(command, root, name)
    return "".join(parts)


def _commands_of(group: click.Group, root: click.Context, name: str) -> Iterator[str]:
    with click.Context(group, info_name=name, parent=root) as context:
        for each in group.list_commands(context):
            command = group.get_command(context, each)
            assert command is not None
            yield f"\n### {name} {each}\n\n{_help(command, context, each)}"


def _help(command: click.Command, root: click.Context, name: str) -> str:
    with click.Context(command, info_name=name, parent=root, terminal_width=100, max_content_width=100) as context:
        return f"```\n{command.get_help(context)}\n```\n"


def _actions() -> str:
    """Each action's page, and what it takes to use it."""
    actions = catalog.actions()
    parts = [
        f"# Actions\n\n{_SOURCE}",
        f"{len(actions)} actions. `daytwo act NAME TARGET --dry-run` shows what one would change; what all of them take in rights is in\n",
        "[clusterrole-actor.yaml](clusterrole-actor.yaml). Flags that every action has are told with [act](cli.md#act).\n",
    ]
    with click.Context(daytwo, info_name="daytwo") as root:
        group = daytwo.get_command(root, "act")
        assert isinstance(group, click.Group)
        with click.Context(group, info_name="act", parent=root) as context:
            for action in actions:
                command = group.get_command(context, action.name)
                assert command is not None
                rights = ", ".join(f"`{right}`" for right in (*action.declaration.writes, *action.declaration.reads))
                parts.append(f"\n## {action.name}\n\n{_help(command, context, action.name)}\nRights: {rights or 'none'}\n")
    return "".join(parts)


def _checks() -> str:
    checks = catalog.checks()
    domains = list(dict.fromkeys(check.name.partition("/")[0] for check in checks))
    parts = [
        f"# Checks\n\n{_SOURCE}",
        f"{len(checks)} checks of {len(domains)} domains. `daytwo explain NAME` prints one; `--only` and `--skip` take names or domains.\n",
        "The severity stands in `daytwo check`; that of a *problem* follows from [user harm](../horizons.md).\n\n",
    ]
    for domain in domains:
        parts.append(f"- {domain}: ")
        mine = [check for check in checks if check.name.partition("/")[0] == domain]
        parts.append(", ".join(f"[{check.name.partition('/')[2]}](#{_anchor(check.name)})" for check in mine) + "\n")
    parts.extend("\n" + "\n".join(_page(check)) + "\n" for check in checks)
    return "".join(parts)


def _page(check: Check) -> Iterator[str]:
    kinds = ", ".join(kind.KIND for kind in check.kinds)
    yield f"## {check.name}\n"
    yield f"{_prose(check.page.summary)}\n"
    yield f"{check.severity} · {check.heading} · {_HARM[check.harm]} · looks at {kinds}\n"
    yield f"- **Why:** {_prose(check.page.why)}"
    yield f"- **Fix:** {_prose(check.page.fix)}"
    left_out = re.search(r"^Not: (.*?)(?=^\w+: |\Z)", check.page.text, re.MULTILINE | re.DOTALL)
    if left_out:
        yield f"- **Not:** {_prose(' '.join(left_out[1].split()))}"
    not_asked = LEFT_OUT.get(check.name, "")
    if not_asked:
        yield f"- **Profile:** not asked by `default`: {not_asked}"
    yield f"- **Source:** {' '.join(f'<{word}>' if word.startswith('https://') else word for word in check.page.source.split())}"


def _prose(text: str) -> str:
    """Angle brackets outside of code are no HTML."""
    return re.sub(r"<(?=[^`]*(?:`[^`]*`[^`]*)*$)", "&lt;", text)


def _anchor(name: str) -> str:
    """As GitHub makes it of a heading."""
    return name.replace("/", "")


def main() -> None:
    for name, text in reference().items():
        path = DOCS / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            sys.stdout.write(f"{path.resolve().relative_to(DOCS.parent)}\n")


if __name__ == "__main__":
    main()
