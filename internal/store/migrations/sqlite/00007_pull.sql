-- Copyright 2026 The Musubi Authors
-- SPDX-License-Identifier: Apache-2.0

-- +goose Up

-- What a data plane remembers of the tokens of a flow. doc is encrypted.
CREATE TABLE flow_access (
    context TEXT NOT NULL CHECK (context <> ''),
    process TEXT NOT NULL CHECK (process <> ''),
    version INTEGER NOT NULL CHECK (version > 0),
    doc     TEXT NOT NULL CHECK (doc <> ''),
    PRIMARY KEY (context, process)
) STRICT, WITHOUT ROWID;

-- Secrets that a participant's sources name. value is encrypted.
CREATE TABLE named_secret (
    context TEXT NOT NULL CHECK (context <> ''),
    name    TEXT NOT NULL CHECK (name <> ''),
    value   TEXT NOT NULL CHECK (value <> ''),
    changed INTEGER NOT NULL CHECK (changed > 0),
    PRIMARY KEY (context, name)
) STRICT, WITHOUT ROWID;
