"""Each action is a command, made of what it declares."""

import click
import pytest

from daytwo import catalog
from daytwo.catalog import Action
from daytwo.cli.action_command import Acting, command_of

OURS = {"context", "kubeconfig", "namespace", "dry-run", "yes", "for", "why", "as", "ledger", "settings", "output", "help"}


def command(action: Action, seen: list[Acting]) -> click.Command:
    def do(ctx: click.Context, action: Action, acting: Acting) -> int:
        seen.append(acting)
        return 0

    return command_of(action, do)


def given(name: str, *arguments: str) -> Acting:
    """What a command line says to its action."""
    seen: list[Acting] = []
    command(catalog.find_action(name), seen).main(args=list(arguments), standalone_mode=False)
    return seen[0]


@pytest.mark.parametrize("action", catalog.actions(), ids=lambda action: action.name)
def test_no_parameter_takes_a_flag_of_ours(action: Action) -> None:
    assert {parameter.name for parameter in action.declaration.parameters} & OURS == set()


@pytest.mark.parametrize("action", catalog.actions(), ids=lambda action: action.name)
def test_every_parameter_is_on_its_page(action: Action) -> None:
    made = command(action, [])
    page = made.get_help(click.Context(made, info_name=action.name))
    for parameter in action.declaration.parameters:
        assert (parameter.metavar or parameter.name.upper()) in page if parameter.is_argument else f"--{parameter.name}" in page


def test_values_come_as_they_are_declared_and_what_was_not_given_is_absent() -> None:
    assert given("scale", "deploy/web", "--replicas", "5").parameters == {"replicas": 5}
    assert given("scale", "deploy/web", "--replicas", "0").parameters == {"replicas": 0}
    assert given("drain", "node-a", "--timeout", "90s", "--force").parameters == {"timeout": "90s", "force": True}
    assert given("drain", "node-a").parameters == {}
    assert given("set-image", "deploy/web", "web=web:2", "init=init:2").parameters == {"images": ["web=web:2", "init=init:2"]}


def test_a_file_is_not_read_before_the_cluster_is_known() -> None:
    found = given("apply", "deploy.yaml", "--force-conflicts")
    assert (found.files, found.parameters) == ({"manifest": "deploy.yaml"}, {"force-conflicts": True})


def test_flags_of_a_foreign_command_are_its_own() -> None:
    found = given("command", "--why", "because", "--", "helm", "rollback", "--yes", "web")
    assert (found.parameters, found.is_yes, found.why) == ({"argv": ["helm", "rollback", "--yes", "web"]}, False, "because")
    assert given("command", "helm", "--yes").parameters == {"argv": ["helm", "--yes"]}
    with pytest.raises(click.NoSuchOption):
        given("command", "--dryrun", "--", "helm")
