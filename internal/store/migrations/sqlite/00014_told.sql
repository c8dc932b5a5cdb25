-- Copyright 2026 The Musubi Authors
-- SPDX-License-Identifier: Apache-2.0

-- +goose Up

-- Messages by which data planes of their own told what they have moved, and that
-- were kept. They are forgotten after a while, by their time in microseconds.
CREATE TABLE evidence_told (
    context  TEXT NOT NULL CHECK (context <> ''),
    transfer TEXT NOT NULL CHECK (transfer <> ''),
    batch    TEXT NOT NULL CHECK (batch <> ''),
    kept     INTEGER NOT NULL CHECK (kept > 0),
    PRIMARY KEY (context, transfer, batch)
) STRICT, WITHOUT ROWID;

CREATE INDEX evidence_told_kept ON evidence_told (kept);
