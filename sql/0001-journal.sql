-- The journal as it is, and the state that follows from it.  Statements that
-- PostgreSQL and SQLite both read: BYTEA is bytes in either.

CREATE TABLE archive (
    one           BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    id            TEXT   NOT NULL,      -- of this archive, random
    district      TEXT   NOT NULL,
    number        BIGINT NOT NULL,      -- of the last entry, and its hash
    hash          TEXT   NOT NULL,
    entry         TEXT   NOT NULL,      -- its id in the stream
    event_number  BIGINT NOT NULL,      -- the counter, which has no entries
    projection    BIGINT NOT NULL,      -- by which rules the tables were made
    batches       BIGINT NOT NULL,
    archived_ms   BIGINT NOT NULL
);

CREATE TABLE journal (
    id            TEXT   NOT NULL PRIMARY KEY,
    number        BIGINT NOT NULL UNIQUE,
    hash          TEXT   NOT NULL,
    at_ms         BIGINT NOT NULL,
    verb          TEXT   NOT NULL,
    actor         TEXT   NOT NULL,
    w             BYTEA  NOT NULL,      -- the two fields, byte for byte
    e             BYTEA  NOT NULL
);

CREATE INDEX journal_verb ON journal (verb, at_ms);

-- Keys without their "wm:{district}:".

CREATE TABLE state_hash (
    name          BYTEA  NOT NULL,
    field         BYTEA  NOT NULL,
    value         BYTEA  NOT NULL,
    PRIMARY KEY (name, field)
);

CREATE TABLE state_set (
    name          BYTEA  NOT NULL,
    member        BYTEA  NOT NULL,
    PRIMARY KEY (name, member)
);

CREATE TABLE state_zset (
    name          BYTEA  NOT NULL,
    member        BYTEA  NOT NULL,
    score         BIGINT NOT NULL,
    PRIMARY KEY (name, member)
);

CREATE TABLE state_string (
    name          BYTEA  NOT NULL PRIMARY KEY,
    value         BYTEA  NOT NULL
);

CREATE TABLE state_expiry (
    name          BYTEA  NOT NULL PRIMARY KEY,
    at_ms         BIGINT NOT NULL
);

-- What the journal has only a digest of, and a rebuild cannot do without:
-- people's wrapped keys, workers' salted hashes.  A row goes when the record
-- does.

CREATE TABLE private_field (
    name          BYTEA  NOT NULL,
    field         BYTEA  NOT NULL,
    value         BYTEA  NOT NULL,
    PRIMARY KEY (name, field)
);
