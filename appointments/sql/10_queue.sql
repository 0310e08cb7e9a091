-- Joining the queue of a release: one statement of the page, one row. Called once for each ticket, outside the claim.

-- 'joined' with the new ticket; 'known' when the account has one already (one that it left counts again); 'taken' when
-- another account of the same mailbox or phone has one; 'blocked'; 'unpromised' when the office has not committed itself
-- yet, which comes before the first ticket; or 'closed' when nobody can join now.
-- p_request: {"account", "scopes", "marks"} as in the claim.
CREATE OR REPLACE FUNCTION join_queue(
    p_release bigint, p_request jsonb, p_code text, p_email bytea, p_phone bytea, p_channel text, p_remind boolean,
    p_now timestamptz
) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    booker CONSTANT bigint := (p_request ->> 'account')::bigint;
BEGIN
    IF marks_refused(p_request -> 'marks', p_now) IS NOT NULL
       OR permits_refused(scopes_of(p_request), 0, NULL, p_now) IS NOT NULL THEN
        RETURN 'blocked';
    END IF;
    INSERT INTO appointments_queueticket
        (release_id, account_id, code, email_key, phone_key, channel, joined_at, remind, done)
    SELECT r.id, booker, p_code, p_email, p_phone, p_channel, p_now, p_remind, ''
    FROM consulates_release r
    WHERE r.id = p_release AND r.mode = 'queue' AND r.state = 'announced'
      AND r.joins_from <= p_now AND r.opens_to_all_at > p_now
      AND EXISTS (SELECT FROM appointments_drawing d WHERE d.release_id = r.id)
    ON CONFLICT DO NOTHING;
    IF FOUND THEN RETURN 'joined'; END IF;
    -- Whoever was in the way has committed by now.
    UPDATE appointments_queueticket SET done = '', done_at = NULL
    WHERE release_id = p_release AND account_id = booker AND done = 'left';
    IF EXISTS (SELECT FROM appointments_queueticket WHERE release_id = p_release AND account_id = booker) THEN
        RETURN 'known';
    ELSIF EXISTS (SELECT FROM appointments_queueticket
                  WHERE release_id = p_release AND (email_key = p_email OR phone_key = p_phone)) THEN
        RETURN 'taken';
    ELSIF NOT EXISTS (SELECT FROM appointments_drawing WHERE release_id = p_release) THEN
        RETURN 'unpromised';
    END IF;
    RETURN 'closed';
END
$$;
