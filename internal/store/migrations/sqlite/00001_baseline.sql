-- Copyright 2026 The Musubi Authors
-- SPDX-License-Identifier: Apache-2.0

-- +goose Up

-- One process: a contract negotiation or a transfer. Columns are what is
-- selected by or unique on its own; doc holds the rest as JSON.
CREATE TABLE process (
    context            TEXT    NOT NULL CHECK (context <> ''),
    id                 TEXT    NOT NULL CHECK (id <> ''),
    kind               TEXT    NOT NULL CHECK (kind IN ('negotiation', 'transfer')),
    role               TEXT    NOT NULL CHECK (role IN ('consumer', 'provider')),
    peer               TEXT    NOT NULL,
    peer_pid           TEXT    NOT NULL,
    peer_pid_tentative INTEGER NOT NULL CHECK (peer_pid_tentative IN (0, 1)),
    opened_by_peer     INTEGER NOT NULL CHECK (opened_by_peer IN (0, 1)),
    state              TEXT    NOT NULL,
    version            INTEGER NOT NULL CHECK (version >= 1),
    final              INTEGER NOT NULL CHECK (final IN (0, 1)),
    decide             INTEGER NOT NULL CHECK (decide IN (0, 1)),
    person             INTEGER NOT NULL CHECK (person IN (0, 1)),
    subject            TEXT    NOT NULL,
    created            INTEGER NOT NULL,
    updated            INTEGER NOT NULL,
    doc                TEXT    NOT NULL,
    data               BLOB,
    PRIMARY KEY (context, id),
    CONSTRAINT final_is_settled CHECK (NOT (final AND (decide OR person))),
    CONSTRAINT final_has_state CHECK (NOT final OR state <> ''),
    CONSTRAINT peer_pid_known CHECK (peer_pid <> '' OR NOT (opened_by_peer OR peer_pid_tentative))
) STRICT;

-- A peer's first request makes one process, however often it comes.
CREATE UNIQUE INDEX process_first_request ON process (context, kind, peer, peer_pid) WHERE opened_by_peer;
CREATE INDEX process_newest ON process (context, created DESC, id DESC);
CREATE INDEX process_open ON process (context, created DESC, id DESC) WHERE NOT final;

-- What processes owe. A row is here only while it is owed, so that claiming
-- costs the same however many processes have finished.
CREATE TABLE outbox (
    context     TEXT    NOT NULL,
    process     TEXT    NOT NULL,
    op          TEXT    NOT NULL CHECK (op IN ('call', 'decide', 'send')),
    key         TEXT    NOT NULL CHECK (key <> ''),
    lane        TEXT    NOT NULL,
    due         INTEGER NOT NULL,
    fence       INTEGER NOT NULL CHECK (fence >= 0),
    claims      INTEGER NOT NULL CHECK (claims >= 0),
    owner       TEXT             CHECK (owner <> ''),
    lease_until INTEGER          CHECK (lease_until > 0),
    -- When the row becomes claimable.
    ready       INTEGER NOT NULL GENERATED ALWAYS AS (max(due, coalesce(lease_until, 0))) VIRTUAL,
    PRIMARY KEY (context, process, op),
    FOREIGN KEY (context, process) REFERENCES process (context, id),
    CONSTRAINT lease_has_owner CHECK ((owner IS NULL) = (lease_until IS NULL)),
    CONSTRAINT claims_are_fenced CHECK (claims <= fence)
) STRICT, WITHOUT ROWID;

CREATE INDEX outbox_ready ON outbox (ready);
CREATE INDEX outbox_lane ON outbox (lane, ready);

-- The messages of both sides, exact bytes, in the order of their commits.
CREATE TABLE exchange (
    arrival    INTEGER PRIMARY KEY,
    context    TEXT    NOT NULL,
    process    TEXT    NOT NULL,
    inbound    INTEGER NOT NULL CHECK (inbound IN (0, 1)),
    message_id TEXT             CHECK (message_id <> ''),
    message    TEXT    NOT NULL,
    hash       TEXT    NOT NULL,
    at         INTEGER NOT NULL,
    outcome    TEXT    NOT NULL CHECK (outcome IN ('', 'acknowledged', 'refused', 'dropped')),
    body       BLOB    NOT NULL,
    FOREIGN KEY (context, process) REFERENCES process (context, id),
    CONSTRAINT ours_has_id CHECK (inbound OR message_id IS NOT NULL),
    CONSTRAINT outcome_is_of_ours CHECK (outcome = '' OR NOT inbound)
) STRICT;

CREATE UNIQUE INDEX exchange_message ON exchange (context, process, message_id, inbound);

-- Event stream and audit. The writer gives position, prev and hash in the
-- commit itself.
CREATE TABLE journal (
    context  TEXT    NOT NULL CHECK (context <> ''),
    position INTEGER NOT NULL CHECK (position >= 1),
    id       TEXT    NOT NULL CHECK (id <> ''),
    process  TEXT    NOT NULL,
    kind     TEXT    NOT NULL,
    event    TEXT    NOT NULL CHECK (event <> ''),
    at       INTEGER NOT NULL,
    detail   BLOB,
    prev     TEXT    NOT NULL,
    hash     TEXT    NOT NULL CHECK (length(hash) = 64),
    PRIMARY KEY (context, position),
    CONSTRAINT first_has_no_prev CHECK ((position = 1) = (prev = ''))
) STRICT, WITHOUT ROWID;

-- The end of each participant's journal.
CREATE TABLE journal_tail (
    context  TEXT    NOT NULL PRIMARY KEY,
    position INTEGER NOT NULL CHECK (position >= 1),
    hash     TEXT    NOT NULL CHECK (length(hash) = 64)
) STRICT, WITHOUT ROWID;

-- Signed ends.
CREATE TABLE journal_head (
    context   TEXT    NOT NULL,
    position  INTEGER NOT NULL CHECK (position >= 1),
    hash      TEXT    NOT NULL CHECK (length(hash) = 64),
    at        INTEGER NOT NULL,
    key_id    TEXT    NOT NULL,
    signature BLOB    NOT NULL,
    PRIMARY KEY (context, position)
) STRICT;
