"""Two roles: one owns the schema and migrates, the other serves with no right to change it."""

import psycopg2
from psycopg2 import sql

from mexitel.embedded.postgres import APP, OWNER, Postgres

GRANTS = (
    ("TABLES", "SELECT, INSERT, UPDATE, DELETE"),
    ("SEQUENCES", "USAGE, SELECT"),
    ("FUNCTIONS", "EXECUTE"),
)


def execute(server: Postgres, statements: list[sql.Composable | str], database: str = "postgres") -> None:
    connection = psycopg2.connect(server.url(database), connect_timeout=5)
    connection.autocommit = True  # CREATE DATABASE refuses transactions
    try:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
    finally:
        connection.close()


def names(server: Postgres, query: str) -> set[str]:
    connection = psycopg2.connect(server.url("postgres"), connect_timeout=5)
    try:
        with connection.cursor() as cursor:
            cursor.execute(query)
            return {name for (name,) in cursor.fetchall()}
    finally:
        connection.close()


def ensure_roles(server: Postgres, passwords: dict[str, str]) -> None:
    present = names(server, "SELECT rolname FROM pg_roles")
    statements = []
    for role, password in passwords.items():
        verb = "ALTER" if role in present else "CREATE"
        text = sql.SQL(verb + " ROLE {} LOGIN PASSWORD {}")
        statements.append(text.format(sql.Identifier(role), sql.Literal(password)))
    execute(server, statements)


def ensure_database(server: Postgres, database: str) -> None:
    """The database with its default privileges; what the owner creates later, the serving role may use."""
    if database not in names(server, "SELECT datname FROM pg_database"):
        text = sql.SQL("CREATE DATABASE {} OWNER {}")
        execute(server, [text.format(sql.Identifier(database), sql.Identifier(OWNER))])
    text = sql.SQL("ALTER DEFAULT PRIVILEGES FOR ROLE {} GRANT {} ON {} TO {}")
    execute(
        server,
        [
            text.format(sql.Identifier(OWNER), sql.SQL(rights), sql.SQL(kind), sql.Identifier(APP))
            for kind, rights in GRANTS
        ],
        database,
    )
