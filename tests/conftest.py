"""Fixtures of every room; each plugin says what it offers."""

pytest_plugins = [
    "tests.plugins.databases",
    "tests.plugins.redis",
    "tests.plugins.portal",
    "tests.plugins.browser",
    "tests.plugins.shots",
    "tests.plugins.static",
    "tests.plugins.published",
    "tests.plugins.budget",
]
