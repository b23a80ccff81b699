"""What is no value of its field's type is told by the field's path and what to write."""

import msgspec
import pytest

from daytwo.model.json import Json
from daytwo.sources.manifests.misfits import misfit


class Port(msgspec.Struct):
    container_port: int = 0


class Container(msgspec.Struct):
    name: str
    ports: tuple[Port, ...] = ()
    labels: dict[str, str] = {}
    data: dict[str, str] | None = None
    target: int | str = 0
    is_on: bool = False


class Whole(msgspec.Struct):
    containers: tuple[Container, ...] = ()
    settings: dict[str, str] = {}


@pytest.mark.parametrize(
    ("value", "told", "path"),
    [
        (
            {"containers": [{"name": "app", "ports": [{"container_port": 1}, {"container_port": "http"}]}]},
            'containers[app].ports[1].container_port is a text, "http"; write a number',
            "containers[app].ports[1].container_port",
        ),
        (
            {"containers": [{"name": "app", "ports": [{"container_port": 80.5}]}]},
            "containers[app].ports[0].container_port is 80.5; write a whole number",
            "containers[app].ports[0].container_port",
        ),
        ({"containers": [{"name": "app", "is_on": "maybe"}]}, 'containers[app].is_on is a text, "maybe"; write true or false', ""),
        ({"containers": [{"name": "app", "target": []}]}, "containers[app].target is a list; write a number or a text", ""),
        ({"containers": {}}, "containers is a mapping; write a list", "containers"),
        ({"containers": [{}]}, "containers[0] has no name; write it", "containers[0]"),
        (
            {"containers": [{"name": "app", "labels": {"a": "b", "example.com/on": True}}]},
            "containers[app].labels[example.com/on] is true; put it into quotes",
            "containers[app].labels[example.com/on]",
        ),
    ],
)
def test_the_field_is_named_and_what_to_write(value: Json, told: str, path: str) -> None:
    found = misfit(refusal(value), value)
    assert found is not None
    assert found.text == told
    assert found.path == path or not path


def test_what_may_be_a_credential_is_not_repeated() -> None:
    """A PIN in the place of a text, and a password where a mapping belongs."""
    values: tuple[Json, ...] = ({"settings": {"pin": 4711}}, {"settings": "hunter2"}, {"containers": [{"name": "app", "data": "hunter2"}]})
    for value in values:
        found = misfit(refusal(value), value)
        assert found is not None
        assert "4711" not in found.text
        assert "hunter2" not in found.text


def test_what_stands_in_a_part_of_an_object_is_told_from_its_top() -> None:
    found = misfit("Expected `str`, got `int` - at `$.labels[...]`", {"labels": {"a": 1}}, "metadata")
    assert found is not None
    assert found.path == "metadata.labels.a"


def test_other_words_are_left_as_they_are() -> None:
    assert misfit("has no name", None) is None


def refusal(value: Json) -> str:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.json.decode(msgspec.json.encode(value), type=Whole)
    return str(caught.value)
