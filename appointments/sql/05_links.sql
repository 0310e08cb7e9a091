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
    PERFORM adopt_freed_seats(owner_scope, own, p_now);
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

-- A reviewer found that the accounts of p_requests are one actor: they share one group scope, the oldest that one of them
-- is in, else a new one under p_key. All scopes of all of them are locked at once, accounts first, each kind in order, so
-- that a claim of any of them comes before or after. What they hold is brought in above the cap.
CREATE OR REPLACE FUNCTION link_accounts(p_requests jsonb, p_key bytea, p_cap int, p_now timestamptz, OUT target bigint, OUT brought int)
LANGUAGE plpgsql AS $$
DECLARE
    members bigint[];
    r jsonb;
BEGIN
    PERFORM lock_scopes(p_requests);
    members := account_scopes(p_requests);
    target := (SELECT min(group_id) FROM appointments_scope WHERE id = ANY (members));
    IF target IS NULL THEN
        INSERT INTO appointments_scope (kind, key, cap) VALUES (6, p_key, p_cap) RETURNING id INTO target;
    ELSE
        UPDATE appointments_scope SET cap = p_cap WHERE id = target;
    END IF;
    UPDATE appointments_scope SET group_id = target WHERE id = ANY (members) AND group_id IS DISTINCT FROM target;
    brought := 0;
    FOR r IN SELECT jsonb_array_elements(p_requests) LOOP
        brought := brought + adopt_scopes(r, p_now);
    END LOOP;
END
$$;

-- The group is over: nobody pays in it any more. Run again it changes nothing.
CREATE OR REPLACE FUNCTION unlink_accounts(p_requests jsonb, p_group bigint, p_now timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    holders uuid[];
BEGIN
    PERFORM lock_scopes(p_requests);
    UPDATE appointments_scope SET group_id = NULL WHERE id = ANY (account_scopes(p_requests)) AND group_id = p_group;
    holders := ARRAY(SELECT DISTINCT holder FROM appointments_permit WHERE scope_id = p_group AND until > p_now);
    PERFORM FROM appointments_hold WHERE id = ANY (holders) ORDER BY id FOR UPDATE;
    PERFORM FROM appointments_appointment WHERE id = ANY (holders) ORDER BY id FOR UPDATE;
    UPDATE appointments_hold SET scope_ids = array_remove(scope_ids, p_group) WHERE id = ANY (holders);
    UPDATE appointments_appointment SET scope_ids = array_remove(scope_ids, p_group) WHERE id = ANY (holders);
    UPDATE appointments_permit SET until = p_now WHERE scope_id = p_group AND until > p_now;
END
$$;

CREATE OR REPLACE FUNCTION account_scopes(p_requests jsonb) RETURNS bigint[]
LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(s.id), '{}') FROM appointments_scope s
    WHERE s.kind = 1 AND s.key IN (
        SELECT decode(named ->> 1, 'hex') FROM jsonb_array_elements(p_requests) AS r, jsonb_array_elements(r -> 'scopes') AS named
        WHERE named ->> 0 = '1')
$$;
