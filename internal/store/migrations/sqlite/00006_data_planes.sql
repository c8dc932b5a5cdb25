-- Copyright 2026 The Musubi Authors
-- SPDX-License-Identifier: Apache-2.0

-- +goose Up

-- Data planes that registered by themselves. doc is encrypted: it holds how
-- they are called.
CREATE TABLE data_plane (
    context TEXT NOT NULL CHECK (context <> ''),
    id      TEXT NOT NULL CHECK (id <> ''),
    doc     TEXT NOT NULL CHECK (doc <> ''),
    PRIMARY KEY (context, id)
) STRICT, WITHOUT ROWID;
