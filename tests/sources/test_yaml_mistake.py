"""What a parser says of a mistake, in the words of whoever wrote it."""

import pytest
import yaml

from daytwo.sources.yaml_mistake import told


@pytest.mark.parametrize("loader", [yaml.SafeLoader, yaml.CSafeLoader])
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a:\n\tb: 1\n", "a tab: YAML is indented with spaces"),
        ("a: @b\n", "a value cannot begin with @; put it into quotes"),
        ("a: b: c\n", "where no key can stand: is the line indented as meant, or does a value need quotes?"),
        ('a: "b\n', "the text ends within quotes or brackets"),
    ],
)
def test_both_parsers_are_told_alike(loader: type[yaml.SafeLoader], text: str, words: str) -> None:
    with pytest.raises(yaml.MarkedYAMLError) as caught:
        yaml.load(text, Loader=loader)
    assert words in told(caught.value, text)
