"""The difference of two values as fields: it is all of it, small, and gives nothing away that masking would not find."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daytwo.actions.forms import leaves
from daytwo.model.change import FieldChange
from daytwo.model.json import Json, at
from daytwo.model.masking_json import mask_json

SECRET = "correct-horse-battery"

NAMES = st.sampled_from(["app", "proxy", "init"])
LEAVES = st.one_of(st.integers(0, 3), st.booleans(), st.sampled_from(["web:1", "web:2", "info"]))
NAMED = st.lists(st.fixed_dictionaries({"name": NAMES}, optional={"image": LEAVES, "value": LEAVES}), max_size=3)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(NAMED, st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["a", "b/c", "d~"]), inner, max_size=3)),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.sampled_from(["a", "b/c", "d~"]), VALUES, max_size=3)


@given(OBJECTS, OBJECTS)
def test_the_fields_are_the_whole_difference(old: dict[str, Any], new: dict[str, Any]) -> None:
    """With them written, one is the other; and none of them says what is so already."""
    fields = leaves.fields(old, new, "spec")
    after: Json = {"spec": msgspec.json.decode(msgspec.json.encode(old))}
    for field in fields:
        assert at({"spec": old}, field.path) == field.old
        assert at({"spec": new}, field.path) == field.new
        assert field.old != field.new or type(field.old) is not type(field.new) or isinstance(field.old, dict | list)
        _write(after, field)
    assert after == {"spec": new}


def _write(value: Any, field: FieldChange) -> None:
    *way, last = [part.replace("~1", "/").replace("~0", "~") for part in field.path.split("/")[1:]]
    for part in way:
        value = value[int(part)] if isinstance(value, list) else value[part]
    if field.new is None:
        del value[last]
    else:
        value[int(last) if isinstance(value, list) else last] = field.new


def container(**more: Any) -> dict[str, Any]:
    return {"name": "app", "image": "web:1", **more}


@pytest.mark.parametrize(
    ("old", "new", "paths"),
    [
        ([container()], [container(image="web:2")], ["/c/0/image"]),
        ([container(), {"name": "proxy"}], [{"name": "proxy"}, container()], ["/c"]),
        ([container()], [container(), {"name": "proxy"}], ["/c"]),
        ([container(args=["a", "b"])], [container(args=["a"])], ["/c/0/args"]),
        (
            [container(env=[{"name": "LEVEL", "value": "info"}])],
            [container(env=[{"name": "LEVEL", "value": "debug"}])],
            ["/c/0/env/0/value"],
        ),
        (
            [container(env=[{"name": "DB_PASSWORD", "value": SECRET}])],
            [container(env=[{"name": "DB_PASSWORD", "value": "x" + SECRET}])],
            ["/c/0/env/0"],
        ),
        ({"x/y": 1}, {"x/y": 2}, ["/c/x~1y"]),
        ({"db-password": SECRET, "other": "1"}, {"other": "1"}, ["/c"]),
    ],
    ids=["image", "order", "one more", "arguments", "harmless variable", "secret variable", "escapes", "secret annotation"],
)
def test_as_small_as_is_safe(old: Json, new: Json, paths: list[str]) -> None:
    """A list whose elements are not the same ones is one field; so is what its name alone makes a secret."""
    assert [field.path for field in leaves.fields(old, new, "c")] == paths


@pytest.mark.parametrize(
    "where",
    [
        lambda secret: {"env": [{"name": "DB_PASSWORD", "value": secret}]},
        lambda secret: {"metadata": {"annotations": {"example.com/api-token": secret, "level": "info"}}},
        lambda secret: {"args": ["--password", secret]},
        lambda secret: {"command": ["run", f"--password={secret}"]},
        lambda secret: {"env": [{"name": "URL", "value": f"postgres://me:{secret}@db/shop"}]},
    ],
    ids=["variable", "annotation", "argument", "option", "address"],
)
def test_a_secret_is_masked_in_every_field(where: Any) -> None:
    """Whoever masks a change sees its fields alone, without what stands around them."""
    for old, new in ((where(SECRET), where(SECRET + "2")), (where(SECRET), {}), ({}, where(SECRET))):
        fields = leaves.fields(old, new, "spec", "template")
        assert fields
        assert SECRET not in str(mask_json(msgspec.to_builtins(fields)))
