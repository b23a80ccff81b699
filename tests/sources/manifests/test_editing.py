"""Fields are changed in the text that somebody wrote, and nothing else is."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daytwo.model.json import Json, Object
from daytwo.model.origin import Origin
from daytwo.model.path import find
from daytwo.model.repair import Edit, Inapplicable, applied
from daytwo.sources.manifests.editing import Uneditable, appended, edited
from daytwo.sources.manifests.values import values_of
from tests.sources.manifests.written import NAMES, Hand, objects, values

DEPLOYMENT = """\
# The shop's front.
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}   # in one line
spec:
  replicas: 1  # one is enough

  # Pods are all alike.
  template:
    spec:
      securityContext: {}  # nothing yet
      containers:
      # The program.
      - name: app   # first
        image: "nginx:1.28"
        resources:
        args: ["a", 'b']
        command:
        - sh
        - |
          echo

      # Its helper.
      - name: side
        env: []
        securityContext:
          capabilities: {drop: [NET_RAW]}
          # It wants this.
          privileged: true   # does it?

# The end.
"""
POD = "spec.template.spec"


def set_to(path: str, value: Json) -> Edit:
    return Edit(path, value)


def remove(path: str) -> Edit:
    return Edit(path, is_removal=True)


CASES = [
    (set_to("spec.replicas", 3), "  replicas: 1  # one is enough\n", "  replicas: 3  # one is enough\n"),
    (set_to(f"{POD}.containers[app].image", "nginx:1.29"), '"nginx:1.28"', '"nginx:1.29"'),
    (set_to("metadata.labels[app.kubernetes.io/name]", "web"), "{app: web}", "{app: web, app.kubernetes.io/name: web}"),
    (set_to("metadata.annotations.x", "true"), "{app: web}}", '{app: web}, annotations: {x: "true"}}'),
    (
        set_to(f"{POD}.securityContext.runAsNonRoot", True),
        "      securityContext: {}  # nothing yet\n",
        "      securityContext:  # nothing yet\n        runAsNonRoot: true\n",
    ),
    (
        set_to(f"{POD}.containers[app].resources.limits.memory", "1Gi"),
        "        resources:\n",
        "        resources:\n          limits:\n            memory: 1Gi\n",
    ),
    (set_to(f"{POD}.containers[app].args[+]", "c"), "'b']", "'b', c]"),
    (set_to(f"{POD}.containers[app].command[+]", "-x"), "          echo\n", '          echo\n        - "-x"\n'),
    (set_to(f"{POD}.containers[side].env[+]", {"name": "A", "value": "1"}), "env: []\n", 'env:\n        - name: A\n          value: "1"\n'),
    (set_to(f"{POD}.containers[side].securityContext.capabilities.drop", ["ALL"]), "[NET_RAW]", "[ALL]"),
    (
        remove(f"{POD}.containers[side].securityContext.privileged"),
        "          # It wants this.\n          privileged: true   # does it?\n",
        "",
    ),
    (remove(f"{POD}.containers[side].securityContext.capabilities.drop[0]"), "[NET_RAW]", "[]"),
    (remove(f"{POD}.containers[app].name"), "      - name: app   # first\n        image", "      - image"),
    (
        set_to(f"{POD}.tolerations[+]", {"key": "a"}),
        "privileged: true   # does it?\n",
        "privileged: true   # does it?\n      tolerations:\n      - key: a\n",
    ),
]


@pytest.mark.parametrize(("edit", "before", "after"), CASES, ids=[edit.path for edit, _, _ in CASES])
@pytest.mark.parametrize("line_break", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_an_edit_changes_its_field_and_nothing_else(edit: Edit, before: str, after: str, line_break: str) -> None:
    assert DEPLOYMENT.count(before) == 1
    expected = DEPLOYMENT.replace(before, after).replace("\n", line_break)
    assert edited(DEPLOYMENT.replace("\n", line_break), Origin("web.yaml", 2), [edit]) == expected


def test_several_edits_are_made_one_after_the_other() -> None:
    edits = [set_to("spec.a.b", 1), set_to("spec.a.c", 2), remove("spec.old"), set_to("spec.list[+]", "x")]
    assert edited("spec:\n  old: 1\n", Origin("a.yaml"), edits) == "spec:\n  a:\n    b: 1\n    c: 2\n  list:\n  - x\n"


def test_only_the_document_that_is_meant_is_edited() -> None:
    text = "kind: A\nx: 1\n---\nkind: A\nx: 1\n--- # third\nkind: A\nx: 1\n...\n"
    assert edited(text, Origin("a.yaml", 4), [set_to("x", 2)]) == "kind: A\nx: 1\n---\nkind: A\nx: 2\n--- # third\nkind: A\nx: 1\n...\n"


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("kind: List\nitems:\n- a: 1\n- a: 1\n  # b\n", "kind: List\nitems:\n- a: 1\n- a: 1\n  b: 2\n  # b\n"),
        ('{"kind": "List", "items": [{"a": 1}, {"a": 1}]}', '{"kind": "List", "items": [{"a": 1}, {"a": 1, "b": 2}]}'),
    ],
)
def test_an_item_of_a_list_is_edited(text: str, after: str) -> None:
    assert edited(text, Origin("a.yaml", item=1), [set_to("b", 2)]) == after


def test_json_stays_json() -> None:
    text = '{\n  "spec": {\n    "a": 1\n  },\n  "list": []\n}\n'
    edits = [set_to("spec.b", "x"), set_to("list[+]", {"c": True}), set_to("new.deep", None)]
    after = '{\n  "spec": {\n    "a": 1,\n    "b": "x"\n  },\n  "list": [{"c": true}],\n  "new": {"deep": null}\n}\n'
    assert edited(text, Origin("a.json"), edits) == after


def test_lists_are_set_in_as_the_file_sets_them_in() -> None:
    text = "spec:\n    ports:\n        - a: 1\n        - a: 2\n"
    edits = [set_to("spec.ports[+]", {"a": 3, "b": {"c": 1}}), set_to("spec.new[+]", "x")]
    after = f"{text}        - a: 3\n          b:\n              c: 1\n    new:\n        - x\n"
    assert edited(text, Origin("a.yaml"), edits) == after


def test_a_file_without_a_last_line_break_still_has_none() -> None:
    assert edited("a: 1", Origin("a.yaml"), [set_to("b", 2)]) == "a: 1\nb: 2"
    assert edited("a: 1\nb: 2", Origin("a.yaml"), [remove("b")]) == "a: 1"


def test_a_text_that_keeps_its_blank_lines_keeps_them() -> None:
    assert edited("a: |+\n  x\n\n\nb: 1\n", Origin("a.yaml"), [remove("b"), set_to("c", 1)]) == "a: |+\n  x\n\n\nc: 1\n"


def test_brackets_over_several_lines_keep_their_comments() -> None:
    text = "a: [\n  1,  # one\n  2   # two\n]\n"
    assert edited(text, Origin("a.yaml"), [set_to("a[+]", 3)]) == "a: [\n  1,  # one\n  2,\n  3   # two\n]\n"
    assert edited(text, Origin("a.yaml"), [remove("a[1]")]) == "a: [\n  1  # one\n   # two\n]\n"
    assert edited(text, Origin("a.yaml"), [remove("a[0]")]) == "a: [\n  2   # two\n]\n"


def test_the_last_field_of_a_block_leaves_brackets() -> None:
    assert edited("a:\n  # why\n  b: 1\nc: 2\n", Origin("a.yaml"), [remove("a.b")]) == "a: {}\nc: 2\n"


ALIASED = """\
base: &base
  memory: 1Gi
one:
  resources: *base
two:
  <<: *base
  cpu: 1
"""


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (set_to("one.resources.memory", "2Gi"), r"\*base"),
        (set_to("base.memory", "2Gi"), "line 4"),
        (remove("two.memory"), "merge key in line 6"),
        (remove("base"), "line 4"),
        (set_to("base", 1), "line 4"),
        (set_to("one.resources[3].x", 1), r"\*base"),
        (set_to("two.cpu.x", 1), "one value"),
        (set_to("two", {"cpu": 2}), "merge key"),
    ],
)
def test_what_others_use_as_well_is_not_edited(edit: Edit, reason: str) -> None:
    with pytest.raises(Uneditable, match=reason):
        edited(ALIASED, Origin("a.yaml"), [edit])


def test_an_alias_may_be_replaced_and_a_merged_field_written_over() -> None:
    edits = [set_to("one.resources", {"memory": "2Gi"}), set_to("two.memory", "3Gi")]
    after = ALIASED.replace("resources: *base", "resources:\n    memory: 2Gi").replace("cpu: 1", "cpu: 1\n  memory: 3Gi")
    assert edited(ALIASED, Origin("a.yaml"), edits) == after


@pytest.mark.parametrize(
    ("text", "edit"),
    [
        ("a: !!str 1\n", set_to("a", "2")),
        ("? a\n: 1\n", set_to("b", "2")),
        ("a: [1\n", set_to("b", "2")),
        ("a: 1\n", remove("a")),
        ("a: 1\n", set_to("", 3)),
        ("- 1\n", set_to("a", 3)),
        ("a: [x]\n", set_to("a[5]", 3)),
    ],
)
def test_what_cannot_be_edited_is_refused(text: str, edit: Edit) -> None:
    with pytest.raises(Uneditable):
        edited(text, Origin("a.yaml"), [edit])


def test_an_object_that_moved_away_is_refused() -> None:
    with pytest.raises(Uneditable):
        edited("a: 1\n", Origin("a.yaml", 7), [set_to("a", 2)])


def test_documents_are_appended() -> None:
    budget: Object = {"kind": "PodDisruptionBudget", "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "web"}}}}
    text = "spec:\n  minAvailable: 1\n  selector:\n    matchLabels:\n      app: web\n"
    assert appended("a: 1\n", [budget]) == f"a: 1\n---\nkind: PodDisruptionBudget\n{text}"
    assert appended("a: 1", [budget]) == f"a: 1\n---\nkind: PodDisruptionBudget\n{text}"
    assert appended("", [{"a": 1}, {"b": "yes"}]) == 'a: 1\n---\nb: "yes"\n'
    assert [found.value for found in values_of(appended('{"a": 1}', [budget]))] == [{"a": 1}, budget]


# -- any text, any edit ------------------------------------------------------------------------------------------------


def places(value: Json, path: str = "") -> list[tuple[str, Json]]:
    """Every path to what is there."""
    found = [(path, value)] if path else []
    if isinstance(value, dict):
        for name, one in value.items():
            found += places(one, f"{path}[{name}]")
    elif isinstance(value, list):
        for index, one in enumerate(value):
            found += places(one, f"{path}[{index}]")
    return found


@st.composite
def edits_of(draw: st.DrawFn, value: Json) -> Edit:
    path, there = draw(st.sampled_from(places(value)))
    choices = ["set", "remove"]
    if isinstance(there, list):
        choices += ["append", "append"]
    if isinstance(there, dict) or there is None:
        choices += ["field", "field", "deep"]
    choice = draw(st.sampled_from(choices))
    if choice == "remove":
        return remove(path)
    if choice == "append":
        return set_to(f"{path}[+]", draw(values(5)))
    if choice == "field":
        return set_to(f"{path}[{draw(st.sampled_from((*NAMES, 'new')))}]", draw(values(5)))
    if choice == "deep":
        return set_to(f"{path}[new].deeper[+].x", draw(values(3)))
    return set_to(path, draw(values(5)))


def is_kept(before: Json, edit: Edit) -> bool:
    """Whether an edit takes away nothing that a comment may stand in or beside."""
    if edit.is_removal:
        return False
    old = find(before, edit.path) if "[+]" not in edit.path else None
    return not isinstance(old, dict | list) or not old


def edited_or_refused(text: str, origin: Origin, edit: Edit) -> str | None:
    """The text edited; None where it is refused for one of the two reasons that such texts may have."""
    reason = ""
    try:
        return edited(text, origin, [edit])
    except Uneditable as refused:
        reason = str(refused)
    assert "nothing would be left of the object" in reason or "on one line with" in reason, (text, edit, reason)
    return None


@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_whatever_is_edited_the_value_is_as_asked_and_all_comments_stand(data: st.DataObject) -> None:
    assert_edited(data)


@pytest.mark.deep
@settings(max_examples=20_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_many_texts_are_edited(data: st.DataObject) -> None:
    assert_edited(data)


@settings(max_examples=200, deadline=None)
@given(data=st.data(), indent=st.sampled_from((None, 0, 2, 4)), value=objects)
def test_whatever_is_edited_in_json_it_stays_json(data: st.DataObject, indent: int | None, value: Object) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=data.draw(st.booleans()))
    edit = data.draw(edits_of(value))
    try:
        expected = applied(value, [edit])
    except Inapplicable:
        return
    assert json.loads(edited(text, Origin("a.json"), [edit])) == expected


def assert_edited(data: st.DataObject) -> None:
    value: Json = data.draw(objects)
    hand = Hand(data, step=data.draw(st.sampled_from((2, 4))), list_step=data.draw(st.sampled_from((0, 2))))
    lines = hand.block(value, 0)
    line_break = data.draw(st.sampled_from(("\n", "\n", "\r\n")))
    # What stands after a | ends where its last line does.
    text = line_break.join(lines) + (line_break if hand.has_literal else data.draw(st.sampled_from(("", line_break))))
    (found,) = values_of(text)
    assert found.value == value, text
    edit = data.draw(edits_of(value))
    origin = Origin("a.yaml", found.line, found.column)
    try:
        expected = applied(value, [edit])
    except Inapplicable:
        return
    after = edited_or_refused(text, origin, edit)
    if after is None:
        return
    assert [one.value for one in values_of(after)] == [expected]
    if is_kept(value, edit):
        assert [comment for comment in hand.comments if comment not in after] == []


def test_a_dash_in_a_comment_is_no_dash() -> None:
    text = "apiVersion: v1\nspec:\n\n-\n\n  # why - x\n  - web\n\n-\n  - api\n"
    origin = Origin(file="a.yaml", line=1, column=1)
    assert edited(text, origin, [Edit("spec[1]", is_removal=True)]) == "apiVersion: v1\nspec:\n\n-\n\n  # why - x\n  - web\n\n"
