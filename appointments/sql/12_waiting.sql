-- Seats that were offered to somebody on the waiting list are for the people who wait, and for nobody else. docs/adr/0029.

-- Whether `people` of a confirmation are those of the entry to which the hold was offered, one for each seat.
CREATE OR REPLACE FUNCTION are_those_who_waited(p_hold uuid, p_people jsonb) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        (SELECT array_agg(encode(waiting.identity_hash, 'hex') ORDER BY waiting.identity_hash)
         FROM appointments_waitingoffer offer JOIN appointments_waitingperson waiting ON waiting.entry_id = offer.entry_id
         WHERE offer.hold_id = p_hold)
        = (SELECT array_agg(attendee ->> 'identity_hash' ORDER BY decode(attendee ->> 'identity_hash', 'hex'))
           FROM jsonb_array_elements(p_people) AS person, jsonb_array_elements(person -> 'attendees') AS attendee),
        false)
$$;
