-- Copyright 2026 The Musubi Authors
-- SPDX-License-Identifier: Apache-2.0

-- +goose Up

-- Data that was pulled and is kept in files, one row each. The row stays when
-- the data is gone.
CREATE TABLE holding (
    context    TEXT    NOT NULL CHECK (context <> ''),
    id         TEXT    NOT NULL CHECK (id <> ''),
    transfer   TEXT    NOT NULL CHECK (transfer <> ''),
    agreement  TEXT    NOT NULL CHECK (agreement <> ''),
    dataset    TEXT    NOT NULL,
    peer       TEXT    NOT NULL,
    folder     TEXT    NOT NULL CHECK (folder <> ''),
    file       TEXT    NOT NULL CHECK (file <> ''),
    size       INTEGER NOT NULL CHECK (size >= 0), -- bytes
    sha256     TEXT    NOT NULL CHECK (length(sha256) = 64),
    stored     INTEGER NOT NULL CHECK (stored > 0),
    due        INTEGER NOT NULL CHECK (due >= 0), -- 0: never by the clock
    rule       TEXT    NOT NULL,
    until_end  INTEGER NOT NULL CHECK (until_end IN (0, 1)), -- due also when the agreement is ended
    state      TEXT    NOT NULL CHECK (state IN ('open', 'deleted')),
    deleted    INTEGER NOT NULL CHECK ((deleted > 0) = (state = 'deleted') AND deleted >= 0), -- 0: it is there
    reason     TEXT    NOT NULL CHECK (reason = '' OR state = 'deleted'),
    last_error TEXT    NOT NULL,
    next_try   INTEGER NOT NULL CHECK (next_try >= 0 AND (next_try = 0 OR state = 'open')), -- 0: never
    PRIMARY KEY (context, id)
) STRICT;

CREATE INDEX holding_newest ON holding (context, stored DESC, id DESC);
CREATE INDEX holding_due ON holding (folder, next_try) WHERE next_try > 0;
CREATE INDEX holding_until_end ON holding (folder, context, agreement) WHERE until_end AND state = 'open';
CREATE INDEX agreement_ended ON agreement (context, id, ended) WHERE ended > 0;
