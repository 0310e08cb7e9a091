-- What the verbs of the claim are made of. Every caller holds the scopes' locks already.

-- NULL when every scope has room for p_n more, else the refusal: `blocked`, or `lock_full` with the scope that is full.
CREATE OR REPLACE FUNCTION permits_refused(p_scopes bigint[], p_n int, p_now timestamptz) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'code', CASE WHEN cap = 0 THEN 'blocked' ELSE 'lock_full' END,
        'scope', kind, 'cap', cap, 'active', active)
    FROM (
        SELECT s.kind, s.key, scope_cap(s, p_now) AS cap,
               (SELECT count(*) FROM appointments_permit p WHERE p.scope_id = s.id AND p.until > p_now) AS active
        FROM appointments_scope s WHERE s.id = ANY (p_scopes)
    ) AS counted
    WHERE active + p_n > cap
    ORDER BY cap, kind, key
    LIMIT 1
$$;

-- p_n permits in every scope, on the lowest ordinals that nobody has; what is past is overwritten in place.
CREATE OR REPLACE FUNCTION take_permits(
    p_scopes bigint[], p_holder uuid, p_n int, p_until timestamptz, p_now timestamptz
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    taken int;
BEGIN
    INSERT INTO appointments_permit AS mine (scope_id, ordinal, holder, until, grandfathered)
    SELECT scope_id, ordinal, p_holder, p_until, false
    FROM unnest(p_scopes) AS scopes (scope_id)
    CROSS JOIN LATERAL (
        SELECT ordinal FROM generate_series(1, 15) AS ordinals (ordinal)
        WHERE NOT EXISTS (
            SELECT FROM appointments_permit p
            WHERE p.scope_id = scopes.scope_id AND p.ordinal = ordinals.ordinal AND p.until > p_now)
        ORDER BY ordinal LIMIT p_n
    ) AS lowest
    ON CONFLICT (scope_id, ordinal) DO UPDATE
        SET holder = excluded.holder, until = excluded.until, grandfathered = false
        WHERE mine.until <= p_now;
    GET DIAGNOSTICS taken = ROW_COUNT;
    IF taken <> p_n * cardinality(p_scopes) THEN
        RAISE EXCEPTION 'took % permits of %', taken, p_n * cardinality(p_scopes);  -- the unique key said no: a bug
    END IF;
END
$$;

-- The booker's permits of p_holder become those of p_successors, one each, until p_until. How many were changed.
CREATE OR REPLACE FUNCTION hand_over_permits(
    p_scopes bigint[], p_holder uuid, p_successors uuid[], p_until timestamptz, p_now timestamptz
) RETURNS int
LANGUAGE plpgsql AS $$
DECLARE
    changed int;
BEGIN
    UPDATE appointments_permit p SET holder = p_successors[numbered.place], until = p_until
    FROM (
        SELECT scope_id, ordinal, row_number() OVER (PARTITION BY scope_id ORDER BY ordinal) AS place
        FROM appointments_permit
        WHERE scope_id = ANY (p_scopes) AND holder = p_holder AND until > p_now
    ) AS numbered
    WHERE (p.scope_id, p.ordinal) = (numbered.scope_id, numbered.ordinal)
      AND numbered.place <= cardinality(p_successors);
    GET DIAGNOSTICS changed = ROW_COUNT;
    RETURN changed;
END
$$;

CREATE OR REPLACE FUNCTION end_permits(p_scopes bigint[], p_holders uuid[], p_now timestamptz) RETURNS void
LANGUAGE sql AS $$
    UPDATE appointments_permit SET until = p_now
    WHERE scope_id = ANY (p_scopes) AND holder = ANY (p_holders) AND until > p_now
$$;

-- Why nobody can hold p_n seats in this slot for this procedure now; NULL when it looks possible. Takes no lock.
CREATE OR REPLACE FUNCTION slot_refused(p_slot bigint, p_n int, p_procedure bigint, p_pools text[], p_now timestamptz)
RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
    slot record;
BEGIN
    SELECT s.starts_at, s.opens_at, s.gate, s.closed_at, j.status,
           EXISTS (SELECT FROM consulates_session_procedures o
                   WHERE o.session_id = s.session_id AND o.procedure_id = p_procedure) AS offered
    INTO slot
    FROM consulates_slot s JOIN consulates_session j ON j.id = s.session_id
    WHERE s.id = p_slot;
    IF NOT FOUND OR slot.status <> 'published' THEN RETURN 'unknown_slot'; END IF;
    IF slot.starts_at <= p_now THEN RETURN 'started'; END IF;
    IF slot.closed_at IS NOT NULL THEN RETURN 'closed'; END IF;
    IF slot.gate <> 'open' OR slot.opens_at > p_now THEN RETURN 'not_open'; END IF;
    IF NOT slot.offered THEN RETURN 'not_offered'; END IF;
    IF p_n > (SELECT count(*) FROM consulates_seat
              WHERE slot_id = p_slot AND pool = ANY (p_pools) AND seat_is_free(visible_at, withdrawn_at, until, p_now))
    THEN RETURN 'full'; END IF;
    RETURN NULL;
END
$$;

-- p_n free seats of one slot, locked; fewer when there are not so many. Seats that the same booker freed in the last
-- 24 hours are left to others: that is what makes cancelling and re-taking under another name a lottery.
CREATE OR REPLACE FUNCTION lock_free_seats(
    p_slot bigint, p_n int, p_pools text[], p_scopes bigint[], p_now timestamptz
) RETURNS bigint[]
LANGUAGE sql AS $$
    SELECT coalesce(array_agg(id), '{}') FROM (
        SELECT id FROM consulates_seat seat
        WHERE slot_id = p_slot AND pool = ANY (p_pools)
          AND seat_is_free(visible_at, withdrawn_at, until, p_now)
          AND NOT EXISTS (SELECT FROM appointments_freedseat freed
                          WHERE freed.seat_id = seat.id AND freed.scope_id = ANY (p_scopes) AND freed.until > p_now)
        ORDER BY unit LIMIT p_n
        FOR UPDATE SKIP LOCKED
    ) AS locked
$$;

-- A booked seat goes back: unseen until a random moment, and for 24 hours not for those who freed it.
CREATE OR REPLACE FUNCTION free_booked_seat(a appointments_appointment, p_now timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE consulates_seat SET holder = NULL, until = NULL, visible_at = rest_after_booking(p_now, a.starts_at)
    WHERE id = a.seat_id AND holder = a.id;
    IF FOUND THEN
        INSERT INTO appointments_freedseat (seat_id, scope_id, until)
        SELECT a.seat_id, scope_id, p_now + interval '24 hours' FROM unnest(a.scope_ids) AS scopes (scope_id)
        ON CONFLICT (seat_id, scope_id) DO UPDATE SET until = excluded.until;
    END IF;
END
$$;

-- An open hold ends early: its permits at once, its seats after the same rest as if it had expired now.
CREATE OR REPLACE FUNCTION end_hold(h appointments_hold, p_outcome text, p_now timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE appointments_hold SET closed_at = p_now, outcome = p_outcome WHERE id = h.id;
    UPDATE consulates_seat SET until = least(until, rest_after_hold(p_now))
    WHERE id = ANY (h.seat_ids) AND holder = h.id AND until > p_now;
    PERFORM end_permits(h.scope_ids, ARRAY[h.id], p_now);
    UPDATE appointments_appointment SET move_hold_id = NULL, move_until = NULL
    WHERE id = ANY (h.replaces) AND move_hold_id = h.id;
END
$$;
