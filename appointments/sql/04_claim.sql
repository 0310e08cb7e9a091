-- The one door to seats and permits. Takes an array of requests and returns one row for each, in the order given:
-- {"code": "ok", ...} or a refusal. Locks, each kind sorted: accounts (shared), idempotency keys, marks (shared), scopes (kind, key), holds and appointments
-- (id); seats are picked with SKIP LOCKED and so never waited for. The clock is p_now, taken once at the edge.
-- It looks before it locks: a slot that is full or not open is refused without touching a scope.
--
-- A request: {"op": hold | extend | confirm | release | cancel, "account", "channel", "scopes": [[kind, key, cap], ...],
--             "marks": {"address": key, "domain": key},
--             "key", "body" (both null, or the idempotency key and its body's hash), ... the verb's own}

-- Its plans do not depend on the values, and without this setting several are made anew in every call (half its time).
CREATE OR REPLACE FUNCTION claim(p_requests jsonb, p_now timestamptz)
RETURNS TABLE (place int, answer jsonb)
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    requests jsonb := look(p_requests, p_now);
    r jsonb;
    known appointments_idempotency;
BEGIN
    PERFORM lock_accounts(requests);
    PERFORM lock_idempotency_keys(p_requests, p_now);
    PERFORM lock_marks(requests);
    requests := lock_scopes(requests);
    PERFORM lock_own_rows(requests);

    FOR i IN 1..jsonb_array_length(requests) LOOP
        place := i;
        r := requests -> (i - 1);
        known := NULL;
        IF r ->> 'key' IS NOT NULL THEN
            SELECT * INTO known FROM appointments_idempotency
            WHERE account_id = (r ->> 'account')::bigint AND operation = r ->> 'op' AND key = r ->> 'key';
        END IF;
        IF known.body_hash <> decode(r ->> 'body', 'hex') THEN
            answer := refusal('key_reused');
        ELSIF known.answer IS NOT NULL THEN
            answer := known.answer || '{"replayed": true}';
        ELSE
            answer := CASE WHEN r ->> 'refused' IS NULL THEN claim_one(r, p_now) ELSE refusal(r ->> 'refused') END;
            -- `busy` means "try again": it must not become the answer for ever.
            IF r ->> 'key' IS NOT NULL AND answer ->> 'code' <> 'busy' THEN
                UPDATE appointments_idempotency SET answer = claim.answer - 'references'
                WHERE account_id = (r ->> 'account')::bigint AND operation = r ->> 'op' AND key = r ->> 'key';
            ELSIF r ->> 'key' IS NOT NULL THEN
                DELETE FROM appointments_idempotency
                WHERE account_id = (r ->> 'account')::bigint AND operation = r ->> 'op' AND key = r ->> 'key';
            END IF;
        END IF;
        RETURN NEXT;
    END LOOP;
END
$$;

-- The requests, each hold that cannot be had marked with "refused" and why.
CREATE OR REPLACE FUNCTION look(p_requests jsonb, p_now timestamptz) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_agg(CASE WHEN refused IS NULL THEN r ELSE r || jsonb_build_object('refused', refused) END ORDER BY place)
    FROM jsonb_array_elements(p_requests) WITH ORDINALITY AS requests (r, place)
    CROSS JOIN LATERAL (
        SELECT coalesce(
            min(slot_barred(slot, (r ->> 'procedure')::bigint, r, p_now)),
            min('full') FILTER (WHERE n > count_free_seats(
                slot, '{}', ARRAY(SELECT jsonb_array_elements_text(r -> 'pools')), '{}', p_now)))
        FROM (SELECT (s ->> 'slot')::bigint, sum((s ->> 'seats')::int)
              FROM jsonb_array_elements(r -> 'slots') AS s GROUP BY 1) AS wishes (slot, n)
        -- A second tap on the same time finds the booker's own hold in the way, and a redress, an offer or a draw sees
        -- more seats; the locked path knows them.
        WHERE coalesce(r ->> 'instead_of', r ->> 'resting', r ->> 'allotted') IS NULL AND NOT EXISTS (SELECT FROM appointments_hold h
                          WHERE h.account_id = (r ->> 'account')::bigint AND h.closed_at IS NULL
                            AND h.expires_at > p_now AND slot = ANY (h.slot_ids))
    ) AS looked (refused)
$$;

CREATE OR REPLACE FUNCTION claim_one(r jsonb, p_now timestamptz) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    own bigint[] := ARRAY(SELECT jsonb_array_elements_text(r -> 'own')::bigint);
    paid bigint[] := ARRAY(SELECT jsonb_array_elements_text(r -> 'paid')::bigint);
BEGIN
    CASE r ->> 'op'
        WHEN 'hold' THEN RETURN claim_hold(r, own, paid, p_now);
        WHEN 'confirm' THEN RETURN claim_confirm(r, own, paid, p_now);
        WHEN 'extend' THEN RETURN claim_extend(r, p_now);
        WHEN 'release' THEN RETURN claim_release(r, p_now);
        WHEN 'cancel' THEN RETURN claim_cancel(r, p_now);
    END CASE;
END
$$;

-- Shared: an account that is being deleted waits for whoever is booking, as they wait for it. What they write points to it
-- and would lock it anyway, too late.
CREATE OR REPLACE FUNCTION lock_accounts(p_requests jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM accounts_user
    WHERE id IN (SELECT (r ->> 'account')::bigint FROM jsonb_array_elements(p_requests) AS r
                 WHERE r ->> 'refused' IS NULL AND r ->> 'op' IN ('hold', 'confirm'))
    ORDER BY id FOR KEY SHARE;
END
$$;

-- Whoever comes second with a key waits here until the first has committed, and then finds its answer.
CREATE OR REPLACE FUNCTION lock_idempotency_keys(p_requests jsonb, p_now timestamptz) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO appointments_idempotency AS mine (account_id, operation, key, body_hash, created_at)
    SELECT DISTINCT ON (account, op, key) account, op, key, decode(body, 'hex'), p_now
    FROM ROWS FROM (jsonb_to_recordset(p_requests) AS (account bigint, op text, key text, body text))
         WITH ORDINALITY AS r (account, op, key, body, place)
    WHERE key IS NOT NULL
    ORDER BY account, op, key, place
    ON CONFLICT (account_id, operation, key) DO UPDATE
        SET body_hash = excluded.body_hash, created_at = excluded.created_at, answer = NULL
        WHERE mine.created_at < p_now - interval '24 hours'
$$;

-- The booker's exact address and its domain, shared: bookers do not wait for each other, and a block of either waits for
-- whoever is booking, as they wait for it (appointments/services/blocking.py).
CREATE OR REPLACE FUNCTION lock_marks(p_requests jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(id) FROM (
        SELECT unnest(ARRAY[mark_lock(1, r -> 'marks' ->> 'address'), mark_lock(2, r -> 'marks' ->> 'domain')]) AS id
        FROM jsonb_array_elements(p_requests) AS r
        WHERE r ->> 'refused' IS NULL AND r ->> 'op' IN ('hold', 'confirm')
        ORDER BY id) AS marks;
END
$$;

-- The scopes that a request names itself: account, canonical e-mail, verified phone ..., and the group linked to the account.
CREATE OR REPLACE FUNCTION scopes_of(r jsonb) RETURNS bigint[]
LANGUAGE sql STABLE AS $$
    WITH own AS (
        SELECT s.id, s.group_id
        FROM jsonb_array_elements(r -> 'scopes') AS named
        JOIN appointments_scope s ON s.kind = (named ->> 0)::smallint AND s.key = decode(named ->> 1, 'hex')
    )
    SELECT coalesce(array_agg(id ORDER BY id), '{}')
    FROM (SELECT id FROM own UNION SELECT group_id FROM own WHERE group_id IS NOT NULL) AS all_of_them
$$;

-- The appointments that a request changes: named by it, or replaced by its hold. Only the account's own: naming a
-- stranger's locks nothing of theirs.
CREATE OR REPLACE FUNCTION appointments_of(r jsonb) RETURNS uuid[]
LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(id), '{}') FROM appointments_appointment
    WHERE account_id = (r ->> 'account')::bigint AND id IN (
        SELECT jsonb_array_elements_text(r -> 'appointments')::uuid
        UNION ALL SELECT jsonb_array_elements_text(r -> 'replaces')::uuid
        UNION ALL SELECT unnest(h.replaces) FROM appointments_hold h WHERE h.id = (r ->> 'hold')::uuid)
$$;

-- Those in which the hold and the appointments of the request have paid.
CREATE OR REPLACE FUNCTION paid_scopes(r jsonb) RETURNS bigint[]
LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(scope), '{}') FROM (
        SELECT unnest(h.scope_ids) FROM appointments_hold h
        WHERE h.id IN ((r ->> 'hold')::uuid, (r ->> 'supersedes')::uuid) AND h.account_id = (r ->> 'account')::bigint
        UNION SELECT unnest(a.scope_ids) FROM appointments_appointment a WHERE a.id = ANY (appointments_of(r))
    ) AS paid (scope)
$$;

-- Makes missing scope rows, then locks all that the batch touches: accounts first, then the others, always by (kind, key).
-- Returns the requests with the ids of "own" scopes, the booker's, and of "paid" ones, those and where its hold and
-- appointments have paid. Requests that are refused already lock nothing.
CREATE OR REPLACE FUNCTION lock_scopes(p_requests jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    resolved jsonb;
BEGIN
    INSERT INTO appointments_scope (kind, key, cap)
    SELECT DISTINCT ON (kind, key) kind, key, cap
    FROM (SELECT (s ->> 0)::smallint AS kind, decode(s ->> 1, 'hex') AS key, (s ->> 2)::smallint AS cap
          FROM jsonb_array_elements(p_requests) AS r, jsonb_array_elements(r -> 'scopes') AS s
          WHERE r ->> 'refused' IS NULL) AS named
    WHERE NOT EXISTS (SELECT FROM appointments_scope known WHERE known.kind = named.kind AND known.key = named.key)
    ORDER BY kind, key
    ON CONFLICT (kind, key) DO NOTHING;

    -- An account's row names its group and guards its holds and appointments: once it is locked, they stand still.
    PERFORM FROM appointments_scope
    WHERE kind = 1 AND key IN (
        SELECT decode(s ->> 1, 'hex') FROM jsonb_array_elements(p_requests) AS r, jsonb_array_elements(r -> 'scopes') AS s
        WHERE r ->> 'refused' IS NULL AND s ->> 0 = '1')
    ORDER BY kind, key FOR UPDATE;
    resolved := (
        SELECT jsonb_agg(CASE WHEN r ->> 'refused' IS NULL
                              THEN r || jsonb_build_object('own', to_jsonb(own), 'paid', to_jsonb(own || paid_scopes(r)))
                              ELSE r END ORDER BY place)
        FROM jsonb_array_elements(p_requests) WITH ORDINALITY AS requests (r, place), scopes_of(r) AS own);
    PERFORM FROM appointments_scope
    WHERE id IN (SELECT jsonb_array_elements_text(r -> 'paid')::bigint FROM jsonb_array_elements(resolved) AS r)
    ORDER BY kind, key FOR UPDATE;
    RETURN resolved;
END
$$;

CREATE OR REPLACE FUNCTION lock_own_rows(p_requests jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    -- The open moves of these appointments belong to the same account: its scope is locked already.
    PERFORM FROM appointments_hold
    WHERE id IN (SELECT h.id FROM jsonb_array_elements(p_requests) AS r JOIN appointments_hold h
                 ON h.id IN ((r ->> 'hold')::uuid, (r ->> 'supersedes')::uuid) AND h.account_id = (r ->> 'account')::bigint
                 WHERE r ->> 'refused' IS NULL)
    ORDER BY id FOR UPDATE;
    PERFORM FROM appointments_appointment
    WHERE id IN (SELECT unnest(appointments_of(r)) FROM jsonb_array_elements(p_requests) AS r
                 WHERE r ->> 'refused' IS NULL)
    ORDER BY id FOR UPDATE;
END
$$;
