"""Find a Chromium for the browser tests: the named one, one on PATH, Playwright's own, or Debian's package as root."""

import os
import shutil
from pathlib import Path

from mexitel.bootstrap import SetupError, apt_install, say

PACKAGES = (
    "chromium",
    "libatomic1",
    "fonts-dejavu-core",
)  # Playwright's driver does not start without libatomic1
INSTALL_LINE = f"apt-get install --no-install-recommends {' '.join(PACKAGES)}"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CACHES = (".cache/ms-playwright", "Library/Caches/ms-playwright")
PATTERNS = (
    "chromium*/chrome-*/chrome",
    "chromium*/chrome-*/headless_shell",
    "chromium*/chrome-*/chrome-headless-shell",
)


def find() -> Path | None:
    if named := os.environ.get("MEXITEL_CHROMIUM"):
        if not os.access(named, os.X_OK):
            raise SetupError(f"MEXITEL_CHROMIUM names {named}, which is no program; correct it or unset it")
        return Path(named)
    for name in NAMES:
        if on_path := shutil.which(name):
            return Path(on_path)
    for cache in CACHES:
        for pattern in PATTERNS:
            if found := sorted((Path.home() / cache).glob(pattern)):
                return found[-1]
    return None


def find_or_install() -> Path | None:
    """None when there is none; the tests that need it are then counted as skipped, or fail where it is required."""
    found = find()
    if found or os.geteuid() != 0 or not shutil.which("apt-get"):
        return found
    say("installing Chromium for the browser tests with apt-get")
    try:
        apt_install(*PACKAGES)
    except SetupError as error:
        say(str(error))
    return find()
