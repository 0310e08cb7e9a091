-- What the verbs of the claim are made of. Every caller holds the scopes' locks already.

-- NULL when every scope lets p_n more in, else the refusal: `blocked`, or `lock_full` with the scope that is full. The
-- permits of p_without, a hold that is about to end, do not count. Asked for 0, only a block says no.
DROP FUNCTION IF EXISTS permits_refused(bigint[], int, uuid, timestamptz);
CREATE OR REPLACE FUNCTION permits_refused(
    p_scopes bigint[], p_n int, p_without uuid, p_now timestamptz, p_family boolean DEFAULT false
) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'code', CASE WHEN cap = 0 THEN 'blocked' ELSE 'lock_full' END,
        'scope', kind, 'cap', cap, 'active', active)
    FROM (
        SELECT s.kind, s.key, scope_cap_for(s, p_family, p_now) AS cap,
               (SELECT count(*) FROM appointments_permit p
                WHERE p.scope_id = s.id AND p.until > p_now AND p.holder IS DISTINCT FROM p_without) AS active
        FROM appointments_scope s WHERE s.id = ANY (p_scopes)
    ) AS counted
    WHERE cap = 0 OR (p_n > 0 AND active + p_n > cap)
    ORDER BY cap, kind, key
    LIMIT 1
$$;

-- NULL unless the booker's address or its domain is blocked. Read once the marks are locked. One probe each: joined with
-- the request's array, the generic plan would rather read the whole table.
CREATE OR REPLACE FUNCTION marks_refused(p_marks jsonb, p_now timestamptz) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF EXISTS (SELECT FROM appointments_blockedmark
               WHERE kind = 1 AND key = decode(p_marks ->> 'address', 'hex') AND until > p_now)
       OR EXISTS (SELECT FROM appointments_blockedmark
                  WHERE kind = 2 AND key = decode(p_marks ->> 'domain', 'hex') AND until > p_now)
    THEN RETURN refusal('blocked'); END IF;
    RETURN NULL;
END
$$;

-- p_n permits in every scope, on the lowest ordinals that nobody has; what is past is overwritten in place. No ordinal
-- lies above the cap in force, so that the unique key alone keeps new permits below it.
DROP FUNCTION IF EXISTS take_permits(bigint[], uuid, int, timestamptz, timestamptz);
CREATE OR REPLACE FUNCTION take_permits(
    p_scopes bigint[], p_holder uuid, p_n int, p_until timestamptz, p_now timestamptz, p_family boolean DEFAULT false
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    taken int;
BEGIN
    INSERT INTO appointments_permit AS mine (scope_id, ordinal, holder, until, grandfathered)
    SELECT s.id, ordinal, p_holder, p_until, false
    FROM appointments_scope s
    CROSS JOIN LATERAL (
        SELECT ordinal FROM generate_series(1, scope_cap_for(s, p_family, p_now)) AS ordinals (ordinal)
        WHERE NOT EXISTS (
            SELECT FROM appointments_permit p
            WHERE p.scope_id = s.id AND p.ordinal = ordinals.ordinal AND p.until > p_now)
        ORDER BY ordinal LIMIT p_n
    ) AS lowest
    WHERE s.id = ANY (p_scopes)
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

-- What a request may pass that others may not: {"admitted": release whose queue has let the booker in, "allotted": release
-- whose draw gave them the time, "resting": [seat ids of a waiting-list offer]}; '{}' is somebody off the street.
CREATE OR REPLACE FUNCTION is_let_in(
    p_gate text, p_opens_to_all_at timestamptz, p_release bigint, p_pass jsonb, p_now timestamptz
) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT p_gate = 'open' OR coalesce(p_opens_to_all_at <= p_now, false) OR p_pass ->> 'resting' IS NOT NULL
        OR coalesce(p_release = (p_pass ->> CASE p_gate WHEN 'queue' THEN 'admitted' ELSE 'allotted' END)::bigint, false)
$$;

-- Why nobody can hold anything in this slot for this procedure now, whatever is free; NULL when it is open. Takes no lock.
-- For whoever is no agent of staff the slots of the practice office do not exist.
DROP FUNCTION IF EXISTS slot_barred(bigint, bigint, timestamptz);
DROP FUNCTION IF EXISTS slot_barred(bigint, bigint, timestamptz, bigint);
CREATE OR REPLACE FUNCTION slot_barred(p_slot bigint, p_procedure bigint, p_pass jsonb, p_now timestamptz) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
    slot record;
BEGIN
    SELECT s.starts_at, s.opens_at, s.gate, s.opens_to_all_at, s.closed_at, j.status, j.release_id, c.is_practice,
           EXISTS (SELECT FROM consulates_session_procedures o
                   WHERE o.session_id = s.session_id AND o.procedure_id = p_procedure)
               AND NOT procedure_suspended(j, p_procedure) AS offered
    INTO slot
    FROM consulates_slot s JOIN consulates_session j ON j.id = s.session_id
    JOIN consulates_consulate c ON c.id = s.consulate_id
    WHERE s.id = p_slot;
    IF NOT FOUND OR slot.status <> 'published' THEN RETURN 'unknown_slot'; END IF;
    IF slot.is_practice AND p_pass ->> 'agent' IS NULL THEN RETURN 'unknown_slot'; END IF;
    IF slot.starts_at <= p_now THEN RETURN 'started'; END IF;
    IF slot.closed_at IS NOT NULL THEN RETURN 'closed'; END IF;
    IF slot.opens_at > p_now THEN RETURN 'not_open'; END IF;
    IF NOT is_let_in(slot.gate, slot.opens_to_all_at, slot.release_id, p_pass, p_now) THEN RETURN 'not_open'; END IF;
    IF NOT slot.offered THEN RETURN 'not_offered'; END IF;
    RETURN NULL;
END
$$;

-- Whether a seat is in one of these pools; the telephone's share is the public's once its time is over.
-- Inlined by the planner, which looks for p_phone_until only when it meets a seat of that share.
CREATE OR REPLACE FUNCTION pool_serves(
    p_pool text, p_pools text[], p_phone_until timestamptz, p_now timestamptz
) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT p_pool = ANY (p_pools) OR p_pool = 'phone' AND 'public' = ANY (p_pools) AND p_phone_until <= p_now
$$;

-- The seats of one slot that these scopes may have, apart from p_but, which the same request has picked already. Seats
-- that the same booker freed in the last 24 hours are left to others: that is what makes cancelling and re-taking under
-- another name a lottery.
CREATE OR REPLACE FUNCTION count_free_seats(
    p_slot bigint, p_but bigint[], p_pools text[], p_scopes bigint[], p_now timestamptz
) RETURNS int
LANGUAGE sql STABLE AS $$
    SELECT count(*)::int FROM consulates_seat seat
    WHERE slot_id = p_slot AND id <> ALL (p_but)
      AND pool_serves(pool, p_pools, (SELECT phone_until FROM consulates_slot WHERE id = p_slot), p_now)
      AND seat_is_free(visible_at, withdrawn_at, until, p_now)
      AND NOT EXISTS (SELECT FROM appointments_freedseat freed
                      WHERE freed.seat_id = seat.id AND freed.scope_id = ANY (p_scopes) AND freed.until > p_now)
$$;

-- p_n of them, locked; fewer when there are not so many, or when the others are in somebody's open transaction. Whoever
-- may have the telephone's share has it first.
CREATE OR REPLACE FUNCTION lock_free_seats(
    p_slot bigint, p_n int, p_but bigint[], p_pools text[], p_scopes bigint[], p_now timestamptz
) RETURNS bigint[]
LANGUAGE sql AS $$
    SELECT coalesce(array_agg(id), '{}') FROM (
        SELECT id FROM consulates_seat seat
        WHERE slot_id = p_slot AND id <> ALL (p_but)
          AND pool_serves(pool, p_pools, (SELECT phone_until FROM consulates_slot WHERE id = p_slot), p_now)
          AND seat_is_free(visible_at, withdrawn_at, until, p_now)
          AND NOT EXISTS (SELECT FROM appointments_freedseat freed
                          WHERE freed.seat_id = seat.id AND freed.scope_id = ANY (p_scopes) AND freed.until > p_now)
        ORDER BY pool <> 'phone', unit LIMIT p_n
        FOR UPDATE SKIP LOCKED
    ) AS locked
$$;

-- Those of p_seats that can be offered to somebody on the waiting list until p_expires: they rest unseen after somebody let
-- go of them, nobody has them, and nobody on the street sees them before the offer ends. Locked like free ones.
CREATE OR REPLACE FUNCTION lock_offered_seats(
    p_slot bigint, p_seats bigint[], p_pools text[], p_scopes bigint[], p_expires timestamptz, p_now timestamptz
) RETURNS bigint[]
LANGUAGE sql AS $$
    SELECT coalesce(array_agg(id), '{}') FROM (
        SELECT id FROM consulates_seat seat
        WHERE slot_id = p_slot AND id = ANY (p_seats)
          AND pool_serves(pool, p_pools, (SELECT phone_until FROM consulates_slot WHERE id = p_slot), p_now)
          AND rests_until(id, visible_at, p_now) >= p_expires
          AND withdrawn_at IS NULL AND (until IS NULL OR until <= p_now)
          AND NOT EXISTS (SELECT FROM appointments_freedseat freed
                          WHERE freed.seat_id = seat.id AND freed.scope_id = ANY (p_scopes) AND freed.until > p_now)
        ORDER BY id
        FOR UPDATE SKIP LOCKED
    ) AS locked
$$;

-- A booked seat goes back: unseen until a random moment, and for 24 hours not for those who freed it. By the office's
-- policy it goes into the next draw (13_into_draws.sql); what is left of that is seen after as random a while.
CREATE OR REPLACE FUNCTION free_booked_seat(a appointments_appointment, p_now timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    zone text := (SELECT time_zone FROM consulates_session WHERE id = a.session_id);
    rested timestamptz := rest_after_booking(p_now, a.starts_at, zone);
    drawn record;
    seen timestamptz;
BEGIN
    SELECT * INTO drawn FROM next_draw_for(a, p_now);
    seen := coalesce(rest_after_booking(drawn.opens_to_all_at, a.starts_at, zone), rested);
    UPDATE consulates_seat SET holder = NULL, until = NULL, visible_at = seen WHERE id = a.seat_id AND holder = a.id;
    IF NOT FOUND THEN RETURN; END IF;
    INSERT INTO appointments_freedseat (seat_id, scope_id, until, appointment_id)
    SELECT a.seat_id, scope_id, p_now + interval '24 hours', a.id FROM unnest(a.scope_ids) AS scopes (scope_id)
    ON CONFLICT (seat_id, scope_id) DO UPDATE
        SET until = excluded.until, appointment_id = excluded.appointment_id;
    IF drawn.id IS NOT NULL THEN
        INSERT INTO consulates_freedintodraw (seat_id, release_id, freed_at, offers_until, visible_at)
        VALUES (a.seat_id, drawn.id, p_now, least(rested, drawn.opens_at), seen)
        ON CONFLICT (seat_id, release_id) DO UPDATE
            SET freed_at = excluded.freed_at, offers_until = excluded.offers_until, visible_at = excluded.visible_at;
    END IF;
END
$$;

-- Whether a hold is open and still has all that it took; its seats are locked then. A request whose clock is a little
-- behind can find that what it holds has run out for others, and is theirs.
CREATE OR REPLACE FUNCTION hold_stands(h appointments_hold, p_now timestamptz) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    own int;
BEGIN
    IF h.closed_at IS NOT NULL OR h.expires_at <= p_now THEN RETURN false; END IF;
    -- Waits, unlike picking: whoever has locked one of them as free waits for nothing that this request has locked.
    PERFORM FROM consulates_seat WHERE id = ANY (h.seat_ids) AND holder = h.id ORDER BY id FOR UPDATE;
    GET DIAGNOSTICS own = ROW_COUNT;
    IF own <> cardinality(h.seat_ids) THEN RETURN false; END IF;
    RETURN cardinality(h.seat_ids) * cardinality(h.scope_ids) = (
        SELECT count(*) FROM appointments_permit
        WHERE scope_id = ANY (h.scope_ids) AND holder = h.id AND until > p_now);
END
$$;

-- Holds that were given and not chosen: their length is theirs, and their seats wait for nobody else afterwards. After a
-- closure a proposal rests like what a booker chose.
CREATE OR REPLACE FUNCTION is_given(p_origin text) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$ SELECT p_origin IN ('draw', 'waiting') $$;

-- Until when a seat is nobody else's, held until p_expires.
CREATE OR REPLACE FUNCTION rest_of_hold(p_origin text, p_expires timestamptz) RETURNS timestamptz
LANGUAGE sql VOLATILE AS $$ SELECT CASE WHEN is_given(p_origin) THEN p_expires ELSE rest_after_hold(p_expires) END $$;

-- An open hold ends early: its permits at once, its seats after the same rest as if it had expired now.
CREATE OR REPLACE FUNCTION end_hold(h appointments_hold, p_outcome text, p_now timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE appointments_hold SET closed_at = p_now, outcome = p_outcome WHERE id = h.id;
    UPDATE consulates_seat SET until = least(until, rest_of_hold(h.origin, p_now))
    WHERE id = ANY (h.seat_ids) AND holder = h.id AND until > p_now;
    PERFORM end_permits(h.scope_ids, ARRAY[h.id], p_now);
    UPDATE appointments_appointment SET move_hold_id = NULL, move_until = NULL
    WHERE id = ANY (h.replaces) AND move_hold_id = h.id;
END
$$;
