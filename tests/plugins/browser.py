"""``page``, ``page_without_javascript`` and ``axe`` on Debian's Chromium; without one the tests are skipped aloud.

A page fails its test at the end when it asked a stranger's host for anything or when a script or the content
security policy complained.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

import pytest

from mexitel.embedded.browser import INSTALL_LINE
from mexitel.utils.env import env_flag

MISSING = "no Chromium for the browser tests"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    "--disable-default-apps",
    "--metrics-recording-only",
)
# Playwright's synchronous interface keeps an event loop in this thread, which Django takes for an asynchronous view.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


BROWSER_FIXTURES = {"browser", "page", "another_page", "page_without_javascript", "phone_page"}


def absent(why: str) -> None:
    if env_flag("MEXITEL_REQUIRE_BROWSER"):
        pytest.fail(f"{MISSING}, and MEXITEL_REQUIRE_BROWSER is set ({why}): {INSTALL_LINE}", pytrace=False)
    pytest.skip(f"{MISSING} ({why})")


@pytest.fixture(scope="session")
def browser() -> Iterator:
    """One Chromium per test process."""
    program = os.environ.get("MEXITEL_CHROMIUM")
    if not program:
        absent("none found")
    from playwright.sync_api import Error, sync_playwright

    manager = sync_playwright()
    try:
        playwright = manager.start()
    except Exception as error:  # a driver that does not start is as good as none
        absent(f"Playwright's driver does not start: {error}")
    try:
        chromium = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
    except Error as error:
        playwright.stop()
        absent(f"{program} does not start: {error.message.splitlines()[0]}")
    yield chromium
    chromium.close()
    playwright.stop()


def open_page(browser, portal, **choices) -> Iterator:
    context = browser.new_context(base_url=portal.url, locale="es-MX", **choices)
    context.set_default_timeout(10_000)
    page, foreign, complaints = context.new_page(), [], []
    own = urlsplit(portal.url).netloc
    context.on("request", lambda request: is_foreign(request.url, own) and foreign.append(request.url))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda message: "Content Security Policy" in message.text and complaints.append(message.text),
    )
    yield page
    context.close()
    assert foreign == [], "the page asked other hosts"
    assert complaints == [], "the page's scripts or its content security policy complained"


def is_foreign(url: str, own: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc != own


@pytest.fixture
def page(browser, portal):
    yield from open_page(browser, portal)


@pytest.fixture
def page_without_javascript(browser, portal):
    yield from open_page(browser, portal, java_script_enabled=False)


@pytest.fixture
def phone_page(browser, portal):
    """A small phone: 360 pixels wide."""
    yield from open_page(browser, portal, viewport={"width": 360, "height": 640}, is_mobile=True, has_touch=True)


@pytest.fixture
def another_page(browser, portal):
    """``another_page()``: the browser of one more person, with cookies of its own; takes a context's choices."""
    with ExitStack() as open_ones:
        yield lambda **choices: open_ones.enter_context(contextmanager(open_page)(browser, portal, **choices))


@pytest.fixture
def axe():
    """``axe(page)`` asserts that axe-core finds no violation on the page as it stands."""
    from axe_playwright_python.sync_playwright import Axe

    def check(page) -> None:
        results = Axe().run(page)
        assert results.violations_count == 0, results.generate_report()

    return check


def pytest_collection_modifyitems(items):
    for item in items:
        if BROWSER_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.browser)


def pytest_terminal_summary(terminalreporter):
    skipped = [
        report
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple) and MISSING in report.longrepr[2]
    ]
    if skipped:
        terminalreporter.section("browser tests were NOT run", sep="!", red=True, bold=True)
        terminalreporter.line(f"{len(skipped)} browser tests were skipped: {skipped[0].longrepr[2]}")
        terminalreporter.line(f"Install a browser and run again: {INSTALL_LINE}")
