#!/usr/bin/env python3
"""Mexitel's command line: ``up`` runs the portal, ``test`` runs every test, ``bench`` measures, ``faults`` runs a whole
portal to which everything happens; the rest is Django's.
"""

import sys


def main() -> None:
    from mexitel import bootstrap

    command, arguments = (sys.argv[1], sys.argv[2:]) if len(sys.argv) > 1 else ("help", [])
    bootstrap.enter_environment(command)
    if command == "up":
        from mexitel.embedded.up import main as up

        sys.exit(up(arguments))
    if command == "test":
        from mexitel.embedded.testrun import main as test

        sys.exit(test(arguments))
    if command == "bench":
        from bench.ratios import main as bench

        sys.exit(bench(arguments))
    if command == "faults":
        from tests.faults.campaign import main as faults

        sys.exit(faults(arguments))
    if command == "lock":
        sys.exit(bootstrap.write_locks())

    from mexitel.embedded.environment import load

    load(command)
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
