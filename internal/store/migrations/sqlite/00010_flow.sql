-- Copyright 2026 The Musubi Authors
-- SPDX-License-Identifier: Apache-2.0

-- +goose Up

-- Flows of a data plane that runs alone, each of one control plane.
CREATE TABLE flow (
    control_plane TEXT    NOT NULL CHECK (control_plane <> ''),
    id            TEXT    NOT NULL CHECK (id <> ''), -- dataFlowId
    context       TEXT    NOT NULL CHECK (context <> ''),
    process       TEXT    NOT NULL CHECK (process <> ''),
    version       INTEGER NOT NULL CHECK (version > 0),
    state         TEXT    NOT NULL CHECK (state IN ('PREPARING', 'PREPARED', 'STARTING', 'STARTED', 'SUSPENDED', 'COMPLETED', 'TERMINATED')),
    due           INTEGER NOT NULL CHECK (due >= 0), -- 0: there is nothing to do
    changed       INTEGER NOT NULL CHECK (changed > 0),
    doc           TEXT    NOT NULL CHECK (doc <> ''), -- sealed: it holds secrets of data addresses
    PRIMARY KEY (control_plane, id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX flow_process ON flow (context, process);
CREATE INDEX flow_due ON flow (due) WHERE due > 0;
CREATE INDEX flow_ended ON flow (changed) WHERE due = 0 AND state IN ('COMPLETED', 'TERMINATED');

-- Where control planes say that they are reached, and with what.
CREATE TABLE control_plane (
    id  TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
    doc TEXT NOT NULL CHECK (doc <> '') -- sealed
) STRICT;
