-- What senders need besides events: batches, values used once, refused requests
-- and handshakes.

-- The place of an item in the batch that it came in, from 1. Null: the event is
-- the whole request.
ALTER TABLE events ADD COLUMN item INTEGER CHECK (item >= 1);

-- Values that a sender uses once, until their request would be too old anyway.
CREATE TABLE nonces (
    source    TEXT    NOT NULL,
    hash      BLOB    NOT NULL CHECK (length(hash) = 32),
    body_hash BLOB    NOT NULL CHECK (length(body_hash) = 32),
    event     BLOB    NOT NULL,        -- an event's id; that event may be gone by now
    until     INTEGER NOT NULL,
    PRIMARY KEY (source, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX nonces_until ON nonces (until);

-- The last few requests of each source that were not believed.
CREATE TABLE refused (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    source      TEXT    NOT NULL,
    at          INTEGER NOT NULL,
    code        TEXT    NOT NULL,
    reason      TEXT    NOT NULL,
    method      TEXT    NOT NULL,
    query       TEXT    NOT NULL,
    headers     TEXT    NOT NULL,      -- JSON, without credentials
    explanation TEXT,                  -- JSON
    body        BLOB                   -- null: dropped after a day
) STRICT;
CREATE INDEX refused_source ON refused (source, seq);
CREATE INDEX refused_bodies ON refused (at) WHERE body IS NOT NULL;

-- The last few questions that each sender asked of its address.
CREATE TABLE handshakes (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    source   TEXT    NOT NULL,
    at       INTEGER NOT NULL,
    name     TEXT    NOT NULL,
    verified INTEGER NOT NULL CHECK (verified IN (0, 1)),
    status   INTEGER NOT NULL
) STRICT;
CREATE INDEX handshakes_source ON handshakes (source, seq);

-- Secrets that senders handed over in a handshake, one for each source.
CREATE TABLE captured_secrets (
    source      TEXT    PRIMARY KEY,
    secret      BLOB    NOT NULL,
    captured_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
