"""From a bare Python to the project's own environment, with the standard library alone.

``manage.py`` calls this before anything is installed: it makes ``.venv``, installs the locks with their hashes and
goes on inside it. Every way this can fail ends in one sentence that says what to do.
"""

import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
RUN = ROOT / ".run"
REQUIREMENTS = ROOT / "requirements"
STAMP = VENV / "mexitel-installed.json"
PYTHON = VENV / "bin" / "python"
UV_COMPILE = ["pip", "compile", "--universal", "--generate-hashes", "--no-emit-index-url"]
UV_COMPILE += ["--no-emit-find-links", "--quiet", "--custom-compile-command"]
LOCK_COMMAND = "python3 manage.py lock"


class SetupError(SystemExit):
    """One sentence for the person at the terminal; leaves the program with status 1."""

    def __init__(self, sentence: str) -> None:
        super().__init__(f"mexitel: {sentence}")


def say(text: str) -> None:
    print(f"mexitel: {text}", flush=True)


def enter_environment(command: str) -> None:
    """Return inside an environment that has what ``command`` needs, making it and re-executing when necessary."""
    if sys.version_info < (3, 11):  # noqa: UP036 - the person's Python may be older than the project's
        raise SetupError(
            f"Python 3.11 or newer is needed and this is {sys.version.split()[0]}; "
            "install a newer one and start this command with it, for example: python3.12 manage.py up"
        )
    lock = {"up": "base", "bench": "dev", "test": "dev", "faults": "dev", "lock": "dev"}.get(command)
    if lock is None:
        if importlib.util.find_spec("django"):
            return  # an image, or an environment that somebody chose on purpose
        lock = "base"
    os.environ.setdefault("MEXITEL_STARTED", repr(time.time()))
    if not is_installed(lock):
        install(lock)
    if Path(sys.prefix).resolve() != VENV.resolve():
        os.execv(PYTHON, [str(PYTHON), *sys.argv])


def digest(lock: str) -> str:
    """What ``.venv`` must be rebuilt for: the lock's text and the Python that made the environment."""
    text = (REQUIREMENTS / f"{lock}.txt").read_bytes() + f"{sys.version_info[:2]}".encode()
    return hashlib.sha256(text).hexdigest()


def installed() -> dict[str, str]:
    try:
        return json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}


def is_installed(lock: str) -> bool:
    return PYTHON.exists() and installed().get(lock) == digest(lock)


def install(lock: str) -> None:
    with only_one_installer():
        if is_installed(lock):  # another process was faster
            return
        make_venv()
        say(f"installing the packages of requirements/{lock}.txt")
        started = time.monotonic()
        install_lock(lock)
        # The development lock holds everything of the base lock in the same versions.
        locks = ["base", "dev"] if lock == "dev" else ["base"]
        STAMP.write_text(json.dumps({name: digest(name) for name in locks}))
        say(f"packages installed in {time.monotonic() - started:.0f} s")


@contextmanager
def only_one_installer() -> Iterator[None]:
    try:
        RUN.mkdir(mode=0o700, exist_ok=True)
        handle = open(RUN / "install.lock", "w")  # noqa: SIM115 - held until the process is done with it
    except OSError as error:
        raise read_only(error) from None
    with handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def read_only(error: OSError) -> SetupError:
    return SetupError(
        f"this folder cannot be written ({error.strerror}: {error.filename}); "
        "copy the checkout to a folder of your own and run the command there"
    )


def make_venv() -> None:
    if PYTHON.exists() and installed():
        return
    need_venv_module()
    say("making .venv")
    try:
        shutil.rmtree(VENV, ignore_errors=True)
        VENV.mkdir()
    except OSError as error:
        raise read_only(error) from None
    run([sys.executable, "-m", "venv", str(VENV)], "making .venv failed")


def need_venv_module() -> None:
    if importlib.util.find_spec("ensurepip"):
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise SetupError(
            "Python's venv module is missing; install the package python3-venv "
            "(on Debian and Ubuntu: sudo apt-get install python3-venv) and run the command again"
        )
    say("installing python3-venv with apt-get")
    apt_install("python3-venv")
    importlib.invalidate_caches()


def apt_install(*packages: str) -> None:
    """Install Debian packages as root; raises SetupError with apt's own last words."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        run(
            ["apt-get", "-q", *arguments],
            f"apt-get could not install {' '.join(packages)}; install it by hand and run the command again",
            env=environment,
        )


def install_lock(lock: str) -> None:
    """uv when it can be had (seconds), else pip (a minute or two); both check every hash."""
    wanted = str(REQUIREMENTS / f"{lock}.txt")
    # A lock is complete: nothing is added to it on the way, and what it leaves out on purpose stays out.
    exactly = ["--quiet", "--no-deps", "--require-hashes"]
    pip = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", *exactly]
    uv = VENV / "bin" / "uv"
    if quiet([*pip, "-r", str(REQUIREMENTS / "uv.txt")]) and quiet(
        [str(uv), "pip", "install", "--python", str(PYTHON), *exactly, "-r", wanted],
    ):
        return
    say("uv did not manage, so pip installs the packages; this takes a minute or two")
    run(
        [*pip, "-r", wanted],
        "the packages could not be installed; check the connection to your package index and run the command again",
    )


def quiet(argv: list[str]) -> bool:
    return subprocess.run(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0


def run(argv: list[str], sentence: str, env: dict[str, str] | None = None) -> None:
    result = subprocess.run(argv, capture_output=True, text=True, env=env, check=False)
    if result.returncode:
        print((result.stdout + result.stderr)[-2000:], file=sys.stderr)
        raise SetupError(sentence)


def write_locks() -> int:
    """Renew the three lock files; they record names, versions and hashes, and no host."""
    uv = [str(VENV / "bin" / "uv"), *UV_COMPILE, LOCK_COMMAND]
    base, dev, own = (str(REQUIREMENTS / f"{name}.txt") for name in ("base", "dev", "uv"))
    pin = (REQUIREMENTS / "uv.txt").read_text().split("uv==")[1].split()[0]
    jobs = (
        [*uv, "pyproject.toml", "--group", "local", "-o", base],
        [*uv, "pyproject.toml", "--group", "local", "--group", "dev", "-c", base, "-o", dev],
        [*uv, "-", "--no-annotate", "-o", own],
    )
    for job in jobs:
        subprocess.run([*job, *sys.argv[2:]], cwd=ROOT, input=f"uv=={pin}\n", text=True, check=True)
    return 0
