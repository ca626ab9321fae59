-- What operating a gateway needs: policies, pauses by hand, retention, alerts.

-- The request that an event came in: what log lines call `request`.
ALTER TABLE events ADD COLUMN request TEXT;

ALTER TABLE deliveries ADD COLUMN source TEXT NOT NULL DEFAULT '';
UPDATE deliveries SET source = (SELECT source FROM events WHERE seq = deliveries.event);
-- In words, for people; the key that counts is its hash in `once_keys`.
ALTER TABLE deliveries ADD COLUMN business_key TEXT;
-- JSON: what its message says differently from its connection.
ALTER TABLE deliveries ADD COLUMN policy TEXT;
ALTER TABLE deliveries ADD COLUMN expires_at INTEGER;
-- Held, and those behind it in its lane wait until a person has decided.
ALTER TABLE deliveries ADD COLUMN keeps_lane INTEGER NOT NULL DEFAULT 0;

CREATE UNIQUE INDEX deliveries_lane_kept ON deliveries (connection, contact)
    WHERE state = 'held' AND keeps_lane = 1;
CREATE INDEX deliveries_expiry ON deliveries (expires_at)
    WHERE state = 'pending' AND expires_at IS NOT NULL;
-- By source too, so that a claim steps over one that is paused, however much of
-- it waits.
DROP INDEX deliveries_due;
CREATE INDEX deliveries_due ON deliveries (connection, source, due_at, seq)
    WHERE state = 'pending' AND first_in_lane = 1;
-- The inbox of each source by itself: one that is paused, or floods, does not
-- stand before the others.
DROP INDEX events_state;
CREATE INDEX events_state ON events (state, source);

-- What an operator or the gateway itself has stopped. `kind` is `connection`,
-- `source` or `everything`, whose name is empty.
CREATE TABLE paused (
    kind   TEXT    NOT NULL,
    name   TEXT    NOT NULL,
    reason TEXT    NOT NULL,
    since  INTEGER NOT NULL,
    -- 1: a person did it, and a restart does not undo it.
    by_hand INTEGER NOT NULL CHECK (by_hand IN (0, 1)),
    PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;
INSERT INTO paused (kind, name, reason, since, by_hand)
    SELECT 'connection', connection, reason, since, 0 FROM paused_connections;
DROP TABLE paused_connections;

-- Until when Talqui asked a connection to wait (`Retry-After`), across a restart.
CREATE TABLE slowed (
    connection TEXT    PRIMARY KEY,
    until      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- When the clock was last found to have been set back, and the newest rows then:
-- their times say nothing about the clock of today.
CREATE TABLE clock (
    only     INTEGER PRIMARY KEY CHECK (only = 1),
    at       INTEGER NOT NULL,
    events   INTEGER NOT NULL,
    attempts INTEGER NOT NULL
) STRICT;
INSERT INTO clock (only, at, events, attempts) VALUES (1, 0, 0, 0);

-- Senders' ids of events that are gone, as hashes: a late repeat stays a repeat.
CREATE TABLE event_keys (
    hash  BLOB    PRIMARY KEY CHECK (length(hash) = 32),
    event BLOB    NOT NULL,
    at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX event_keys_at ON event_keys (at);
CREATE INDEX once_keys_claimed ON once_keys (claimed_at);

-- Conditions that were told to the operator and have not ended.
CREATE TABLE alerts (
    condition TEXT    PRIMARY KEY,
    since     INTEGER NOT NULL,
    told_at   INTEGER
) STRICT, WITHOUT ROWID;
