#!/usr/bin/env bash
# Runs once in an empty PostgreSQL: the owner migrates, the lesser role serves, the third one replicates.
set -euo pipefail

psql --username postgres --set ON_ERROR_STOP=1 \
    --set app="$APP_PASSWORD" --set owner="$OWNER_PASSWORD" --set replica="$REPLICA_PASSWORD" <<'SQL'
CREATE ROLE mexitel_owner LOGIN PASSWORD :'owner';
CREATE ROLE mexitel_app LOGIN PASSWORD :'app';
CREATE ROLE mexitel_replica LOGIN REPLICATION PASSWORD :'replica';
-- The settings ask for the same, but pgbouncer does not hand them on.
ALTER ROLE mexitel_app SET lock_timeout = '3s';
ALTER ROLE mexitel_app SET statement_timeout = '5s';
ALTER ROLE mexitel_app SET idle_in_transaction_session_timeout = '15s';
CREATE DATABASE mexitel OWNER mexitel_owner;
\connect mexitel
ALTER DEFAULT PRIVILEGES FOR ROLE mexitel_owner GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO mexitel_app;
ALTER DEFAULT PRIVILEGES FOR ROLE mexitel_owner GRANT USAGE, SELECT ON SEQUENCES TO mexitel_app;
ALTER DEFAULT PRIVILEGES FOR ROLE mexitel_owner GRANT EXECUTE ON FUNCTIONS TO mexitel_app;
SQL
echo "host replication mexitel_replica all scram-sha-256" >> "$PGDATA/pg_hba.conf"
