-- Copyright 2026 The Musubi Authors
-- SPDX-License-Identifier: Apache-2.0

-- +goose Up

-- What was moved in one direction of one transfer, as one process of ours saw
-- it: only that process writes the row, but for sealed. All rows of a direction
-- add up to what was moved.
CREATE TABLE evidence_part (
    context   TEXT NOT NULL CHECK (context <> ''),
    transfer  TEXT NOT NULL CHECK (transfer <> ''),
    sent      INTEGER NOT NULL CHECK (sent IN (0, 1)), -- by us; else received
    id        TEXT NOT NULL CHECK (id <> ''),
    bodies    INTEGER NOT NULL CHECK (bodies >= 0),
    bytes     INTEGER NOT NULL CHECK (bytes >= 0),
    digest    TEXT NOT NULL CHECK (length(digest) = 64), -- a sum, see package evidence
    cut       INTEGER NOT NULL CHECK (cut >= 0), -- bodies that did not come to their end
    cut_bytes INTEGER NOT NULL CHECK (cut_bytes >= 0),
    began     INTEGER NOT NULL CHECK (began >= 0),
    ended     INTEGER NOT NULL CHECK (ended >= 0),
    -- How many bodies the journal has seen.
    sealed    INTEGER NOT NULL CHECK (sealed >= 0 AND sealed <= bodies + cut),
    PRIMARY KEY (context, transfer, sent, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX evidence_unsealed ON evidence_part (context, transfer) WHERE sealed < bodies + cut;

-- Bodies that are large, or of a push or a download.
CREATE TABLE evidence_body (
    context     TEXT NOT NULL CHECK (context <> ''),
    transfer    TEXT NOT NULL CHECK (transfer <> ''),
    id          TEXT NOT NULL CHECK (id <> ''), -- in the order of time
    sent        INTEGER NOT NULL CHECK (sent IN (0, 1)),
    tracking_id TEXT NOT NULL,
    method      TEXT NOT NULL,
    path        TEXT NOT NULL,
    status      INTEGER NOT NULL CHECK (status >= 0), -- of HTTP; 0: there was no answer
    start       INTEGER NOT NULL CHECK (start >= 0), -- offset of the first byte
    bytes       INTEGER NOT NULL CHECK (bytes >= 0),
    sha256      TEXT NOT NULL CHECK (sha256 = '' OR length(sha256) = 64), -- none of what was cut
    whole       INTEGER NOT NULL CHECK (whole IN (0, 1)),
    began       INTEGER NOT NULL CHECK (began >= 0),
    ended       INTEGER NOT NULL CHECK (ended >= 0),
    PRIMARY KEY (context, id)
) STRICT;

CREATE INDEX evidence_body_transfer ON evidence_body (context, transfer, id);
