-- Copyright 2026 The Musubi Authors
-- SPDX-License-Identifier: Apache-2.0

-- +goose Up

-- What was moved in one direction of one transfer, as one process of ours saw
-- it: only that process writes the row, but for sealed. All rows of a direction
-- add up to what was moved.
CREATE TABLE evidence_part (
    context   TEXT COLLATE "C" NOT NULL CHECK (context <> ''),
    transfer  TEXT COLLATE "C" NOT NULL CHECK (transfer <> ''),
    sent      BOOLEAN NOT NULL, -- by us; else received
    id        TEXT COLLATE "C" NOT NULL CHECK (id <> ''),
    bodies    BIGINT NOT NULL CHECK (bodies >= 0),
    bytes     BIGINT NOT NULL CHECK (bytes >= 0),
    digest    TEXT NOT NULL CHECK (length(digest) = 64), -- a sum, see package evidence
    cut       BIGINT NOT NULL CHECK (cut >= 0), -- bodies that did not come to their end
    cut_bytes BIGINT NOT NULL CHECK (cut_bytes >= 0),
    began     BIGINT NOT NULL CHECK (began >= 0),
    ended     BIGINT NOT NULL CHECK (ended >= 0),
    -- How many bodies the journal has seen.
    sealed    BIGINT NOT NULL CHECK (sealed >= 0 AND sealed <= bodies + cut),
    PRIMARY KEY (context, transfer, sent, id)
);

CREATE INDEX evidence_unsealed ON evidence_part (context, transfer) WHERE sealed < bodies + cut;

-- Bodies that are large, or of a push or a download.
CREATE TABLE evidence_body (
    context     TEXT COLLATE "C" NOT NULL CHECK (context <> ''),
    transfer    TEXT COLLATE "C" NOT NULL CHECK (transfer <> ''),
    id          TEXT COLLATE "C" NOT NULL CHECK (id <> ''), -- in the order of time
    sent        BOOLEAN NOT NULL,
    tracking_id TEXT NOT NULL,
    method      TEXT NOT NULL,
    path        TEXT NOT NULL,
    status      INTEGER NOT NULL CHECK (status >= 0), -- of HTTP; 0: there was no answer
    start       BIGINT NOT NULL CHECK (start >= 0), -- offset of the first byte
    bytes       BIGINT NOT NULL CHECK (bytes >= 0),
    sha256      TEXT NOT NULL CHECK (sha256 = '' OR length(sha256) = 64), -- none of what was cut
    whole       BOOLEAN NOT NULL,
    began       BIGINT NOT NULL CHECK (began >= 0),
    ended       BIGINT NOT NULL CHECK (ended >= 0),
    PRIMARY KEY (context, id)
);

CREATE INDEX evidence_body_transfer ON evidence_body (context, transfer, id);
