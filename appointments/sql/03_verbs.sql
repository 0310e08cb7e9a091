-- One function per verb. Each decides one request under locks that `claim` has taken, writes all of it or nothing, and
-- returns {"code": "ok", ...} or a refusal. A refusal is never raised; what is raised is a bug.

CREATE OR REPLACE FUNCTION log_event(
    p_kind text, p_subject uuid, p_account bigint, p_channel text, p_detail jsonb, p_now timestamptz
) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO appointments_event (at, kind, subject, account_id, channel, detail)
    VALUES (p_now, p_kind, p_subject, p_account, p_channel, p_detail)
$$;

-- What the edge saw of the booker, if anything: {"device", "prefix", "asn_kind", "fill": [seconds typed for each seat]}.
CREATE OR REPLACE FUNCTION log_trace(r jsonb, p_hold uuid, p_now timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF r -> 'seen' IS NULL THEN RETURN; END IF;
    INSERT INTO appointments_trace (at, subject, account_id, device, prefix, asn_kind, fill_seconds)
    VALUES (p_now, p_hold, (r ->> 'account')::bigint, r -> 'seen' ->> 'device', r -> 'seen' ->> 'prefix',
            r -> 'seen' ->> 'asn_kind',
            ARRAY(SELECT jsonb_array_elements_text(r -> 'seen' -> 'fill')::real));
END
$$;

-- Which member of staff acted in which call, for events; {} when a booker acted alone.
CREATE OR REPLACE FUNCTION by_whom(r jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_strip_nulls(jsonb_build_object('agent', r -> 'agent', 'call', nullif(r ->> 'call_reference', '')))
$$;

-- Only ids travel: whoever sends the message reads the rows when it does.
CREATE OR REPLACE FUNCTION publish(p_kind text, p_payload jsonb, p_now timestamptz) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO outbox_message (created_at, due_at, kind, payload) VALUES (p_now, p_now, p_kind, p_payload)
$$;

CREATE OR REPLACE FUNCTION refusal(p_code text) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$ SELECT jsonb_build_object('code', p_code) $$;

-- {"slots": [{"slot", "seats"}], "procedure", "expires_at", "pools", "origin", "replaces": [appointment], "supersedes": hold,
--  "instead_of": appointment that a reviewer cancelled (07_redress.sql), "admitted" or "allotted": release,
--  "resting": [seat] (02_permits_and_seats.sql)}
-- p_scopes are the booker's own, p_paid those and the ones in which the request's hold and appointments have paid.
CREATE OR REPLACE FUNCTION claim_hold(r jsonb, p_scopes bigint[], p_paid bigint[], p_now timestamptz) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    account bigint := r ->> 'account';
    wanted_procedure bigint := r ->> 'procedure';
    wanted_slots bigint[] := ARRAY(SELECT (s ->> 'slot')::bigint
                                   FROM jsonb_array_elements(r -> 'slots') WITH ORDINALITY AS wishes (s, place),
                                        generate_series(1, (s ->> 'seats')::int)
                                   ORDER BY place);
    pools text[] := ARRAY(SELECT jsonb_array_elements_text(r -> 'pools'));
    replaced uuid[] := ARRAY(SELECT jsonb_array_elements_text(r -> 'replaces')::uuid);
    is_move boolean := cardinality(replaced) > 0;
    -- Six to eight at once are a family; the confirmation looks at who it is, and an application to a draw has.
    is_family boolean := is_family(r ->> 'origin', cardinality(wanted_slots));
    expires timestamptz := r ->> 'expires_at';
    hold_id uuid := uuidv7();
    seats bigint[] := '{}';
    own bigint[];
    picked bigint[];
    earlier appointments_hold;
    ending uuid[];
    lending uuid[];
    superseded uuid;
    redressed uuid := r ->> 'instead_of';
    offered bigint[] := ARRAY(SELECT jsonb_array_elements_text(nullif(r -> 'resting', 'null'))::bigint);
    drawn_in bigint := r ->> 'allotted';
    was_extended boolean := false;
    -- A proposal after a closure lasts for days: ten more minutes would end it. So with what was given.
    keeps_length boolean := r ->> 'origin' = 'closure' OR is_given(r ->> 'origin');
    limits record;
    seen_since timestamptz;
    wanted record;
    barred text;
    refused jsonb;
BEGIN
    IF cardinality(p_scopes) = 0 THEN RAISE EXCEPTION 'nobody holds without a scope'; END IF;
    -- A second tap on the same time is the same hold.
    SELECT * INTO earlier FROM appointments_hold
    WHERE account_id = account AND closed_at IS NULL AND expires_at > p_now AND replaces = replaced
      AND procedure_id = wanted_procedure AND slot_ids = wanted_slots
    LIMIT 1;
    IF FOUND THEN
        RETURN jsonb_build_object(
            'code', 'ok', 'hold', earlier.id, 'expires_at', earlier.expires_at, 'extended', earlier.extended);
    END IF;

    -- Everything is decided before anything is written, so that a refusal leaves all as it was.
    barred := (SELECT min(slot_barred(slot, wanted_procedure, r, p_now))
               FROM (SELECT DISTINCT unnest(wanted_slots)) AS distinct_slots (slot));
    IF barred IS NOT NULL THEN RETURN refusal(barred); END IF;
    IF redressed IS NOT NULL AND NOT is_redress(r) THEN RETURN refusal('not_granted'); END IF;
    superseded := (SELECT id FROM appointments_hold
                   WHERE id = (r ->> 'supersedes')::uuid AND account_id = account
                     AND closed_at IS NULL AND expires_at > p_now);
    ending := ARRAY(SELECT id FROM appointments_hold
                    WHERE closed_at IS NULL AND account_id = account AND (id = superseded OR id IN (
                        -- one open replacement per appointment
                        SELECT move_hold_id FROM appointments_appointment WHERE id = ANY (replaced))));
    -- What has run out rests like any other seat.
    lending := ARRAY(SELECT id FROM appointments_hold WHERE id = ANY (ending) AND expires_at > p_now);
    limits := hold_limits(r, p_scopes, ending, p_now);
    FOR wanted IN SELECT (s ->> 'slot')::bigint AS slot, (s ->> 'seats')::int AS n
                  FROM jsonb_array_elements(r -> 'slots') AS s LOOP
        -- Whoever wants the same time for more people, or fewer, keeps the seats that their own hold has there; whoever
        -- moved may move back.
        own := ARRAY(SELECT id FROM consulates_seat
                     WHERE slot_id = wanted.slot AND pool = ANY (pools) AND id <> ALL (seats)
                       AND (holder = ANY (lending) AND until > p_now AND withdrawn_at IS NULL
                            OR id = ANY (limits.moved_from) AND seat_is_free(visible_at, withdrawn_at, until, p_now))
                     ORDER BY unit LIMIT wanted.n FOR UPDATE SKIP LOCKED);
        IF offered <> '{}' THEN
            picked := lock_offered_seats(wanted.slot, offered, pools, p_scopes, expires, p_now);
            IF cardinality(picked) <> wanted.n THEN RETURN refusal('full'); END IF;
        ELSIF drawn_in IS NOT NULL AND is_freed_into(wanted.slot, drawn_in) THEN
            picked := lock_drawn_seats(wanted.slot, drawn_in, wanted.n, pools, p_scopes, p_now);
            IF cardinality(picked) < wanted.n THEN
                RETURN refusal(CASE WHEN wanted.n > (SELECT count(*) FROM drawn_seats(
                    wanted.slot, drawn_in, pools, p_scopes, p_now)) THEN 'full' ELSE 'busy' END);
            END IF;
        ELSIF redressed IS NULL THEN
            picked := own || lock_free_seats(
                wanted.slot, wanted.n - cardinality(own), seats || own || limits.let_go, pools, p_scopes, p_now);
        ELSE
            picked := lock_resting_seat(wanted.slot, redressed, pools, p_now);
        END IF;
        IF cardinality(picked) < wanted.n THEN  -- `full` only when it is certain: the others may come back
            IF redressed IS NULL THEN
                RETURN seats_refused(wanted.slot, wanted.n - cardinality(own), seats || own, limits.let_go, pools, p_scopes,
                                     account, p_now);
            END IF;
            RETURN refusal(CASE WHEN count_resting_seats(wanted.slot, pools, p_now) < wanted.n THEN 'full' ELSE 'busy' END);
        END IF;
        seats := seats || picked;
    END LOOP;
    -- Seats that were held already stay held no longer than they would have been: nobody keeps a place by asking again.
    SELECT least(expires, min(expires_at)), coalesce(bool_or(extended), false) INTO expires, was_extended
    FROM appointments_hold WHERE id = ANY (lending) AND seat_ids && seats;
    IF 1 <> (SELECT count(DISTINCT session_id) FROM consulates_slot WHERE id = ANY (wanted_slots)) THEN
        RETURN refusal('several_sessions');
    END IF;
    IF is_move AND (cardinality(replaced) <> cardinality(seats) OR cardinality(replaced) <> (
        SELECT count(*) FROM appointments_appointment
        WHERE id = ANY (replaced) AND account_id = account AND can_change(status, starts_at, until, p_now)
          AND procedure_id = wanted_procedure))
    THEN RETURN refusal('not_movable'); END IF;
    -- Nobody's real appointment is moved into the practice office, nor one of practice out of it.
    IF is_move AND 1 < (SELECT count(DISTINCT is_practice) FROM consulates_consulate WHERE id IN (
        SELECT consulate_id FROM appointments_appointment WHERE id = ANY (replaced)
        UNION SELECT consulate_id FROM consulates_slot WHERE id = ANY (wanted_slots)))
    THEN RETURN refusal('not_movable'); END IF;
    -- The permits of the hold that ends come free in the same breath. A move takes none; only a block stops it.
    refused := coalesce(marks_refused(r -> 'marks', p_now),
                        CASE WHEN is_move THEN permits_refused(p_paid, 0, NULL, p_now)
                             ELSE permits_refused(p_scopes, cardinality(seats), superseded, p_now, is_family) END,
                        limits.refused);
    IF refused IS NOT NULL THEN RETURN refused; END IF;

    -- The first moment at which others could see them: those of a hold that ran out, after its rest. Offered ones are
    -- seen by nobody else.
    seen_since := (SELECT min(least(p_now, greatest(visible_at, CASE WHEN until <= p_now THEN until END)))
                   FROM consulates_seat WHERE id = ANY (seats));

    FOR earlier IN SELECT * FROM appointments_hold WHERE id = ANY (ending) LOOP
        PERFORM end_hold(earlier, 'superseded', p_now);
    END LOOP;
    INSERT INTO appointments_hold (id, account_id, procedure_id, slot_ids, seat_ids, scope_ids, replaces, origin, channel,
                                   agent_id, created_at, expires_at, extended, outcome)
    VALUES (hold_id, account, wanted_procedure, wanted_slots, seats, CASE WHEN is_move THEN '{}' ELSE p_scopes END, replaced,
            r ->> 'origin', r ->> 'channel', (r ->> 'agent')::bigint, p_now, expires, was_extended OR keeps_length, '');
    IF is_move THEN
        UPDATE appointments_appointment SET move_hold_id = hold_id, move_until = expires WHERE id = ANY (replaced);
    ELSE
        PERFORM take_permits(p_scopes, hold_id, cardinality(seats), expires, p_now, is_family);
    END IF;
    IF is_family THEN
        INSERT INTO appointments_capoverride (kind, account_id, cap, reason, created_at, until, hold_id, shown_name)
        VALUES ('family', account, 8, 'a family with minors, in one go', p_now, expires, hold_id, '');
    END IF;
    UPDATE consulates_seat SET holder = hold_id, until = rest_of_hold(r ->> 'origin', expires) WHERE id = ANY (seats);
    PERFORM log_event('held', hold_id, account, r ->> 'channel', jsonb_build_object(
        'slots', wanted_slots, 'seats', seats, 'procedure', wanted_procedure, 'replaces', replaced,
        'origin', r ->> 'origin', 'visible_at', seen_since) || by_whom(r), p_now);
    PERFORM log_trace(r, hold_id, p_now);
    RETURN jsonb_build_object(
        'code', 'ok', 'hold', hold_id, 'expires_at', expires, 'extended', was_extended OR keeps_length);
END
$$;

-- {"hold", "expires_at"}: once, and only while it lasts.
CREATE OR REPLACE FUNCTION claim_extend(r jsonb, p_now timestamptz) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    h appointments_hold;
    expires timestamptz := r ->> 'expires_at';
BEGIN
    SELECT * INTO h FROM appointments_hold WHERE id = (r ->> 'hold')::uuid AND account_id = (r ->> 'account')::bigint;
    IF NOT FOUND THEN RETURN refusal('unknown_hold'); END IF;
    IF NOT hold_stands(h, p_now) THEN RETURN refusal('hold_expired'); END IF;
    IF h.extended THEN RETURN refusal('already_extended'); END IF;
    UPDATE appointments_hold SET extended = true, expires_at = expires WHERE id = h.id;
    UPDATE consulates_seat SET until = rest_after_hold(expires) WHERE id = ANY (h.seat_ids) AND holder = h.id;
    UPDATE appointments_permit SET until = expires
    WHERE scope_id = ANY (h.scope_ids) AND holder = h.id AND until > p_now;
    UPDATE appointments_appointment SET move_until = expires WHERE id = ANY (h.replaces) AND move_hold_id = h.id;
    RETURN jsonb_build_object('code', 'ok', 'hold', h.id, 'expires_at', expires);
END
$$;

-- {"hold"}: the booker leaves it.
CREATE OR REPLACE FUNCTION claim_release(r jsonb, p_now timestamptz) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    h appointments_hold;
BEGIN
    SELECT * INTO h FROM appointments_hold WHERE id = (r ->> 'hold')::uuid AND account_id = (r ->> 'account')::bigint;
    IF NOT FOUND THEN RETURN refusal('unknown_hold'); END IF;
    IF h.closed_at IS NULL AND h.expires_at > p_now THEN
        PERFORM end_hold(h, 'released', p_now);
        PERFORM log_event('released', h.id, h.account_id, r ->> 'channel',
                          jsonb_build_object('seats', h.seat_ids, 'replaces', h.replaces) || by_whom(r), p_now);
    END IF;
    RETURN jsonb_build_object('code', 'ok', 'hold', h.id);
END
$$;

-- {"hold", "people": [{"applicant", "attendees": [{...}]}], "call_reference"}: the hold becomes appointments, or moves them.
-- The first attendee of each is the person who pays with their place: "applicant" names one whom the account has saved.
CREATE OR REPLACE FUNCTION claim_confirm(r jsonb, p_scopes bigint[], p_paid bigint[], p_now timestamptz) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    h appointments_hold;
    session consulates_session;
    refused jsonb;
    done jsonb;
BEGIN
    SELECT * INTO h FROM appointments_hold WHERE id = (r ->> 'hold')::uuid AND account_id = (r ->> 'account')::bigint;
    IF NOT FOUND THEN RETURN refusal('unknown_hold'); END IF;
    IF h.outcome = 'confirmed' THEN  -- a second tap: the same answer, nothing done twice
        RETURN jsonb_build_object('code', 'ok', 'hold', h.id, 'appointments', CASE
            WHEN h.replaces <> '{}' THEN to_jsonb(h.replaces)
            ELSE (SELECT jsonb_agg(id ORDER BY id) FROM appointments_appointment WHERE party_id = h.id) END);
    END IF;
    IF NOT hold_stands(h, p_now) THEN RETURN refusal('hold_expired'); END IF;

    SELECT j.* INTO session FROM consulates_session j JOIN consulates_slot s ON s.session_id = j.id WHERE s.id = h.slot_ids[1];
    -- Its seats are locked since `hold_stands`: whoever closes them waits for this transaction or was seen by it.
    IF session.status <> 'published' OR EXISTS (
        SELECT FROM consulates_slot WHERE id = ANY (h.slot_ids) AND closed_at IS NOT NULL) OR EXISTS (
        SELECT FROM consulates_seat WHERE id = ANY (h.seat_ids) AND withdrawn_at IS NOT NULL)
    THEN RETURN refusal('closed'); END IF;
    IF procedure_suspended(session, h.procedure_id) THEN RETURN refusal('not_offered'); END IF;
    IF EXISTS (SELECT FROM consulates_slot WHERE id = ANY (h.slot_ids) AND starts_at <= p_now)
    THEN RETURN refusal('started'); END IF;
    -- Whoever gives seats that are not the public's signs for it (appointments_grant).
    IF EXISTS (SELECT FROM consulates_seat WHERE id = ANY (h.seat_ids) AND pool IN ('staff', 'emergency'))
       AND NOT EXISTS (SELECT FROM appointments_grant WHERE hold_id = h.id AND seats = cardinality(h.seat_ids))
    THEN RETURN refusal('not_granted'); END IF;
    IF h.origin = 'waiting' AND NOT are_those_who_waited(h.id, r -> 'people') THEN RETURN refusal('other_people'); END IF;
    refused := coalesce(marks_refused(r -> 'marks', p_now), permits_refused(p_paid, 0, NULL, p_now));
    IF refused IS NOT NULL THEN RETURN refused; END IF;

    done := CASE WHEN h.replaces = '{}' THEN confirm_booking(r, h, session, p_scopes, p_now)
                 ELSE confirm_move(r, h, session, p_now) END;
    IF done ->> 'code' = 'ok' AND r ->> 'agent' IS NULL THEN  -- what a caller typed on the web stays theirs
        DELETE FROM appointments_bookingdraft WHERE account_id = h.account_id;
    END IF;
    RETURN done;
END
$$;

-- Everybody who attends, as columns: "place" is the seat, "position" 1 its principal.
CREATE OR REPLACE FUNCTION attending(p_people jsonb)
RETURNS TABLE (
    place bigint, "position" bigint, applicant bigint, given_names text, surname_1 text, surname_2 text, birth_date text,
    curp text, curp_hash bytea, identity_hash bytea, is_minor boolean, guardian_name text, wheelchair boolean,
    sign_language boolean, interpreter text, priority boolean
)
LANGUAGE sql STABLE AS $$
    SELECT person.place, attendee.position, (person.it ->> 'applicant')::bigint, attendee.it ->> 'given_names',
           attendee.it ->> 'surname_1', attendee.it ->> 'surname_2', attendee.it ->> 'birth_date', attendee.it ->> 'curp',
           decode(attendee.it ->> 'curp_hash', 'hex'), decode(attendee.it ->> 'identity_hash', 'hex'),
           (attendee.it ->> 'is_minor')::boolean, attendee.it ->> 'guardian_name', (attendee.it ->> 'wheelchair')::boolean,
           (attendee.it ->> 'sign_language')::boolean, attendee.it ->> 'interpreter',
           coalesce((attendee.it ->> 'priority')::boolean, false)
    FROM jsonb_array_elements(p_people) WITH ORDINALITY AS person (it, place),
         jsonb_array_elements(person.it -> 'attendees') WITH ORDINALITY AS attendee (it, position)
$$;

-- The rows that the account has of a party's principals, in the order of the seats: of who is typed again the same one,
-- else the one that is named and corrected; NULL for somebody new. Naming a stranger's is a bug.
CREATE OR REPLACE FUNCTION saved_people(p_account bigint, p_people jsonb) RETURNS bigint[]
LANGUAGE plpgsql STABLE AS $$
DECLARE
    known bigint[];
    named bigint[];
BEGIN
    SELECT array_agg(coalesce(same.id, corrected.id) ORDER BY place), array_agg(applicant ORDER BY place)
    INTO known, named
    FROM attending(p_people) AS typed
    LEFT JOIN appointments_applicant same
      ON same.account_id = p_account AND same.identity_hash = typed.identity_hash AND same.removed_at IS NULL
    LEFT JOIN appointments_applicant corrected
      ON corrected.id = typed.applicant AND corrected.account_id = p_account AND corrected.removed_at IS NULL
    WHERE position = 1;
    IF EXISTS (SELECT FROM unnest(known, named) AS pairs (id, name) WHERE id IS NULL AND name IS NOT NULL) THEN
        RAISE EXCEPTION 'a person who is not of account %', p_account;
    END IF;
    RETURN known;
END
$$;

-- Keeps or corrects a party's principals; p_known is what saved_people said of them. Their ids in the order of the seats.
-- The account's scope is locked: its other confirmations wait, whatever the order in which they name a family.
CREATE OR REPLACE FUNCTION save_people(p_account bigint, p_people jsonb, p_known bigint[], p_now timestamptz)
RETURNS bigint[]
LANGUAGE plpgsql AS $$
DECLARE
    ids bigint[];
BEGIN
    UPDATE appointments_applicant mine SET identity_hash = typed.identity_hash
    FROM attending(p_people) AS typed
    WHERE typed.position = 1 AND mine.id = p_known[typed.place] AND mine.identity_hash <> typed.identity_hash;
    WITH typed AS MATERIALIZED (SELECT * FROM attending(p_people) WHERE position = 1), saved AS (
        INSERT INTO appointments_applicant AS mine (
            account_id, created_at, given_names, surname_1, surname_2, birth_date, curp, curp_hash, identity_hash,
            is_minor, guardian_name, wheelchair, sign_language, interpreter, priority)
        SELECT p_account, p_now, given_names, surname_1, surname_2, birth_date, curp, curp_hash, identity_hash,
               is_minor, guardian_name, wheelchair, sign_language, interpreter, priority
        FROM typed
        ON CONFLICT (account_id, identity_hash) WHERE removed_at IS NULL DO UPDATE
            SET given_names = excluded.given_names, surname_1 = excluded.surname_1, surname_2 = excluded.surname_2,
                birth_date = excluded.birth_date, curp = excluded.curp, curp_hash = excluded.curp_hash,
                is_minor = excluded.is_minor, guardian_name = excluded.guardian_name,
                wheelchair = excluded.wheelchair, sign_language = excluded.sign_language,
                interpreter = excluded.interpreter, priority = excluded.priority
        RETURNING mine.id, mine.identity_hash
    )
    SELECT array_agg(saved.id ORDER BY typed.place) INTO ids FROM typed JOIN saved USING (identity_hash);
    RETURN ids;
END
$$;

CREATE OR REPLACE FUNCTION confirm_booking(
    r jsonb, h appointments_hold, session consulates_session, p_scopes bigint[], p_now timestamptz
) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    n int := cardinality(h.seat_ids);
    people jsonb := r -> 'people';
    applicants bigint[] := saved_people(h.account_id, people);
    -- A phone verified between the hold and now is a scope that the hold has not paid in.
    added bigint[] := ARRAY(SELECT unnest(p_scopes) EXCEPT SELECT unnest(h.scope_ids));
    scopes bigint[] := h.scope_ids || added;
    family text := (SELECT "group" FROM consulates_procedure WHERE id = h.procedure_id);
    ids uuid[] := ARRAY(SELECT uuidv7() FROM generate_series(1, n));
    refs text[] := ARRAY(SELECT new_reference() FROM generate_series(1, n));
    clash bigint;
    placed int;
    refused jsonb;
BEGIN
    IF jsonb_array_length(people) <> n THEN RETURN refusal('people_missing'); END IF;
    IF n > (SELECT count(DISTINCT p) + count(*) FILTER (WHERE p IS NULL) FROM unnest(applicants) AS p)
       OR n > (SELECT count(DISTINCT identity_hash) FROM attending(people) WHERE position = 1)
    THEN RETURN refusal('applicant_twice'); END IF;
    SELECT applicant_id INTO clash FROM appointments_applicantclaim
    WHERE applicant_id = ANY (applicants) AND procedure_group = family AND until > p_now LIMIT 1;
    IF FOUND THEN RETURN jsonb_build_object('code', 'applicant_booked', 'applicant', clash); END IF;
    refused := permits_refused(added, n, NULL, p_now, is_family(h.origin, n));
    IF refused IS NOT NULL THEN RETURN refused; END IF;

    applicants := save_people(h.account_id, people, applicants, p_now);
    PERFORM take_permits(added, h.id, n, h.expires_at, p_now, is_family(h.origin, n));
    IF hand_over_permits(scopes, h.id, ids, session.ends_at, p_now) <> n * cardinality(scopes) THEN
        RAISE EXCEPTION 'hold % has lost permits', h.id;
    END IF;
    INSERT INTO appointments_applicantclaim AS mine (applicant_id, procedure_group, holder, until)
    SELECT person.id, family, ids[place], session.ends_at
    FROM unnest(applicants) WITH ORDINALITY AS pairs (applicant, place)
    JOIN appointments_applicant person ON person.id = applicant AND person.account_id = h.account_id
    ON CONFLICT (applicant_id, procedure_group) DO UPDATE SET holder = excluded.holder, until = excluded.until
        WHERE mine.until <= p_now;
    GET DIAGNOSTICS placed = ROW_COUNT;
    IF placed <> n THEN RAISE EXCEPTION 'placed % people of %', placed, n; END IF;  -- a stranger's person: a bug
    INSERT INTO appointments_appointment (
        id, reference, account_id, party_id, applicant_id, procedure_id, procedure_group, consulate_id, session_id, slot_id,
        seat_id, scope_ids, status, channel, agent_id, call_reference, created_at, starts_at, until, times_moved)
    SELECT ids[place], refs[place], h.account_id, h.id, applicants[place], h.procedure_id, family, s.consulate_id,
           s.session_id, s.id, h.seat_ids[place], scopes, 'booked', r ->> 'channel', (r ->> 'agent')::bigint,
           coalesce(r ->> 'call_reference', ''), p_now, s.starts_at, session.ends_at, 0
    FROM generate_series(1, n) AS place JOIN consulates_slot s ON s.id = h.slot_ids[place];
    INSERT INTO appointments_attendee (
        appointment_id, position, given_names, surname_1, surname_2, birth_date, curp, curp_hash, identity_hash,
        is_minor, guardian_name, wheelchair, sign_language, interpreter, priority)
    SELECT ids[place], position, given_names, surname_1, surname_2, birth_date, curp, curp_hash, identity_hash,
           is_minor, guardian_name, wheelchair, sign_language, interpreter, priority
    FROM attending(people);
    UPDATE consulates_seat seat SET holder = ids[place], until = session.ends_at
    FROM generate_series(1, n) AS place WHERE seat.id = h.seat_ids[place];
    UPDATE appointments_hold SET closed_at = p_now, outcome = 'confirmed' WHERE id = h.id;
    IF is_family(h.origin, n) THEN
        UPDATE appointments_capoverride SET until = session.ends_at WHERE hold_id = h.id;
    END IF;
    INSERT INTO appointments_event (at, kind, subject, account_id, channel, detail)
    SELECT p_now, 'booked', ids[place], h.account_id, r ->> 'channel',
           jsonb_build_object('hold', h.id, 'slot', h.slot_ids[place], 'seat', h.seat_ids[place], 'place', place)
               || by_whom(r)
    FROM generate_series(1, n) AS place;
    PERFORM log_trace(r, h.id, p_now);
    PERFORM publish('appointment.booked', jsonb_build_object('party', h.id, 'appointments', ids), p_now);
    RETURN jsonb_build_object('code', 'ok', 'hold', h.id, 'appointments', ids, 'references', refs);
END
$$;

-- In place: the new seat is taken, the row re-pointed, the old seat freed. Permits and the person's place stay on the row.
CREATE OR REPLACE FUNCTION confirm_move(r jsonb, h appointments_hold, session consulates_session, p_now timestamptz)
RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    a appointments_appointment;
    new_slot consulates_slot;
BEGIN
    IF cardinality(h.replaces) <> (
        SELECT count(*) FROM appointments_appointment
        WHERE id = ANY (h.replaces) AND move_hold_id = h.id AND can_change(status, starts_at, until, p_now))
    THEN RETURN refusal('not_movable'); END IF;
    FOR place IN 1..cardinality(h.replaces) LOOP
        SELECT * INTO a FROM appointments_appointment WHERE id = h.replaces[place];
        SELECT * INTO new_slot FROM consulates_slot WHERE id = h.slot_ids[place];
        UPDATE appointments_appointment
        SET consulate_id = new_slot.consulate_id, session_id = new_slot.session_id, slot_id = new_slot.id,
            seat_id = h.seat_ids[place], starts_at = new_slot.starts_at, until = session.ends_at, status = 'booked',
            move_hold_id = NULL, move_until = NULL, times_moved = times_moved + 1
        WHERE id = a.id;
        PERFORM free_booked_seat(a, p_now);
        UPDATE consulates_seat SET holder = a.id, until = session.ends_at WHERE id = h.seat_ids[place];
        PERFORM hand_over_permits(a.scope_ids, a.id, ARRAY[a.id], session.ends_at, p_now);
        UPDATE appointments_applicantclaim SET until = session.ends_at WHERE applicant_id = a.applicant_id AND holder = a.id;
        IF a.status = 'orphaned' THEN
            PERFORM end_orphan(a.id, CASE h.origin WHEN 'closure' THEN 'accepted' ELSE 'moved' END,
                               (r ->> 'agent')::bigint, p_now);
        END IF;
        PERFORM log_event('moved', a.id, a.account_id, r ->> 'channel', jsonb_build_object(
            'from_slot', a.slot_id, 'from_seat', a.seat_id, 'slot', new_slot.id, 'seat', h.seat_ids[place]) || by_whom(r), p_now);
    END LOOP;
    UPDATE appointments_hold SET closed_at = p_now, outcome = 'confirmed' WHERE id = h.id;
    PERFORM publish('appointment.moved', jsonb_build_object('party', h.id, 'appointments', h.replaces), p_now);
    RETURN jsonb_build_object('code', 'ok', 'hold', h.id, 'appointments', h.replaces);
END
$$;

-- {"appointments": [id], "by"}: all of them or none.
CREATE OR REPLACE FUNCTION claim_cancel(r jsonb, p_now timestamptz) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    ids uuid[] := ARRAY(SELECT DISTINCT jsonb_array_elements_text(r -> 'appointments')::uuid);
    changed uuid[] := ARRAY(SELECT id FROM appointments_appointment WHERE id = ANY (ids) AND status <> 'cancelled');
    a appointments_appointment;
    h appointments_hold;
BEGIN
    IF cardinality(ids) <> (SELECT count(*) FROM appointments_appointment
                            WHERE id = ANY (ids) AND account_id = (r ->> 'account')::bigint)
    THEN RETURN refusal('unknown_appointment'); END IF;
    IF EXISTS (SELECT FROM appointments_appointment
               WHERE id = ANY (changed) AND NOT can_change(status, starts_at, until, p_now))
    THEN RETURN refusal('not_cancellable'); END IF;
    IF changed = '{}' THEN RETURN jsonb_build_object('code', 'ok', 'appointments', ids); END IF;  -- a second tap

    FOR a IN SELECT * FROM appointments_appointment WHERE id = ANY (changed) LOOP
        SELECT * INTO h FROM appointments_hold WHERE id = a.move_hold_id AND closed_at IS NULL;
        IF FOUND THEN PERFORM end_hold(h, 'released', p_now); END IF;
        UPDATE appointments_appointment
        SET status = 'cancelled', cancelled_at = p_now, cancelled_by = r ->> 'by', move_hold_id = NULL, move_until = NULL
        WHERE id = a.id;
        PERFORM free_booked_seat(a, p_now);
        PERFORM end_permits(a.scope_ids, ARRAY[a.id], p_now);
        UPDATE appointments_applicantclaim SET until = p_now WHERE applicant_id = a.applicant_id AND holder = a.id AND until > p_now;
        IF a.status = 'orphaned' THEN PERFORM end_orphan(a.id, 'cancelled', (r ->> 'agent')::bigint, p_now); END IF;
        PERFORM log_event('cancelled', a.id, a.account_id, r ->> 'channel',
                          jsonb_build_object('slot', a.slot_id, 'seat', a.seat_id, 'by', r ->> 'by') || by_whom(r), p_now);
    END LOOP;
    PERFORM publish('appointment.cancelled', jsonb_build_object('appointments', changed), p_now);
    RETURN jsonb_build_object('code', 'ok', 'appointments', ids);
END
$$;
