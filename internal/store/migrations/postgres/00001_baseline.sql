-- Copyright 2026 The Musubi Authors
-- SPDX-License-Identifier: Apache-2.0

-- +goose Up

-- One process: a contract negotiation or a transfer. Columns are what is
-- selected by or unique on its own; doc holds the rest as JSON.
CREATE TABLE process (
    context            TEXT COLLATE "C" NOT NULL CHECK (context <> ''),
    id                 TEXT COLLATE "C" NOT NULL CHECK (id <> ''),
    kind               TEXT    NOT NULL CHECK (kind IN ('negotiation', 'transfer')),
    role               TEXT    NOT NULL CHECK (role IN ('consumer', 'provider')),
    peer               TEXT COLLATE "C" NOT NULL,
    peer_pid           TEXT COLLATE "C" NOT NULL,
    peer_pid_tentative BOOLEAN NOT NULL,
    opened_by_peer     BOOLEAN NOT NULL,
    state              TEXT    NOT NULL,
    version            BIGINT  NOT NULL CHECK (version >= 1),
    final              BOOLEAN NOT NULL,
    decide             BOOLEAN NOT NULL,
    person             BOOLEAN NOT NULL,
    subject            TEXT    NOT NULL,
    created            BIGINT  NOT NULL,
    updated            BIGINT  NOT NULL,
    doc                TEXT    NOT NULL,
    data               BYTEA,
    PRIMARY KEY (context, id),
    CONSTRAINT final_is_settled CHECK (NOT (final AND (decide OR person))),
    CONSTRAINT final_has_state CHECK (NOT final OR state <> ''),
    CONSTRAINT peer_pid_known CHECK (peer_pid <> '' OR NOT (opened_by_peer OR peer_pid_tentative))
) WITH (
    -- A row is written anew some times, and none of its indexes with it while
    -- there is room on its page. Nothing is compressed each time.
    fillfactor = 60,
    toast_tuple_target = 8160
);

ALTER TABLE process ALTER COLUMN doc SET STORAGE EXTERNAL, ALTER COLUMN data SET STORAGE EXTERNAL;

-- A peer's first request makes one process, however often it comes.
CREATE UNIQUE INDEX process_first_request ON process (context, kind, peer, peer_pid) WHERE opened_by_peer;
CREATE INDEX process_newest ON process (context, created DESC, id DESC);
CREATE INDEX process_open ON process (context, created DESC, id DESC) WHERE NOT final;

-- What processes owe. A row is here only while it is owed, so that claiming
-- costs the same however many processes have finished. Rows come and go all
-- the time: dead ones are cleared away early.
CREATE TABLE outbox (
    context     TEXT COLLATE "C" NOT NULL,
    process     TEXT COLLATE "C" NOT NULL,
    op          TEXT COLLATE "C" NOT NULL CHECK (op IN ('call', 'decide', 'send')),
    key         TEXT COLLATE "C" NOT NULL CHECK (key <> ''),
    lane        TEXT COLLATE "C" NOT NULL,
    due         BIGINT NOT NULL,
    fence       BIGINT NOT NULL CHECK (fence >= 0),
    claims      BIGINT NOT NULL CHECK (claims >= 0),
    owner       TEXT            CHECK (owner <> ''),
    lease_until BIGINT          CHECK (lease_until > 0),
    -- When the row becomes claimable.
    ready       BIGINT NOT NULL GENERATED ALWAYS AS (GREATEST(due, COALESCE(lease_until, 0))) STORED,
    PRIMARY KEY (context, process, op),
    FOREIGN KEY (context, process) REFERENCES process (context, id),
    CONSTRAINT lease_has_owner CHECK ((owner IS NULL) = (lease_until IS NULL)),
    CONSTRAINT claims_are_fenced CHECK (claims <= fence)
) WITH (
    autovacuum_vacuum_scale_factor = 0.02,
    autovacuum_vacuum_threshold = 500,
    autovacuum_vacuum_cost_delay = 0
);

CREATE INDEX outbox_ready ON outbox (ready);
CREATE INDEX outbox_lane ON outbox (lane, ready);

-- The messages of both sides, exact bytes, in the order of their commits.
CREATE TABLE exchange (
    arrival    BIGINT  NOT NULL GENERATED ALWAYS AS IDENTITY,
    context    TEXT COLLATE "C" NOT NULL,
    process    TEXT COLLATE "C" NOT NULL,
    inbound    BOOLEAN NOT NULL,
    message_id TEXT COLLATE "C" CHECK (message_id <> ''),
    message    TEXT    NOT NULL,
    hash       TEXT    NOT NULL,
    at         BIGINT  NOT NULL,
    outcome    TEXT    NOT NULL CHECK (outcome IN ('', 'acknowledged', 'refused', 'dropped')),
    body       BYTEA   NOT NULL,
    FOREIGN KEY (context, process) REFERENCES process (context, id),
    CONSTRAINT ours_has_id CHECK (inbound OR message_id IS NOT NULL),
    CONSTRAINT outcome_is_of_ours CHECK (outcome = '' OR NOT inbound)
) WITH (
    -- Half of the rows are written again once, with their outcome, soon.
    fillfactor = 80
);

CREATE UNIQUE INDEX exchange_message ON exchange (context, process, message_id, inbound);

-- Event stream and audit. A row is inserted without a position; the sequencer
-- gives position, prev and hash. Readers see sequenced rows only.
CREATE TABLE journal (
    arrival  BIGINT  NOT NULL GENERATED ALWAYS AS IDENTITY,
    context  TEXT COLLATE "C" NOT NULL CHECK (context <> ''),
    position BIGINT           CHECK (position >= 1),
    id       TEXT    NOT NULL CHECK (id <> ''),
    process  TEXT    NOT NULL,
    kind     TEXT    NOT NULL,
    event    TEXT    NOT NULL CHECK (event <> ''),
    at       BIGINT  NOT NULL,
    detail   BYTEA,
    prev     TEXT,
    hash     TEXT             CHECK (length(hash) = 64),
    CONSTRAINT sequenced_whole CHECK ((position IS NULL) = (prev IS NULL) AND (position IS NULL) = (hash IS NULL)),
    CONSTRAINT first_has_no_prev CHECK ((position = 1) = (prev = ''))
) WITH (
    -- What was sequenced leaves dead entries in the index of what was not, where
    -- each look of the sequencer passes them: they are cleared away by number,
    -- however long the journal is.
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 50000,
    autovacuum_vacuum_cost_delay = 0
);

CREATE UNIQUE INDEX journal_position ON journal (context, position) WHERE position IS NOT NULL;
CREATE UNIQUE INDEX journal_unsequenced ON journal (arrival) WHERE position IS NULL;

-- The end of each participant's journal.
CREATE TABLE journal_tail (
    context  TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    position BIGINT NOT NULL CHECK (position >= 1),
    hash     TEXT   NOT NULL CHECK (length(hash) = 64)
);

-- Signed ends.
CREATE TABLE journal_head (
    context   TEXT COLLATE "C" NOT NULL,
    position  BIGINT NOT NULL CHECK (position >= 1),
    hash      TEXT   NOT NULL CHECK (length(hash) = 64),
    at        BIGINT NOT NULL,
    key_id    TEXT   NOT NULL,
    signature BYTEA  NOT NULL,
    PRIMARY KEY (context, position)
);

-- Duties that one process on this database has at a time.
CREATE TABLE lease (
    name  TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    owner TEXT   NOT NULL CHECK (owner <> ''),
    until BIGINT NOT NULL,
    fence BIGINT NOT NULL CHECK (fence >= 1)
);
