#!/usr/bin/env bash
# One pool of the serving role in transaction mode; its password stands in a file of the container only.
set -euo pipefail
umask 077
folder=$(mktemp -d)

printf '"mexitel_app" "%s"\n' "$APP_PASSWORD" > "$folder/users.txt"
cat > "$folder/pgbouncer.ini" <<INI
[databases]
mexitel = host=postgres port=5432

[pgbouncer]
listen_addr = 0.0.0.0
listen_port = 6432
auth_type = scram-sha-256
auth_file = $folder/users.txt
pool_mode = transaction
default_pool_size = 20
max_client_conn = 500
server_login_retry = 1
; The limits of a session are set on the role itself (roles.sh).
ignore_startup_parameters = extra_float_digits,options
INI
exec pgbouncer "$folder/pgbouncer.ini"
