-- Copyright 2026 The Musubi Authors
-- SPDX-License-Identifier: Apache-2.0

-- +goose Up

-- Bodies that our side of a transfer moves by itself, one of each kind for a
-- process. doc is a JSON object; address, sealed, is where to push to.
CREATE TABLE job (
    context  TEXT NOT NULL CHECK (context <> ''),
    process  TEXT NOT NULL CHECK (process <> ''),
    kind     TEXT NOT NULL CHECK (kind IN ('download', 'push', 'inbox')),
    version  INTEGER NOT NULL CHECK (version > 0),
    next_try INTEGER NOT NULL CHECK (next_try >= 0), -- 0: it waits for a cause, or is over
    doc      TEXT NOT NULL CHECK (doc LIKE '{%}'),
    address  TEXT CHECK (address <> ''),
    PRIMARY KEY (context, process, kind)
) STRICT, WITHOUT ROWID;

CREATE INDEX job_due ON job (next_try) WHERE next_try > 0;
