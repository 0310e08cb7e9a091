"""What needs accounts or takers of seats: telling those who asked of a release, and what became of a promise."""
