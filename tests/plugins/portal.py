"""``portal``: the application over real HTTP in this process, on the ``live_db`` of the test."""

import threading

import pytest
from django.core.servers.basehttp import ThreadedWSGIServer
from django.test.testcases import QuietWSGIRequestHandler

from mexitel.wsgi import application


class Portal:
    """``url`` has no slash at its end: ``portal.url + reverse("home")``."""

    def __init__(self) -> None:
        self.server = ThreadedWSGIServer(("127.0.0.1", 0), QuietWSGIRequestHandler, allow_reuse_address=False)
        self.server.set_app(application)
        self.server.daemon_threads = True
        self.url = f"http://localhost:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def start(self) -> None:
        self.thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(5)


@pytest.fixture
def portal(live_db, settings):
    running = Portal()
    settings.PUBLIC_URL = running.url
    settings.CSRF_TRUSTED_ORIGINS = [running.url]
    running.start()
    yield running
    running.stop()
