-- Seats for people whose appointment a reviewer cancelled. Who may ask for one, and whether it was used already, is
-- decided in antifraud under its own locks; here stands what such a hold may take. Rules: docs/adr/0017.

-- Whether a hold is asked for in place of an appointment that a reviewer cancelled: one seat, the same procedure.
CREATE OR REPLACE FUNCTION is_redress(r jsonb) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT jsonb_array_length(r -> 'slots') = 1 AND r -> 'slots' -> 0 ->> 'seats' = '1'
       AND coalesce(jsonb_array_length(r -> 'replaces'), 0) = 0
       AND EXISTS (SELECT FROM appointments_appointment
                   WHERE id = (r ->> 'instead_of')::uuid AND status = 'cancelled' AND cancelled_by = 'reviewer'
                     AND procedure_id = (r ->> 'procedure')::bigint)
$$;

-- Seats of one slot that nobody has, those included that rest unseen after somebody let go of them, also for whoever freed
-- them. What a plan keeps back for later stays out of reach.
CREATE OR REPLACE FUNCTION count_resting_seats(p_slot bigint, p_pools text[], p_now timestamptz) RETURNS int
LANGUAGE sql STABLE AS $$
    SELECT count(*)::int FROM consulates_seat
    WHERE slot_id = p_slot AND pool = ANY (p_pools)
      AND (visible_at <= p_now OR rests_until(id, visible_at, p_now) > p_now) AND withdrawn_at IS NULL AND (until IS NULL OR until <= p_now)
$$;

-- One of them, locked: that of the appointment itself where it can be had. Empty when the others are in somebody's open
-- transaction, or there is none.
CREATE OR REPLACE FUNCTION lock_resting_seat(
    p_slot bigint, p_instead_of uuid, p_pools text[], p_now timestamptz
) RETURNS bigint[]
LANGUAGE sql AS $$
    SELECT coalesce(array_agg(id), '{}') FROM (
        SELECT id FROM consulates_seat
        WHERE slot_id = p_slot AND pool = ANY (p_pools)
          AND (visible_at <= p_now OR rests_until(id, visible_at, p_now) > p_now) AND withdrawn_at IS NULL AND (until IS NULL OR until <= p_now)
        ORDER BY id <> (SELECT seat_id FROM appointments_appointment WHERE id = p_instead_of), pool <> 'public', unit
        LIMIT 1
        FOR UPDATE SKIP LOCKED
    ) AS locked
$$;
