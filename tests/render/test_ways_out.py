"""JUnit, GitHub annotations, HTML and text of findings in files."""

from xml.etree import ElementTree

from msgspec.structs import replace

from daytwo.render import github, html, junit, markdown, text_of_findings
from daytwo.render.view import View
from tests.render.files import EMPTY, EXACT, FILES, HOSTILE

VIEW = View(paths="deploy")


def test_junit_is_xml_whatever_the_names_are_and_its_sums_are_right() -> None:
    root = ElementTree.fromstring(junit.check(FILES))
    cases = list(root.iter("testcase"))
    assert int(root.attrib["tests"]) == len(cases) == 7
    assert int(root.attrib["failures"]) == len(list(root.iter("failure"))) == 5
    assert int(root.attrib["skipped"]) == len(list(root.iter("skipped"))) == 1
    for suite in root.iter("testsuite"):
        assert int(suite.attrib["tests"]) == len(list(suite.iter("testcase")))


def test_junit_tells_place_fix_and_passes() -> None:
    root = ElementTree.fromstring(junit.check(FILES))
    (suite,) = [one for one in root.iter("testsuite") if one.attrib["name"] == EXACT.check]
    failed, passed = list(suite.iter("testcase"))
    assert failed.attrib == {"classname": EXACT.check, "name": "Deployment shop/web app", "file": "deploy/my web.yaml", "line": "12"}
    assert passed.attrib["name"] == "3 objects"
    failure = failed.find("failure")
    assert failure is not None
    assert failure.text == "is not as it should be\ndeploy/my web.yaml:12:5\nFix: write 2"


def test_junit_of_nothing_is_a_whole_document() -> None:
    assert ElementTree.fromstring(junit.check(EMPTY)).attrib["tests"] == "0"


def test_an_annotation_is_one_line_that_no_name_can_break_out_of() -> None:
    lines = github.check(FILES).splitlines()
    assert len(lines) == 5
    assert lines[0] == (
        "::error file=deploy/my web.yaml,line=12,col=5,title=critical%3A workloads/crash-looping"
        "::Deployment shop/web: is not as it should be%0AFix: write 2"
    )
    (strange,) = [line for line in lines if line.startswith("::warning")]
    assert "file=./deploy/ä%2Cb%3Ac.yaml,line=3" in strange
    assert "\x1b" not in strange
    assert strange.count("\n") == 0
    assert "100 %25 of" in strange


def test_a_rendered_finding_annotates_no_line_of_another_file() -> None:
    (rendered,) = [line for line in github.check(FILES).splitlines() if "on-one-node" in line]
    assert rendered.startswith("::notice title=")
    assert "(web/templates/deployment.yaml)" in rendered


def test_html_escapes_whatever_comes_from_files_and_loads_nothing() -> None:
    page = html.check(FILES, VIEW)
    assert "a&amp;b&lt;c&gt;" in page
    assert HOSTILE.name not in page
    assert "\x1b" not in page
    assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page
    assert "<script" not in page
    assert "src=" not in page


def test_html_tells_what_is_exempt_and_what_is_unknown() -> None:
    page = html.check(FILES, VIEW)
    assert "the vendor&#39;s chart" in page
    assert "2026-12-31" in page
    assert "networkpolicies: not among these files" in page
    assert "exempt until 2026-01-31, which is over" in page


def test_html_of_nothing_says_so() -> None:
    assert "Nothing was found in 5 objects in 1 namespace." in html.check(EMPTY, VIEW)


def test_text_tells_the_place_the_exemptions_and_the_next_command() -> None:
    page = text_of_findings.check(FILES, VIEW)
    assert page.splitlines()[0] == "deploy · 5 objects in 4 files · for Kubernetes v1.36 · profile default"
    assert "            deploy/my web.yaml:12:5  write 2\n" in page
    assert "charts/web:40:7 (web/templates/deployment.yaml)" in page
    assert "EXEMPT  1\n  shop/web  workloads/oom-killed  the vendor's chart (team-shop, SHOP-12, until 2026-12-31)\n" in page
    assert "UNUSED EXEMPTIONS  1" in page
    assert "  exemptions.yaml:9:5  workloads/failed-job (kind Job, name night, selector app=web,tier!=x)  the vendor's chart\n" in page
    assert "(its exemption ended on 2026-01-31: team-shop, SHOP-12)" in page
    assert "NOT AMONG THESE FILES  networkpolicies → 1 check cannot tell" in page
    assert page.endswith("daytwo check --fix deploy  mends 4 of them, shown first\n")


def test_two_documents_of_one_name_are_told_apart() -> None:
    assert EXACT.origin is not None
    assert EXACT.place is not None
    other = replace(EXACT, origin=replace(EXACT.origin, file="prod.yaml"), place=replace(EXACT.place, file="prod.yaml"))
    page = text_of_findings.check(replace(FILES, findings=(EXACT, other)), VIEW)
    assert "deploy/my web.yaml:12:5" in page
    assert "prod.yaml:12:5" in page
    assert "×2" not in page


def test_markdown_names_the_place() -> None:
    assert "deploy/my web.yaml:12:5" in markdown.check(FILES, VIEW)
