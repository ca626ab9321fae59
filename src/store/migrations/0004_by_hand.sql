-- What people do to a store: finding, deciding, forgetting.

-- 1: its bytes were dropped, by age or on request; it cannot be planned again.
ALTER TABLE events ADD COLUMN emptied INTEGER NOT NULL DEFAULT 0 CHECK (emptied IN (0, 1));
-- The repeats of an event, for who looks for its key.
CREATE INDEX events_twins ON events (duplicate_of) WHERE duplicate_of IS NOT NULL;

-- 1: a person says that an unknown outcome of it did not arrive.
ALTER TABLE deliveries ADD COLUMN did_not_arrive INTEGER NOT NULL DEFAULT 0
    CHECK (did_not_arrive IN (0, 1));
CREATE INDEX deliveries_contact ON deliveries (contact);
CREATE INDEX deliveries_business_key ON deliveries (business_key) WHERE business_key IS NOT NULL;

-- How far in order of arrival bodies were dropped, and the events before it that
-- were not finished at the time. So no step looks at what was dropped before, and
-- no index is kept for it while events come in.
CREATE TABLE emptied_to (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    seq  INTEGER NOT NULL
) STRICT;
INSERT INTO emptied_to (only, seq) VALUES (1, 0);
CREATE TABLE passed_over (
    seq INTEGER PRIMARY KEY            -- an event's
) STRICT;
