-- Small pure helpers of the claim. Rules: DESIGN 4.3 to 4.8, docs/adr/0003.

-- How many permits a scope may have in use at p_now. A block is a cap of 0, an override raises it until it ends.
CREATE OR REPLACE FUNCTION scope_cap(s appointments_scope, p_now timestamptz) RETURNS int
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN s.blocked_until > p_now THEN 0
        WHEN s.override_until > p_now THEN s.override_cap
        ELSE s.cap
    END::int
$$;

-- The same for one claim: a family with minors fits under eight where five is the rule, in the scopes that a citizen has.
-- Who only states a phone is not raised by a word, nor is a group that a reviewer capped.
CREATE OR REPLACE FUNCTION scope_cap_for(s appointments_scope, p_family boolean, p_now timestamptz) RETURNS int
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN p_family AND s.kind <= 3 AND scope_cap(s, p_now) BETWEEN 5 AND 7 THEN 8
        ELSE scope_cap(s, p_now)
    END
$$;

-- Whether a hold is for a family of six to eight at once (appointments/family.py), chosen by them, won or waited for.
CREATE OR REPLACE FUNCTION is_family(p_origin text, p_seats int) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$ SELECT p_origin IN ('family', 'draw', 'waiting') AND p_seats BETWEEN 6 AND 8 $$;

-- The advisory lock of a mark: an exact address or a domain.
CREATE OR REPLACE FUNCTION mark_lock(p_kind int, p_key text) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$ SELECT hashtextextended(p_key, p_kind) $$;

-- When the seat of a hold that nobody confirmed can be seen again: 1 to 10 minutes after it expired.
CREATE OR REPLACE FUNCTION rest_after_hold(p_expires_at timestamptz) RETURNS timestamptz
LANGUAGE sql VOLATILE AS $$
    SELECT p_expires_at + (60 + random() * 540) * interval '1 second'
$$;

-- When a cancelled or moved-from seat can be seen again: 15 to 240 minutes, 5 to 30 within a day of its start. A moment in
-- the night of the place, from 21 to 8, is drawn anew, 15 to 240 minutes from 8 in the morning on: at night those who sell
-- seats are awake, and hardly anybody else. docs/adr/0032.
DROP FUNCTION IF EXISTS rest_after_booking(timestamptz, timestamptz);
CREATE OR REPLACE FUNCTION rest_after_booking(p_now timestamptz, p_starts_at timestamptz, p_zone text)
RETURNS timestamptz
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    seen timestamptz := p_now + interval '1 minute' * (15 + random() * 225);
    there timestamp := seen AT TIME ZONE p_zone;
    morning timestamp := (there + interval '3 hours')::date + time '08:00';  -- of the day after, from 21 on
BEGIN
    IF p_starts_at < p_now + interval '1 day' THEN RETURN p_now + interval '1 minute' * (5 + random() * 25); END IF;
    IF there::time >= '08:00' AND there::time < '21:00' THEN RETURN seen; END IF;
    RETURN (morning AT TIME ZONE p_zone) + interval '1 minute' * (15 + random() * 225);
END
$$;

-- Until when a seat rests for those who wait or were wronged: the public sees it then, or it is kept for a draw. NULL when
-- nobody let go of it within the last day: then a plan hides it.
CREATE OR REPLACE FUNCTION rests_until(p_seat bigint, p_visible_at timestamptz, p_now timestamptz) RETURNS timestamptz
LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT offers_until FROM consulates_freedintodraw
                     WHERE seat_id = p_seat AND visible_at = p_visible_at), p_visible_at)
    WHERE EXISTS (SELECT FROM appointments_freedseat WHERE seat_id = p_seat AND until > p_now)
$$;

-- A reference that a person can read out: 40 random bits in eight letters without I, L, O, U, and a Luhn (mod 32) check
-- letter. Looked up first, because with ten million appointments one draw in a hundred thousand is taken.
CREATE OR REPLACE FUNCTION new_reference() RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    letters CONSTANT text := '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
    bits bigint;
    drawn text;
    total int;
    digit int;
BEGIN
    LOOP
        bits := ('x' || left(replace(gen_random_uuid()::text, '-', ''), 10))::bit(40)::bigint;
        drawn := '';
        total := 0;
        FOR place IN 0..7 LOOP  -- from the right, so that every other digit, beginning with the last, is doubled
            digit := (bits >> (5 * place)) & 31;
            drawn := substr(letters, digit + 1, 1) || drawn;
            IF place % 2 = 0 THEN
                digit := digit * 2;
                digit := digit / 32 + digit % 32;
            END IF;
            total := total + digit;
        END LOOP;
        drawn := drawn || substr(letters, (32 - total % 32) % 32 + 1, 1);
        EXIT WHEN NOT EXISTS (SELECT FROM appointments_appointment WHERE reference = drawn);
    END LOOP;
    RETURN drawn;
END
$$;

-- The predicate of DESIGN 4.3. Inlined by the planner.
CREATE OR REPLACE FUNCTION seat_is_free(
    p_visible_at timestamptz, p_withdrawn_at timestamptz, p_until timestamptz, p_now timestamptz
) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT p_visible_at <= p_now AND p_withdrawn_at IS NULL AND (p_until IS NULL OR p_until <= p_now)
$$;

-- Whether an appointment can be moved or cancelled. An orphaned one can as long as it is kept, also when the day that was
-- closed is over.
CREATE OR REPLACE FUNCTION can_change(
    p_status text, p_starts_at timestamptz, p_until timestamptz, p_now timestamptz
) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT p_status = 'booked' AND p_starts_at > p_now OR p_status = 'orphaned' AND p_until > p_now
$$;
