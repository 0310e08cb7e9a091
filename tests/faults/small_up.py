"""`manage.py up` with one office instead of the sample month, so that it is there in seconds; all else is what people
run. Started as a module in a copy of the checkout.
"""

import sys

from mexitel.embedded import up


class SmallPortal(up.Portal):
    def step(self, argv: list[str], env: dict[str, str]) -> None:
        supply = {"mexitel.embedded.prepare": "tests.faults.small_supply"}
        super().step([supply.get(word, word) for word in argv], env)


if __name__ == "__main__":
    up.Portal = SmallPortal
    sys.exit(up.main(sys.argv[1:]))
