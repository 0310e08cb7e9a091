"""PostgreSQL and Redis from wheels: start, stop, adopt; and the two commands that stand on them."""
