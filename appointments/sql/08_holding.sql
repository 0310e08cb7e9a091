-- What a booker may hold at once, and what has to wait a while after holds that came to nothing. Read under the locks of
-- the booker's scopes, so that two tabs and two accounts of one mailbox see each other. Rules: docs/adr/0030.

-- Whether a hold is one that a booker chose by watching for it. What others decided (a draw, an offer, a closure, a
-- redress, an emergency, a walk-in) is not, nor is a move, whose people have an appointment already.
CREATE OR REPLACE FUNCTION hold_counts(p_origin text, p_replaces uuid[]) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT cardinality(p_replaces) = 0
       AND p_origin NOT IN ('draw', 'waiting', 'closure', 'redress', 'emergency', 'walk_in')
$$;

-- One, two, four ... up to sixty minutes after the p_left-th hold that was left to expire.
CREATE OR REPLACE FUNCTION cool_down(p_left int) RETURNS interval
LANGUAGE sql IMMUTABLE AS $$ SELECT interval '1 minute' * least(60, 2 ^ (least(p_left, 7) - 1)) $$;

CREATE OR REPLACE FUNCTION refusal_until(p_code text, p_until timestamptz, p_now timestamptz) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_object('code', p_code, 'until', p_until,
                              'minutes', greatest(1, ceil(extract(epoch FROM p_until - p_now) / 60))::int)
$$;

-- "refused": why this booker cannot hold one more party now, NULL when they can. "let_go": the seats that they held in the
-- last 30 minutes and gave back or left, which are for others now. One probe of the index on scope_ids.
-- "moved_from": seats that the appointments of this move left, for the same people: they may go back.
-- p_ending are open holds that this one ends: whoever chooses another time keeps one party and meets no limit.
-- Who calls or comes to a window is limited by what they left there, not by what they left on the web: the way out.
CREATE OR REPLACE FUNCTION hold_limits(
    r jsonb, p_scopes bigint[], p_ending uuid[], p_now timestamptz,
    OUT refused jsonb, OUT let_go bigint[], OUT moved_from bigint[]
)
LANGUAGE plpgsql AS $$
DECLARE
    replaced uuid[] := ARRAY(SELECT jsonb_array_elements_text(r -> 'replaces')::uuid);
    open int;
    first_end timestamptz;
    left_there int;
    last_left timestamptz;
BEGIN
    let_go := '{}';
    moved_from := '{}';
    IF NOT hold_counts(r ->> 'origin', '{}') THEN RETURN; END IF;
    WITH recent AS MATERIALIZED (
        SELECT id, seat_ids, slot_ids, expires_at, closed_at, outcome, agent_id, replaces,
               hold_counts(origin, replaces) AS counts
        FROM appointments_hold
        WHERE (scope_ids && p_scopes OR account_id = (r ->> 'account')::bigint)
          AND expires_at > p_now - interval '24 hours'
    ), booked AS (
        SELECT max(closed_at) AS at FROM recent WHERE outcome = 'confirmed' AND replaces = '{}'
    ), left_over AS (
        SELECT expires_at FROM recent
        WHERE counts AND closed_at IS NULL AND expires_at <= p_now
          AND expires_at > coalesce((SELECT at FROM booked), '-infinity')
          AND (agent_id IS NULL) = (r ->> 'agent' IS NULL)
          AND NOT EXISTS (SELECT FROM consulates_slot s WHERE s.id = ANY (slot_ids) AND s.closed_at IS NOT NULL)
    ), standing AS (
        SELECT expires_at FROM recent
        WHERE counts AND closed_at IS NULL AND expires_at > p_now AND id <> ALL (p_ending)
    )
    SELECT (SELECT count(*) FROM standing), (SELECT min(expires_at) FROM standing),
           (SELECT count(*) FROM left_over), (SELECT max(expires_at) FROM left_over),
           ARRAY(SELECT unnest(seat_ids) FROM recent
                 WHERE outcome <> 'confirmed' AND least(closed_at, expires_at) <= p_now
                   AND least(closed_at, expires_at) > p_now - interval '30 minutes')
    INTO open, first_end, left_there, last_left, let_go;
    IF replaced <> '{}' THEN
        moved_from := ARRAY(SELECT seat_id FROM appointments_freedseat
                            WHERE scope_id = ANY (p_scopes) AND until > p_now AND appointment_id = ANY (replaced));
    ELSIF cardinality(p_ending) = 0 AND open >= 2 THEN
        refused := refusal_until('too_many_holds', first_end, p_now) || jsonb_build_object('active', open, 'cap', 2);
    ELSIF cardinality(p_ending) = 0 AND left_there > 0 AND last_left + cool_down(left_there) > p_now THEN
        refused := refusal_until('cool_down', last_left + cool_down(left_there), p_now);
    END IF;
END
$$;

-- Why fewer than p_n seats of a slot could be locked: `busy` when they are in open transactions, `held_before` when they
-- are free for everybody but this booker, with the moment from which they may have them, else `full`.
CREATE OR REPLACE FUNCTION seats_refused(
    p_slot bigint, p_n int, p_but bigint[], p_let_go bigint[], p_pools text[], p_scopes bigint[], p_account bigint,
    p_now timestamptz
) RETURNS jsonb
LANGUAGE plpgsql AS $$
BEGIN
    IF count_free_seats(p_slot, p_but || p_let_go, p_pools, p_scopes, p_now) >= p_n THEN RETURN refusal('busy'); END IF;
    IF count_free_seats(p_slot, p_but, p_pools, '{}', p_now) < p_n THEN RETURN refusal('full'); END IF;
    RETURN refusal_until('held_before', (
        SELECT max(until) FROM (
            SELECT freed.until FROM appointments_freedseat freed JOIN consulates_seat seat ON seat.id = freed.seat_id
            WHERE seat.slot_id = p_slot AND freed.scope_id = ANY (p_scopes) AND freed.until > p_now
            UNION ALL
            SELECT least(closed_at, expires_at) + interval '30 minutes' FROM appointments_hold
            WHERE (scope_ids && p_scopes OR account_id = p_account) AND seat_ids && p_let_go AND outcome <> 'confirmed'
              AND p_slot = ANY (slot_ids) AND least(closed_at, expires_at) <= p_now
        ) AS ends), p_now);
END
$$;

-- An account gained scopes (a verified phone, a linked group): what it freed within the day is out of reach there too.
CREATE OR REPLACE FUNCTION adopt_freed_seats(p_owner bigint, p_scopes bigint[], p_now timestamptz) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO appointments_freedseat AS known (seat_id, scope_id, until)
    SELECT seat_id, gained, until FROM appointments_freedseat mine, unnest(p_scopes) AS gained
    WHERE mine.scope_id = p_owner AND mine.until > p_now AND gained <> p_owner
    ON CONFLICT (seat_id, scope_id) DO UPDATE SET until = greatest(known.until, excluded.until)
$$;
