-- Times are milliseconds since 1970, ids are the 16 bytes of a UUID, and `seq`
-- is the order of arrival, never given twice. State words are not listed in a
-- CHECK: a new word would mean copying the table, and reading refuses a word
-- that it does not know. Wide columns come last, so that reading the others
-- skips them.

CREATE TABLE events (
    seq             INTEGER PRIMARY KEY AUTOINCREMENT,
    id              BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    source          TEXT    NOT NULL,
    key             TEXT,             -- the sender's own id of the event
    kind            TEXT,
    state           TEXT    NOT NULL,
    received_at     INTEGER NOT NULL,
    planned_at      INTEGER,          -- when a mapping decided, whatever it decided
    mapping_version TEXT,
    reason          TEXT,             -- of `ignored`
    problems        TEXT,             -- of `unmapped`, JSON
    duplicate_of    BLOB,             -- an event's id; that event may be gone by now
    method          TEXT    NOT NULL,
    query           TEXT    NOT NULL,
    headers         TEXT    NOT NULL, -- JSON: [[name, value], ...]
    body            BLOB    NOT NULL,
    CHECK ((state = 'duplicate') = (duplicate_of IS NOT NULL))
) STRICT;

-- One event per sender's id. Its repeats are kept beside it, outside this index.
CREATE UNIQUE INDEX events_key ON events (source, key) WHERE key IS NOT NULL AND duplicate_of IS NULL;
-- The inbox in order of arrival, and the counts by state.
CREATE INDEX events_state ON events (state);

CREATE TABLE deliveries (
    seq             INTEGER PRIMARY KEY AUTOINCREMENT,
    id              BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    event           INTEGER NOT NULL REFERENCES events (seq),
    message         TEXT    NOT NULL,
    connection      TEXT    NOT NULL,
    contact         TEXT    NOT NULL,
    mapping_version TEXT    NOT NULL,
    state           TEXT    NOT NULL,
    first_in_lane   INTEGER NOT NULL CHECK (first_in_lane IN (0, 1)),
    attempts        INTEGER NOT NULL, -- as many as count; a paused connection's do not
    planned_at      INTEGER NOT NULL,
    due_at          INTEGER NOT NULL,
    lease_until     INTEGER,
    moved_at        INTEGER NOT NULL, -- the last change of state
    reason          TEXT,             -- of the last move
    twin_of         BLOB,             -- a delivery's id; that delivery may be gone by now
    body            TEXT    NOT NULL, -- JSON: the Session Start
    CHECK ((state = 'in_flight') = (lease_until IS NOT NULL)),
    CHECK (first_in_lane = 0 OR state IN ('pending', 'in_flight')),
    CHECK (first_in_lane = 1 OR state <> 'in_flight')
) STRICT;

CREATE INDEX deliveries_event ON deliveries (event);
CREATE INDEX deliveries_state ON deliveries (state);
-- One person, one order: a lane has one first, and only the first is sent.
CREATE UNIQUE INDEX deliveries_lane_first ON deliveries (connection, contact) WHERE first_in_lane = 1;
-- Who is next when the first leaves its lane.
CREATE INDEX deliveries_lane_waiting ON deliveries (connection, contact, seq)
    WHERE state = 'pending' AND first_in_lane = 0;
-- What can be claimed. Rows that wait behind another are not here, so a claim
-- never steps over them, however many there are.
CREATE INDEX deliveries_due ON deliveries (connection, due_at, seq)
    WHERE state = 'pending' AND first_in_lane = 1;

CREATE TABLE attempts (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    id         BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    delivery   INTEGER NOT NULL REFERENCES deliveries (seq),
    number     INTEGER NOT NULL,      -- not unique: an attempt that does not count gives its number back
    opened_at  INTEGER NOT NULL,
    closed_at  INTEGER,
    verdict    TEXT,
    status     INTEGER,
    reason     TEXT,
    session_id TEXT,
    excerpt    TEXT,
    CHECK ((closed_at IS NULL) = (verdict IS NULL))
) STRICT;

CREATE INDEX attempts_delivery ON attempts (delivery);
CREATE UNIQUE INDEX attempts_open ON attempts (delivery) WHERE closed_at IS NULL;

-- Business keys already spent, as hashes, because they outlive the personal
-- data that they were made of.
CREATE TABLE once_keys (
    hash       BLOB    PRIMARY KEY CHECK (length(hash) = 32),
    delivery   BLOB    NOT NULL,      -- a delivery's id; that delivery may be gone by now
    claimed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE paused_connections (
    connection TEXT    PRIMARY KEY,
    reason     TEXT    NOT NULL,
    since      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Something to write when asked whether writing works.
CREATE TABLE pings (
    only  INTEGER PRIMARY KEY CHECK (only = 1),
    count INTEGER NOT NULL
) STRICT;
INSERT INTO pings (only, count) VALUES (1, 0);
