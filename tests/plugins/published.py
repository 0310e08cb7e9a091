"""Public files of one test are not those of another: each has a folder of its own, made when something is published."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def public_dir(settings, tmp_path_factory, request):
    settings.PUBLIC_DIR = Path(tmp_path_factory.getbasetemp()) / f"public-{abs(hash(request.node.nodeid))}"
    return settings.PUBLIC_DIR
