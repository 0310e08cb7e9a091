-- What a draw has published stays as it was published: otherwise whoever serves the portal could choose the result.
CREATE OR REPLACE FUNCTION drawing_stays_as_published() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'A drawing is never deleted.' USING ERRCODE = 'check_violation', CONSTRAINT = 'drawing_is_kept';
    END IF;
    IF NEW.commitment <> OLD.commitment OR NEW.committed_at <> OLD.committed_at
       OR OLD.sealed_at IS NOT NULL AND (NEW.sealed_at, NEW.sealed_hash, NEW.beacon, NEW.round, NEW.channels)
          IS DISTINCT FROM (OLD.sealed_at, OLD.sealed_hash, OLD.beacon, OLD.round, OLD.channels)
       OR OLD.drawn_at IS NOT NULL AND (NEW.drawn_at, NEW.signature, NEW.randomness, NEW.seed)
          IS DISTINCT FROM (OLD.drawn_at, OLD.signature, OLD.randomness, OLD.seed)
    THEN
        RAISE EXCEPTION 'A drawing stays as it was published.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'drawing_stays_as_published';
    END IF;
    RETURN NEW;
END
$$;

CREATE OR REPLACE TRIGGER drawing_stays_as_published BEFORE UPDATE OR DELETE ON appointments_drawing
    FOR EACH ROW EXECUTE FUNCTION drawing_stays_as_published();
