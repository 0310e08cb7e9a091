"""What hands do on a page: press, type, and read a code from a mail."""


def press(page, selector, **options):
    """What brings another page."""
    with page.expect_navigation():
        page.locator(selector).first.click(**options)


def type_in(page, **values):
    for name, value in values.items():
        page.fill(f"[name={name}]", str(value))


def type_day(page, name, day):
    type_in(page, **{f"{name}_day": day.day, f"{name}_month": day.month, f"{name}_year": day.year})


def write_person(page, name, *, prefix=""):
    type_in(page, **{f"{prefix}given_names": name, f"{prefix}surname_1": "Ríos"})
    type_in(page, **dict(zip((f"{prefix}birth_date_{p}" for p in ("day", "month", "year")), (5, 4, 1988), strict=True)))
