-- A scope that an account gains later (a verified phone, a new mailbox, a group that a reviewer links): what the account
-- has in use counts there too from now on, on ordinals of its own above 15, so that nothing new fits until it ends.
-- Returns how many permits were brought in. Locks like the claim: scopes by (kind, key), then own rows by id.
CREATE OR REPLACE FUNCTION adopt_scope(p_account_key bytea, p_kind smallint, p_key bytea, p_cap smallint, p_now timestamptz)
RETURNS int
LANGUAGE plpgsql AS $$
DECLARE
    account_scope bigint;
    gained bigint;
    holders uuid[];
    brought int;
BEGIN
    SELECT id INTO account_scope FROM appointments_scope WHERE kind = 1 AND key = p_account_key FOR UPDATE;
    IF NOT FOUND THEN RETURN 0; END IF;  -- never booked: nothing to bring
    INSERT INTO appointments_scope (kind, key, cap) VALUES (p_kind, p_key, p_cap) ON CONFLICT (kind, key) DO NOTHING;
    SELECT id INTO gained FROM appointments_scope WHERE kind = p_kind AND key = p_key FOR UPDATE;

    holders := ARRAY(
        SELECT holder FROM appointments_permit mine
        WHERE scope_id = account_scope AND until > p_now
          AND NOT EXISTS (SELECT FROM appointments_permit there
                          WHERE there.scope_id = gained AND there.holder = mine.holder AND there.until > p_now));
    PERFORM FROM appointments_hold WHERE id = ANY (holders) ORDER BY id FOR UPDATE;
    PERFORM FROM appointments_appointment WHERE id = ANY (holders) ORDER BY id FOR UPDATE;
    DELETE FROM appointments_permit WHERE scope_id = gained AND grandfathered AND until <= p_now;
    INSERT INTO appointments_permit (scope_id, ordinal, holder, until, grandfathered)
    SELECT gained, (SELECT coalesce(max(ordinal), 15) FROM appointments_permit WHERE scope_id = gained AND grandfathered)
                   + row_number() OVER (ORDER BY ordinal), holder, until, true
    FROM appointments_permit
    WHERE scope_id = account_scope AND until > p_now AND holder = ANY (holders);
    GET DIAGNOSTICS brought = ROW_COUNT;
    UPDATE appointments_hold SET scope_ids = scope_ids || gained WHERE id = ANY (holders);
    UPDATE appointments_appointment SET scope_ids = scope_ids || gained WHERE id = ANY (holders);
    RETURN brought;
END
$$;
