import sys

import pytest

from mexitel.bootstrap import SetupError
from mexitel.embedded import supervisor as module
from mexitel.embedded.process import Child, wait_until
from mexitel.embedded.supervisor import Service, Supervisor


def service(tmp_path, name: str, source: str) -> Service:
    child = Child(name, [sys.executable, "-c", source], tmp_path, patience_seconds=5)
    return Service(name, child.start, lambda: child)


@pytest.fixture
def supervisor():
    made = Supervisor()
    yield made
    made.stop()


def test_a_crashed_service_is_started_again(tmp_path, supervisor, monkeypatch):
    monkeypatch.setattr(module, "BACK_OFF_SECONDS", (0.01,))
    worker = service(tmp_path, "worker", "import time; time.sleep(60)")
    supervisor.add(worker)
    first = worker.child().process.pid
    worker.child().process.kill()

    def runs_again() -> bool:
        supervisor.look_after_all()
        return worker.child().alive and worker.child().process.pid != first

    assert wait_until(runs_again, 10)


def test_a_service_that_never_stays_up_ends_with_its_last_words(tmp_path, supervisor, monkeypatch):
    monkeypatch.setattr(module, "BACK_OFF_SECONDS", (0.01,))
    supervisor.add(service(tmp_path, "worker", "raise SystemExit('no such setting')"))

    def look() -> bool:
        supervisor.look_after_all()
        return False

    with pytest.raises(SetupError, match=r"worker does not stay up(?s:.*)no such setting"):
        wait_until(look, 30, 0.02)


def test_services_stop_in_the_reverse_order(supervisor):
    order = []
    for name in ("PostgreSQL", "web", "worker"):
        added = Service(name, lambda: None, lambda: None)
        added.stop = lambda name=name: order.append(name)
        supervisor.add(added)

    supervisor.stop()

    assert order == ["worker", "web", "PostgreSQL"]
