-- What happens to seats and appointments when less is open than was promised. Rules: DESIGN 4.12, docs/adr/0009.
--
-- The decision (slots closed, seats of a window withdrawn, a procedure suspended) is committed first. Then nobody can
-- hold or confirm there; confirmations in flight are waited for, seat by seat, and only then is it read who was booked.
-- Every function does one bounded batch, and run again it goes on where the last one ended.

-- Whether sessions of that office and day do not serve the procedure for now.
CREATE OR REPLACE FUNCTION procedure_suspended(j consulates_session, p_procedure bigint) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM consulates_suspension
                   WHERE consulate_id = j.consulate_id AND procedure_id = p_procedure
                     AND j.date BETWEEN first_date AND last_date AND ended_at IS NULL)
$$;

-- An orphaned appointment has a new time, or was cancelled: whoever did it, its lists know in the same transaction.
CREATE OR REPLACE FUNCTION end_orphan(p_appointment uuid, p_state text, p_by bigint, p_now timestamptz) RETURNS void
LANGUAGE sql AS $$
    UPDATE appointments_orphan
    SET state = p_state, ended_at = p_now, changed_at = p_now, handled_by_id = coalesce(p_by, handled_by_id)
    WHERE appointment_id = p_appointment AND state NOT IN ('accepted', 'moved', 'cancelled')
$$;

-- The same table as ORPHAN_STEPS (appointments/models/closure.py); a test compares them.
CREATE OR REPLACE FUNCTION orphan_steps() RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$ SELECT '{
    "to_offer": ["accepted", "cancelled", "moved", "no_seat", "offered", "to_call"],
    "offered": ["accepted", "cancelled", "moved", "reached", "to_call", "to_offer", "unreachable"],
    "to_call": ["accepted", "cancelled", "moved", "no_seat", "offered", "reached", "to_call", "to_offer", "unreachable"],
    "reached": ["accepted", "cancelled", "moved", "no_seat", "offered", "reached", "to_call", "to_offer", "unreachable"],
    "no_seat": ["accepted", "cancelled", "moved", "no_seat", "offered", "reached", "to_call", "to_offer", "unreachable"],
    "unreachable": ["accepted", "cancelled", "moved", "reached", "to_call"],
    "accepted": [], "moved": [], "cancelled": []}'::jsonb
$$;

CREATE OR REPLACE FUNCTION orphan_step() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'orphan_is_never_dropped',
            MESSAGE = 'nobody is taken off a work list';
    ELSIF TG_OP = 'INSERT' AND NEW.state <> 'to_offer'
        OR TG_OP = 'UPDATE' AND NEW.state <> OLD.state AND NOT orphan_steps() -> OLD.state ? NEW.state
    THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'orphan_steps_as_allowed',
            MESSAGE = format('no step to %s', NEW.state);
    END IF;
    RETURN NEW;
END
$$;

CREATE OR REPLACE TRIGGER orphan_step BEFORE INSERT OR UPDATE OR DELETE ON appointments_orphan
FOR EACH ROW EXECUTE FUNCTION orphan_step();

-- Seats that this closure takes away and that are not withdrawn yet: all of its closed slots, or windows that are gone.
CREATE OR REPLACE FUNCTION seats_to_withdraw(c appointments_closure) RETURNS SETOF bigint
LANGUAGE sql STABLE AS $$
    SELECT seat.id FROM consulates_slot slot JOIN consulates_seat seat ON seat.slot_id = slot.id
    WHERE c.kind <> 'suspension' AND slot.session_id = ANY (c.session_ids) AND slot.starts_at > c.since
      AND seat.withdrawn_at IS NULL
      AND (slot.closed_at IS NOT NULL OR c.kind = 'hours' AND seat.unit > (c.plan ->> 'windows')::int)
$$;

-- Withdraws up to p_limit of them, without waiting: whoever waits for one seat while it holds others can deadlock with a
-- family that cancels. Those in somebody's transaction are left.
CREATE OR REPLACE FUNCTION withdraw_batch(p_closure bigint, p_limit int) RETURNS int
LANGUAGE plpgsql AS $$
DECLARE
    c appointments_closure;
    changed int;
BEGIN
    SELECT * INTO STRICT c FROM appointments_closure WHERE id = p_closure;
    WITH chosen AS (
        SELECT id FROM consulates_seat WHERE id IN (SELECT seats_to_withdraw(c)) ORDER BY id LIMIT p_limit
        FOR UPDATE SKIP LOCKED
    )
    UPDATE consulates_seat SET withdrawn_at = c.since WHERE id IN (SELECT id FROM chosen);
    GET DIAGNOSTICS changed = ROW_COUNT;
    RETURN changed;
END
$$;

-- Seats of the closure that somebody has locked just now: whoever confirms has. After the decision was committed it is
-- enough to wait for each of these once, one at a time.
CREATE OR REPLACE FUNCTION seats_in_flight(p_closure bigint) RETURNS SETOF bigint
LANGUAGE plpgsql AS $$
DECLARE
    c appointments_closure;
BEGIN
    SELECT * INTO STRICT c FROM appointments_closure WHERE id = p_closure;
    RETURN QUERY
    WITH theirs AS MATERIALIZED (
        SELECT seat.id FROM consulates_slot slot JOIN consulates_seat seat ON seat.slot_id = slot.id
        WHERE slot.session_id = ANY (c.session_ids) AND slot.starts_at > c.since
    ), still AS MATERIALIZED (
        SELECT id FROM consulates_seat WHERE id IN (SELECT id FROM theirs) FOR UPDATE SKIP LOCKED
    )
    SELECT id FROM theirs EXCEPT SELECT id FROM still ORDER BY id;
END
$$;

-- Appointments that stand where there is nothing any more.
CREATE OR REPLACE FUNCTION lost_appointments(c appointments_closure) RETURNS SETOF uuid
LANGUAGE sql STABLE AS $$
    SELECT a.id FROM appointments_appointment a
    JOIN consulates_slot slot ON slot.id = a.slot_id
    JOIN consulates_seat seat ON seat.id = a.seat_id
    WHERE a.session_id = ANY (c.session_ids) AND a.status = 'booked' AND a.starts_at > c.since
      AND CASE c.kind
          WHEN 'suspension' THEN a.procedure_id = c.procedure_id
          WHEN 'hours' THEN slot.closed_at IS NOT NULL
               OR seat.withdrawn_at IS NOT NULL AND seat.unit > (c.plan ->> 'windows')::int
          ELSE slot.closed_at IS NOT NULL
      END
$$;

-- Fewer windows at a time that stays: another window of the same time, if one is left. Nobody notices.
CREATE OR REPLACE FUNCTION reseat(a appointments_appointment, p_windows int, p_now timestamptz) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    other bigint;
BEGIN
    IF EXISTS (SELECT FROM consulates_slot WHERE id = a.slot_id AND closed_at IS NOT NULL) THEN RETURN false; END IF;
    SELECT id INTO other FROM consulates_seat
    WHERE slot_id = a.slot_id AND unit <= p_windows AND (until IS NULL OR until <= p_now)
    ORDER BY withdrawn_at IS NOT NULL, pool <> 'public', unit LIMIT 1
    FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN RETURN false; END IF;
    UPDATE appointments_appointment SET seat_id = other WHERE id = a.id;
    UPDATE consulates_seat SET holder = NULL, until = NULL WHERE id = a.seat_id AND holder = a.id;
    UPDATE consulates_seat SET holder = a.id, until = a.until, withdrawn_at = NULL WHERE id = other;
    PERFORM log_event('reseated', a.id, a.account_id, 'counter', jsonb_build_object('from_seat', a.seat_id, 'seat', other),
                      p_now);
    RETURN true;
END
$$;

-- Up to p_limit people lose their seat and come on the list. They keep their permits and their place as a person, at
-- least until p_keep. Locks as the claim does: scopes, then appointments, then seats. 0 when nobody is left.
CREATE OR REPLACE FUNCTION orphan_batch(p_closure bigint, p_limit int, p_keep timestamptz, p_now timestamptz) RETURNS int
LANGUAGE plpgsql AS $$
DECLARE
    c appointments_closure;
    a appointments_appointment;
    ids uuid[];
    lost uuid[] := '{}';
BEGIN
    SELECT * INTO STRICT c FROM appointments_closure WHERE id = p_closure;
    ids := ARRAY(SELECT id FROM lost_appointments(c) AS id ORDER BY id LIMIT p_limit);
    IF ids = '{}' THEN RETURN 0; END IF;
    PERFORM FROM appointments_scope
    WHERE kind = 1 AND id IN (SELECT unnest(scope_ids) FROM appointments_appointment WHERE id = ANY (ids))
    ORDER BY kind, key FOR UPDATE;
    -- Once the accounts are locked, no appointment of theirs gains a scope.
    PERFORM FROM appointments_scope
    WHERE id IN (SELECT unnest(scope_ids) FROM appointments_appointment WHERE id = ANY (ids))
    ORDER BY kind, key FOR UPDATE;
    PERFORM FROM appointments_appointment WHERE id = ANY (ids) ORDER BY id FOR UPDATE;

    -- Whoever moved or cancelled meanwhile has lost nothing.
    FOR a IN SELECT * FROM appointments_appointment
             WHERE id = ANY (ids) AND id IN (SELECT lost_appointments(c)) ORDER BY starts_at, id LOOP
        CONTINUE WHEN c.kind = 'hours' AND reseat(a, (c.plan ->> 'windows')::int, p_now);
        lost := lost || a.id;
        PERFORM log_event('orphaned', a.id, a.account_id, 'counter',
                          jsonb_build_object('closure', c.id, 'slot', a.slot_id, 'seat', a.seat_id), p_now);
    END LOOP;
    UPDATE consulates_seat seat
    SET holder = NULL, until = NULL,
        -- A suspension leaves the time to other procedures.
        visible_at = CASE c.kind WHEN 'suspension' THEN rest_after_booking(p_now, gone.starts_at, session.time_zone)
                                 ELSE seat.visible_at END
    FROM appointments_appointment gone JOIN consulates_session session ON session.id = gone.session_id
    WHERE gone.id = ANY (lost) AND seat.id = gone.seat_id AND seat.holder = gone.id;
    UPDATE appointments_appointment SET status = 'orphaned' WHERE id = ANY (lost);
    PERFORM keep_orphans(lost, p_keep, p_now);
    INSERT INTO appointments_orphan (closure_id, consulate_id, appointment_id, session_id, starts_at, state, offers,
                                     look_at, created_at, changed_at)
    SELECT c.id, c.consulate_id, gone.id, gone.session_id, gone.starts_at, 'to_offer', 0, p_now, p_now, p_now
    FROM appointments_appointment gone WHERE gone.id = ANY (lost)
    ORDER BY gone.starts_at, gone.id;
    RETURN cardinality(ids);
END
$$;

-- Appointments, permits and people's places live at least until p_until. The caller holds the scopes' locks.
CREATE OR REPLACE FUNCTION keep_orphans(p_ids uuid[], p_until timestamptz, p_now timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE appointments_permit permit SET until = p_until
    FROM appointments_appointment a
    WHERE a.id = ANY (p_ids) AND a.until < p_until AND a.until > p_now
      AND permit.scope_id = ANY (a.scope_ids) AND permit.holder = a.id AND permit.until > p_now;
    UPDATE appointments_applicantclaim place SET until = p_until
    FROM appointments_appointment a
    WHERE a.id = ANY (p_ids) AND a.until < p_until AND a.until > p_now
      AND place.applicant_id = a.applicant_id AND place.holder = a.id AND place.until > p_now;
    UPDATE appointments_appointment SET until = p_until
    WHERE id = ANY (p_ids) AND status = 'orphaned' AND until < p_until AND until > p_now;
END
$$;

-- Those still on a list whose time to find a new one is getting short. How many were given more.
CREATE OR REPLACE FUNCTION keep_batch(p_before timestamptz, p_until timestamptz, p_limit int, p_now timestamptz) RETURNS int
LANGUAGE plpgsql AS $$
DECLARE
    ids uuid[] := ARRAY(
        SELECT a.id FROM appointments_orphan o JOIN appointments_appointment a ON a.id = o.appointment_id
        WHERE o.ended_at IS NULL AND a.status = 'orphaned' AND a.until > p_now AND a.until < p_before
        ORDER BY a.id LIMIT p_limit);
BEGIN
    PERFORM FROM appointments_scope
    WHERE kind = 1 AND id IN (SELECT unnest(scope_ids) FROM appointments_appointment WHERE id = ANY (ids))
    ORDER BY kind, key FOR UPDATE;
    PERFORM FROM appointments_scope
    WHERE id IN (SELECT unnest(scope_ids) FROM appointments_appointment WHERE id = ANY (ids))
    ORDER BY kind, key FOR UPDATE;
    PERFORM FROM appointments_appointment WHERE id = ANY (ids) ORDER BY id FOR UPDATE;
    ids := ARRAY(SELECT id FROM appointments_appointment WHERE id = ANY (ids) AND status = 'orphaned');
    PERFORM keep_orphans(ids, p_until, p_now);
    RETURN cardinality(ids);
END
$$;
