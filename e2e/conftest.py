"""The hub that browser tests look at, and the browsers that look.

Without `--base-url` a hub of this checkout is started on the prescribed ports with a folder of
its own; with it, the tests talk to a hub that runs already. With two workers (`-n 2`)
clients and money have another hub and another world, the same tests in each run.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect
from xdist.scheduler import LoadScopeScheduling

from e2e.support.client import ClientBrowser
from e2e.support.people import People
from e2e.support.sandbox import Sandbox
from e2e.support.watch import Watch
from tests.support.chromium import launch_options
from tests.support.hub_process import CommandProcess, Ports, whole_hub

PATIENCE_MS = 15_000
HUB = pytest.StashKey[CommandProcess]()
FIGURES = pytest.StashKey[list[str]]()
GROUP = pytest.StashKey[str]()  # of this worker's tests
# About half of the time. The button of npm knows the prescribed ports only: not in here.
_BUYING = ("test_client_page", "test_money", "test_onboarding", "test_subscription")
_BROWSER = {
    "viewport": {"width": 1440, "height": 900},
    "locale": "en-GB",
    "color_scheme": "light",
}
_LOG_TAIL = 6_000  # characters of the hub's log under a failed test

expect.set_options(timeout=PATIENCE_MS)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--hub-port",
        type=int,
        default=int(os.environ.get("E2E_HUB_PORT", "8082")),
        help="start the hub here, the sandbox on the next port (E2E_HUB_PORT)",
    )
    parser.addoption(
        "--sandbox-url",
        default="http://localhost:8083",
        help="the sandbox of the hub at --base-url",
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.option.tracing == "off":
        config.option.tracing = "retain-on-failure"
    if config.option.screenshot == "off":
        config.option.screenshot = "only-on-failure"


def _group_of(nodeid: str) -> str:
    file = nodeid.partition("::")[0].rpartition("/")[2]
    return "buying" if file.startswith(_BUYING) else "others"


class ByHub(LoadScopeScheduling):
    """Each group of tests stays with one worker, whose hub and world it shares."""

    def _split_scope(self, nodeid: str) -> str:
        return _group_of(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByHub:
    # `--dist loadgroup` would need marks to reach xdist in the ids of tests; pytest 9 keeps them.
    return ByHub(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    item.config.stash.setdefault(GROUP, _group_of(item.nodeid))


def pytest_sessionfinish(session: pytest.Session) -> None:
    if (told := getattr(session.config, "workeroutput", None)) is not None:
        told["figures"] = session.config.stash.get(FIGURES, [])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    told = getattr(node, "workeroutput", {}).get("figures", [])
    node.config.stash.setdefault(FIGURES, []).extend(told)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    report = yield
    hub = item.config.stash.get(HUB, None)
    if report.failed and hub is not None:
        report.sections.append(("Log of the hub", hub.log[-_LOG_TAIL:]))
    return report


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if told := config.stash.get(FIGURES, []):
        terminalreporter.section("figures")
        terminalreporter.write_line("\n".join(told))


@pytest.fixture(scope="session")
def figures(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """What a test measured is printed at the end."""
    return request.config.stash.setdefault(FIGURES, []).append


@pytest.fixture(scope="session")
def hub(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[CommandProcess | None]:
    """The hub of this run; None when one runs already at --base-url."""
    if request.config.getoption("base_url"):
        yield None
        return
    ports = _ports(request.config)
    process = whole_hub(ports, tmp_path_factory.mktemp("hub"))
    request.config.stash[HUB] = process
    try:
        process.start()
        yield process
    except RuntimeError as error:
        pytest.exit(_why_not(str(error), process.base_url), returncode=1)
    finally:
        process.stop()  # also when the test's time was up before it answered


def _ports(config: pytest.Config) -> Ports:
    """The prescribed ones; of two workers, for one of them."""
    if hasattr(config, "workerinput") and config.stash[GROUP] == "buying":
        return Ports.free()
    return Ports.after(config.getoption("--hub-port"))


def _why_not(told: str, url: str) -> str:
    """One sentence about a hub that did not start."""
    last = told.strip().splitlines()[-1]
    if "is in use" in last:
        port = last.split("Port ")[-1].split(" ")[0]
        return (
            f"Port {port} is in use: stop what runs there, or test that hub with --base-url {url}."
        )
    return f"The hub for the browser tests did not start: {last}"


@pytest.fixture(scope="session")
def base_url(request: pytest.FixtureRequest, hub: CommandProcess | None) -> str:
    """Where the hub is, without a slash at the end."""
    if hub is not None:
        return hub.base_url
    return str(request.config.getoption("base_url")).rstrip("/")


@pytest.fixture(scope="session")
def sandbox(request: pytest.FixtureRequest, hub: CommandProcess | None) -> Iterator[Sandbox]:
    """The world outside of that hub; one that we did not start keeps what is in it."""
    url = hub.ports.sandbox_url if hub else str(request.config.getoption("--sandbox-url"))
    sandbox = Sandbox(url)
    yield sandbox
    sandbox.close()


@pytest.fixture(scope="module")
def own_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandProcess]:
    """A whole hub for one file, whose people and clock nobody else lives by."""
    hub = whole_hub(Ports.free(), tmp_path_factory.mktemp("own"))
    try:
        hub.start()
        yield hub
    finally:
        hub.stop()


@pytest.fixture
def own_world(own_hub: CommandProcess) -> Iterator[Sandbox]:
    """The world outside of the file's own hub."""
    sandbox = Sandbox(own_hub.ports.sandbox_url)
    yield sandbox
    sandbox.close()


@pytest.fixture
def meta(sandbox: Sandbox) -> Iterator[Sandbox]:
    """The sandbox for tests that turn switches; they are back afterwards."""
    before = sandbox.get("meta/behaviour")
    yield sandbox
    sandbox.behave(**before)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_type_launch_args, **launch_options()}


@pytest.fixture
def watch(request: pytest.FixtureRequest, base_url: str) -> Watch:
    """The guard over this test's pages; ask for it to allow what is provoked on purpose."""
    if "own_hub" in request.fixturenames:
        return Watch(request.getfixturevalue("own_hub").base_url)
    return Watch(base_url)


@pytest.fixture
def new_context(
    new_context: Callable[..., BrowserContext], watch: Watch
) -> Iterator[Callable[..., BrowserContext]]:
    """Another browser of this test; all of them are watched."""

    def make(**options: Any) -> BrowserContext:
        context = new_context(**{**_BROWSER, **options})
        context.set_default_timeout(PATIENCE_MS)
        watch.over(context)
        return context

    yield make
    assert not watch.faults, "\n".join(watch.faults)


@pytest.fixture(scope="session")
def people(base_url: str) -> People:
    return People(base_url)


@pytest.fixture(scope="session")
def new_client_email(request: pytest.FixtureRequest) -> Callable[[], str]:
    """Addresses that nobody has used before, in this run or another."""
    numbers = count(1)
    run = f"{os.getpid()}-{os.urandom(3).hex()}"
    return lambda: f"client{next(numbers)}-{run}@client.example"


@pytest.fixture
def client_browser(
    new_context: Callable[..., BrowserContext],
    base_url: str,
    sandbox: Sandbox,
    new_client_email: Callable[[], str],
) -> Callable[..., ClientBrowser]:
    """Makes a client's browser: a context of its own without anybody's session."""

    def make(**options: Any) -> ClientBrowser:
        page = new_context(**options).new_page()
        return ClientBrowser(page, base_url, sandbox, new_client_email())

    return make
