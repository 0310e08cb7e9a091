"""Open data: everybody reads it."""

from tests.staff.matrix import Open

ROWS = {
    "open_data": Open(),
    "sitemap": Open(),
    "robots": Open(),
    "smart_well_known": Open(),
    "bulk_manifest": Open(),
    "bulk_schema": Open(kwargs=lambda world: {"name": "Slot"}),
    "bulk_file": Open(kwargs=lambda world: {"title": "jornadas", "state": "tx"}),
    "bulk_network_file": Open(kwargs=lambda world: {"title": "tramites"}),
}
