-- After an account gained a scope (a verified phone, a new mailbox, a group that a reviewer linked): what the account has
-- in use counts there too from now on, on ordinals of its own above 15, so that nothing new fits until it ends.
-- p_request is what the claim gets, without a verb: {"account", "scopes"}. Locks like the claim. Returns how many permits
-- were brought in; run again it brings none.
CREATE OR REPLACE FUNCTION adopt_scopes(p_request jsonb, p_now timestamptz) RETURNS int
LANGUAGE plpgsql AS $$
DECLARE
    own bigint[];
    owner_scope bigint;
    gained bigint;
    holders uuid[];
    brought int;
    total int := 0;
BEGIN
    own := ARRAY(SELECT jsonb_array_elements_text(lock_scopes(jsonb_build_array(p_request)) -> 0 -> 'own')::bigint);
    SELECT id INTO STRICT owner_scope FROM appointments_scope WHERE id = ANY (own) AND kind = 1;
    FOREACH gained IN ARRAY own LOOP
        holders := ARRAY(
            SELECT DISTINCT holder FROM appointments_permit mine
            WHERE scope_id = owner_scope AND until > p_now
              AND NOT EXISTS (SELECT FROM appointments_permit there
                              WHERE there.scope_id = gained AND there.holder = mine.holder AND there.until > p_now));
        CONTINUE WHEN holders = '{}';
        PERFORM FROM appointments_hold WHERE id = ANY (holders) ORDER BY id FOR UPDATE;
        PERFORM FROM appointments_appointment WHERE id = ANY (holders) ORDER BY id FOR UPDATE;
        DELETE FROM appointments_permit WHERE scope_id = gained AND grandfathered AND until <= p_now;
        INSERT INTO appointments_permit (scope_id, ordinal, holder, until, grandfathered)
        SELECT gained,
               (SELECT coalesce(max(ordinal), 15) FROM appointments_permit WHERE scope_id = gained AND grandfathered)
               + row_number() OVER (ORDER BY ordinal), holder, until, true
        FROM appointments_permit
        WHERE scope_id = owner_scope AND until > p_now AND holder = ANY (holders);
        GET DIAGNOSTICS brought = ROW_COUNT;
        UPDATE appointments_hold SET scope_ids = scope_ids || gained WHERE id = ANY (holders);
        UPDATE appointments_appointment SET scope_ids = scope_ids || gained WHERE id = ANY (holders);
        total := total + brought;
    END LOOP;
    RETURN total;
END
$$;
