-- Copyright 2026 The Musubi Authors
-- SPDX-License-Identifier: Apache-2.0

-- +goose Up

-- What a data plane remembers of the tokens of a flow. doc is encrypted.
CREATE TABLE flow_access (
    context TEXT COLLATE "C" NOT NULL CHECK (context <> ''),
    process TEXT COLLATE "C" NOT NULL CHECK (process <> ''),
    version BIGINT NOT NULL CHECK (version > 0),
    doc     TEXT NOT NULL CHECK (doc <> ''),
    PRIMARY KEY (context, process)
);

-- Secrets that a participant's sources name. value is encrypted.
CREATE TABLE named_secret (
    context TEXT COLLATE "C" NOT NULL CHECK (context <> ''),
    name    TEXT COLLATE "C" NOT NULL CHECK (name <> ''),
    value   TEXT NOT NULL CHECK (value <> ''),
    changed BIGINT NOT NULL CHECK (changed > 0),
    PRIMARY KEY (context, name)
);

-- What of its source a consumer may use, a JSON object. NULL: its own URL.
ALTER TABLE asset ADD COLUMN passage TEXT CHECK (passage LIKE '{%}');
