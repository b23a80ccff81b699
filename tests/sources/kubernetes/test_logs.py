"""Log lines: with their times, masked, cut, and whole where keys span lines."""

from collections.abc import Iterator

import pytest

from daytwo.model.answer import Answers
from daytwo.model.gap import Gap, Want
from daytwo.model.masked import MASK
from tests.servers.control_plane import ADMIN, ControlPlane
from tests.servers.proxy import Answer, Hang, Proxy, named, status
from tests.sources.kubernetes.looking import HASTY, ask

pytestmark = pytest.mark.cluster

WANT = Want("logs", "shop/web-1/app")
PATH = "/api/v1/namespaces/shop/pods/web-1/log"


@pytest.fixture
def proxy(control_plane: ControlPlane) -> Iterator[Proxy]:
    with Proxy(control_plane) as proxy:
        yield proxy


def log(proxy: Proxy, *lines: str) -> list[str]:
    """What of these lines is kept."""
    body = "".join(f"2026-11-20T08:00:0{number % 10}.123456789Z {line}\n" for number, line in enumerate(lines))
    proxy.fault(PATH, Answer(200, body.encode(), "text/plain"))
    answers = ask(proxy.kubeconfig(ADMIN), [WANT])
    assert answers.answered == {WANT}
    assert answers.gaps == ()
    return [occurrence.summary for occurrence in answers.occurrences]


def test_lines_have_times(proxy: Proxy) -> None:
    """Rounded to the microsecond, in UTC, whatever zone the node keeps; a line without one is kept all the same."""
    body = b"2026-11-20T09:00:00.123456789+01:00 panic: out of luck\nno time at all\n"
    proxy.fault(PATH, Answer(200, body, "text/plain"))

    first, second = ask(proxy.kubeconfig(ADMIN), [WANT]).occurrences

    assert first.at is not None
    assert first.at.isoformat() == "2026-11-20T08:00:00.123457+00:00"
    assert first.summary == "panic: out of luck"
    assert (second.at, second.summary) == (None, "no time at all")
    assert proxy.requests_to(PATH)[0].query == {
        "container": "app",
        "previous": "true",
        "tailLines": "20",
        "limitBytes": str(1024 * 1024),
        "timestamps": "true",
    }


def test_credentials_in_lines_are_masked(proxy: Proxy) -> None:
    """As everywhere."""
    assert log(proxy, "connecting to postgres://ann:hunter2@db/shop") == [f"connecting to postgres://{MASK}@db/shop"]


def test_keys_that_span_lines_are_masked_whole(proxy: Proxy) -> None:
    """Begun, ended, or cut off on either side."""
    begin, end = "-----BEGIN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----"

    assert log(proxy, "before", begin, "MIIEowIBAAKCAQEA", end, "after") == ["before", MASK, MASK, MASK, "after"]
    assert log(proxy, "MIIEowIBAAKCAQEA", end, "after") == [MASK, MASK, "after"]
    assert log(proxy, "before", begin, "MIIEowIBAAKCAQEA") == ["before", MASK, MASK]


def test_long_lines_are_cut(proxy: Proxy) -> None:
    """To 500 characters, after masking."""
    (line,) = log(proxy, f"password=hunter2 {'x' * 1000}")

    assert len(line) == 500
    assert line.startswith(f"password={MASK} xxx")
    assert line.endswith("x…")


def test_control_characters_stay_in_their_line(proxy: Proxy) -> None:
    """They are shown as such later; here they neither break lines nor vanish."""
    assert log(proxy, "\x1b[31mred\x0b\u2028\r", "next") == ["\x1b[31mred\x0b\u2028\r", "next"]


def test_at_most_twenty_lines(proxy: Proxy) -> None:
    """Also when more come than were asked for."""
    assert log(proxy, *(f"line {number}" for number in range(30))) == [f"line {number}" for number in range(10, 30)]


def test_bytes_that_are_no_text_are_shown_as_such(proxy: Proxy) -> None:
    """Logs are whatever a program writes."""
    proxy.fault(PATH, Answer(200, b"\xff\xfe oops\n", "text/plain"))

    (line,) = ask(proxy.kubeconfig(ADMIN), [WANT]).occurrences

    assert line.summary == "\ufffd\ufffd oops"


def test_without_an_earlier_run_this_one_answers(proxy: Proxy) -> None:
    """400: there was no run before."""
    proxy.fault(
        lambda request: request.query.get("previous") == "true", status(400, "BadRequest", "previous terminated container not found")
    )
    proxy.fault(lambda request: request.query.get("previous") == "false", Answer(200, b"2026-11-20T08:00:00Z hello\n", "text/plain"))

    assert [line.summary for line in ask(proxy.kubeconfig(ADMIN), [WANT]).occurrences] == ["hello"]


def test_what_never_ran_wrote_nothing(proxy: Proxy) -> None:
    """400 for both: answered, without a line."""
    proxy.fault(PATH, status(400, "BadRequest", 'container "app" in pod "web-1" is waiting to start: ContainerCreating'))

    answers = ask(proxy.kubeconfig(ADMIN), [WANT])

    assert answers == Answers(frozenset({WANT}))


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (status(403, "Forbidden", 'pods "web-1" is forbidden: User "viewer" cannot get'), "forbidden for user viewer"),
        (status(404, "NotFound"), "not found"),
        (Hang(), "no answer within 1 s (3 tries)"),
        (Answer(200, b"unable to retrieve container logs for x://1", "text/plain"), "unable to retrieve container logs for x://1"),
        (status(500, "InternalError", "dial tcp: i/o timeout"), "the API server answers 500: dial tcp: i/o timeout (3 tries)"),
    ],
    ids=named,
)
def test_logs_that_cannot_be_read_are_gaps(proxy: Proxy, fault: Answer | Hang, reason: str) -> None:
    """The node is gone, the right is missing, the files were removed."""
    proxy.fault(PATH, fault)

    answers = ask(proxy.kubeconfig(ADMIN), [WANT], HASTY)

    assert answers.answered == frozenset()
    assert answers.gaps == (Gap("logs", "logs of shop/web-1/app", reason, want=WANT),)
