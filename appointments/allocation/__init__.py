"""Who is next when many want few seats, by a draw that anybody can recompute. Rule: docs/adr/0025."""
