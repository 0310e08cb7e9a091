"""The claim with a guard taken away, for controls: a race that passes without its guard proves nothing.

``MEET`` and ``pg_sleep`` hold the gap open that the guard closes, so that a control does not depend on luck.
"""

# Stands until a second transaction has come as far. (A sequence is seen before the commit.)
MEET = """
    PERFORM nextval('met');
    FOR i IN 1..500 LOOP
        EXIT WHEN (SELECT last_value FROM met) > 1;
        PERFORM pg_sleep(0.01);
    END LOOP;
"""

# SQL, or functions of the claim with one text in place of another.
WITHOUT: dict[str, str | list[tuple[str, str, str]]] = {
    # The unique index behind the seats.
    "seat_index": "DROP INDEX appointment_seat_once",
    # Seats are picked and checked without locking them.
    "seat_locks": f"""
CREATE SEQUENCE met;
CREATE OR REPLACE FUNCTION lock_free_seats(
    p_slot bigint, p_n int, p_but bigint[], p_pools text[], p_scopes bigint[], p_now timestamptz
) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE found bigint[] := ARRAY(
    SELECT id FROM consulates_seat WHERE slot_id = p_slot AND id <> ALL (p_but)
    AND seat_is_free(visible_at, withdrawn_at, until, p_now) ORDER BY unit LIMIT p_n);
BEGIN
    {MEET}
    RETURN found;
END $$;
CREATE OR REPLACE FUNCTION hold_stands(h appointments_hold, p_now timestamptz) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    RETURN h.closed_at IS NULL AND h.expires_at > p_now;
END $$;
""",
    # The seats of a hold are looked at before it is confirmed, but not locked.
    "own_seat_locks": """
CREATE OR REPLACE FUNCTION hold_stands(h appointments_hold, p_now timestamptz) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE own int := (SELECT count(*) FROM consulates_seat WHERE id = ANY (h.seat_ids) AND holder = h.id);
BEGIN
    PERFORM pg_sleep(0.2);
    RETURN h.closed_at IS NULL AND h.expires_at > p_now AND own = cardinality(h.seat_ids);
END $$;
""",
    # A booker may hold any number of parties at once, so that a crowd meets the lock of five alone.
    "two_open_parties": [("hold_limits", "open >= 2", "open >= 2000")],
    # Scopes are found and not locked.
    "scope_locks": [("lock_scopes", "FOR UPDATE", "")],
    # Permits take any ordinal that looks free, so that the unique key behind the count hardly ever speaks.
    "ordinals": """
CREATE OR REPLACE FUNCTION take_permits(
    p_scopes bigint[], p_holder uuid, p_n int, p_until timestamptz, p_now timestamptz, p_family boolean DEFAULT false
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_sleep(0.05);
    INSERT INTO appointments_permit (scope_id, ordinal, holder, until, grandfathered)
    SELECT scope, 16 + (random() * 30000)::int, p_holder, p_until, true
    FROM unnest(p_scopes) AS scope, generate_series(1, p_n);
END $$;
""",
    # Half of the batches lock their scopes backwards, and take their time between one and the next.
    "lock_order": [
        (
            "lock_scopes",
            "ORDER BY kind, key FOR UPDATE",
            "ORDER BY CASE WHEN (p_requests -> 0 ->> 'account')::bigint % 2 = 0 THEN id ELSE -id END FOR UPDATE",
        ),
        ("lock_scopes", "PERFORM FROM", "PERFORM pg_sleep(0.02) FROM"),
    ],
    # Nobody asks whether a person has an appointment of these procedures already.
    "people_once": [
        ("confirm_booking", "IF FOUND THEN RETURN jsonb_build_object(", "IF false THEN RETURN jsonb_build_object("),
        ("confirm_booking", "WHERE mine.until <= p_now", "WHERE true"),
    ],
    # Idempotency keys are not waited for.
    "key_locks": """
CREATE OR REPLACE FUNCTION lock_idempotency_keys(p_requests jsonb, p_now timestamptz) RETURNS void
LANGUAGE plpgsql AS $$ BEGIN END $$;
""",
}


def take_away(cursor, name: str) -> None:
    change = WITHOUT[name]
    if isinstance(change, str):
        cursor.execute(change)
    else:
        for function, old, new in change:
            rewrite(cursor, function, old, new)


def rewrite(cursor, function: str, old: str, new: str) -> None:
    cursor.execute("SELECT pg_get_functiondef(%s::regproc)", [function])
    body = cursor.fetchone()[0]
    assert old in body
    cursor.execute(body.replace(old, new))
