-- Freed seats that go into the office's next draw instead of back to the public. Rules: docs/adr/0032.

-- The draw into which the seat of an appointment goes when it is freed now, {id, opens_at, opens_to_all_at}; all NULL when
-- the office wants it otherwise or none suits. It is the next announced one of that office and procedure; it opens later
-- than any transaction lasts, so that its lists are not closed, and the public has a day left for what it does not give.
-- A seat behind the gate of a draw goes to the next in its order as it is, and one behind a queue only into a draw that
-- comes after it.
CREATE OR REPLACE FUNCTION next_draw_for(
    a appointments_appointment, p_now timestamptz, OUT id bigint, OUT opens_at timestamptz, OUT opens_to_all_at timestamptz
)
LANGUAGE sql STABLE AS $$
    SELECT r.id, r.opens_at, r.opens_to_all_at
    FROM consulates_freedpolicy policy
    JOIN consulates_releaseoffice office ON office.consulate_id = policy.consulate_id
    JOIN consulates_release r ON r.id = office.release_id
    JOIN consulates_release_procedures served ON served.release_id = r.id AND served.procedure_id = a.procedure_id
    JOIN consulates_seat seat ON seat.id = a.seat_id
    JOIN consulates_slot slot ON slot.id = a.slot_id
    JOIN consulates_session session ON session.id = a.session_id
    WHERE policy.consulate_id = a.consulate_id AND policy.into_draws
      AND r.mode = 'draw' AND r.state = 'announced' AND r.announced_at <= p_now
      AND r.opens_at > p_now + interval '5 minutes' AND r.opens_to_all_at <= a.starts_at - interval '1 day'
      AND seat.pool IN ('public', 'phone') AND seat.withdrawn_at IS NULL
      AND slot.closed_at IS NULL AND slot.opens_at <= p_now
      AND (slot.gate = 'open'
           OR slot.opens_to_all_at <= CASE slot.gate WHEN 'draw' THEN p_now ELSE r.opens_at END)
      AND session.status = 'published' AND NOT procedure_suspended(session, a.procedure_id)
    ORDER BY r.opens_at, r.id
    LIMIT 1
$$;

-- Whether a winner's time lies outside the sessions of their draw, so that its seats are freed ones.
CREATE OR REPLACE FUNCTION is_freed_into(p_slot bigint, p_release bigint) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT session.release_id IS DISTINCT FROM p_release
    FROM consulates_slot slot JOIN consulates_session session ON session.id = slot.session_id
    WHERE slot.id = p_slot
$$;

-- Seats of one slot on the sealed list of a draw that nobody has and these scopes may have; the street does not see them.
CREATE OR REPLACE FUNCTION drawn_seats(
    p_slot bigint, p_release bigint, p_pools text[], p_scopes bigint[], p_now timestamptz
) RETURNS SETOF bigint
LANGUAGE sql STABLE AS $$
    SELECT seat.id FROM consulates_seat seat
    JOIN consulates_freedintodraw freed ON freed.seat_id = seat.id AND freed.release_id = p_release
         AND freed.visible_at = seat.visible_at AND freed.sealed_at IS NOT NULL
    WHERE seat.slot_id = p_slot
      AND pool_serves(seat.pool, p_pools, (SELECT phone_until FROM consulates_slot WHERE id = p_slot), p_now)
      AND seat.withdrawn_at IS NULL AND (seat.until IS NULL OR seat.until <= p_now)
      AND NOT EXISTS (SELECT FROM appointments_freedseat theirs
                      WHERE theirs.seat_id = seat.id AND theirs.scope_id = ANY (p_scopes) AND theirs.until > p_now)
$$;

-- p_n of them, locked; fewer when there are not so many, or when the others are in somebody's open transaction.
CREATE OR REPLACE FUNCTION lock_drawn_seats(
    p_slot bigint, p_release bigint, p_n int, p_pools text[], p_scopes bigint[], p_now timestamptz
) RETURNS bigint[]
LANGUAGE sql AS $$
    SELECT coalesce(array_agg(id), '{}') FROM (
        SELECT id FROM consulates_seat
        WHERE id IN (SELECT drawn_seats(p_slot, p_release, p_pools, p_scopes, p_now))
          AND (until IS NULL OR until <= p_now)
        ORDER BY pool <> 'phone', unit LIMIT p_n
        FOR UPDATE SKIP LOCKED
    ) AS locked
$$;
