#!/usr/bin/env bash
# Copies the primary once, then follows it.
set -euo pipefail

if [ ! -s "$PGDATA/PG_VERSION" ]; then
    pg_basebackup --host postgres --username mexitel_replica --pgdata "$PGDATA" \
        --wal-method stream --write-recovery-conf --checkpoint fast
    chmod 700 "$PGDATA"
fi
exec postgres -c hot_standby=on
