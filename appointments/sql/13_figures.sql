-- The facts behind the public figures: a frozen month refuses every change, and so does a look at the waiting time.

-- Taken shared by whoever writes facts and alone by whoever freezes: nothing is written while a month is being frozen.
CREATE OR REPLACE FUNCTION figures_lock() RETURNS bigint LANGUAGE sql IMMUTABLE AS $$ SELECT 7202113::bigint $$;

CREATE OR REPLACE FUNCTION refuse_frozen(p_days date[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(figures_lock());
    IF EXISTS (SELECT FROM unnest(p_days) AS day
               JOIN appointments_frozenmonth frozen ON frozen.month = date_trunc('month', day)::date)
    THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'facts_of_a_frozen_month',
            MESSAGE = 'the figures of this month are frozen';
    END IF;
END
$$;

-- Once for each statement. An update looks at both sets of rows: a day can neither leave a frozen month nor enter it.
CREATE OR REPLACE FUNCTION keep_frozen_new() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refuse_frozen(ARRAY(SELECT DISTINCT day FROM new_rows));
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION keep_frozen_old() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refuse_frozen(ARRAY(SELECT DISTINCT day FROM old_rows));
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION keep_for_ever() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'figures_are_for_ever',
        MESSAGE = format('rows of %s are never changed', TG_TABLE_NAME);
END
$$;

CREATE OR REPLACE FUNCTION freeze_alone() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(figures_lock());
    RETURN NULL;
END
$$;

DO $$
DECLARE
    facts text;
BEGIN
    FOREACH facts IN ARRAY ARRAY['supplyfact', 'offerfact', 'usefact', 'waitfact'] LOOP
        EXECUTE format(
            'CREATE OR REPLACE TRIGGER frozen_insert AFTER INSERT ON appointments_%s
             REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION keep_frozen_new()', facts);
        EXECUTE format(
            'CREATE OR REPLACE TRIGGER frozen_update_to AFTER UPDATE ON appointments_%s
             REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION keep_frozen_new()', facts);
        EXECUTE format(
            'CREATE OR REPLACE TRIGGER frozen_update_from AFTER UPDATE ON appointments_%s
             REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION keep_frozen_old()', facts);
        EXECUTE format(
            'CREATE OR REPLACE TRIGGER frozen_delete AFTER DELETE ON appointments_%s
             REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION keep_frozen_old()', facts);
        EXECUTE format(
            'CREATE OR REPLACE TRIGGER frozen_truncate BEFORE TRUNCATE ON appointments_%s
             FOR EACH STATEMENT EXECUTE FUNCTION keep_for_ever()', facts);
    END LOOP;
END
$$;

CREATE OR REPLACE TRIGGER looked_once BEFORE UPDATE OR DELETE ON appointments_waitfact
FOR EACH ROW EXECUTE FUNCTION keep_for_ever();

CREATE OR REPLACE TRIGGER frozen_for_ever BEFORE UPDATE OR DELETE OR TRUNCATE ON appointments_frozenmonth
FOR EACH STATEMENT EXECUTE FUNCTION keep_for_ever();

CREATE OR REPLACE TRIGGER freeze_alone BEFORE INSERT ON appointments_frozenmonth
FOR EACH STATEMENT EXECUTE FUNCTION freeze_alone();
