-- Copyright 2026 The Musubi Authors
-- SPDX-License-Identifier: Apache-2.0

-- +goose Up

-- Data planes that registered by themselves. doc is encrypted: it holds how
-- they are called.
CREATE TABLE data_plane (
    context text NOT NULL CHECK (context <> ''),
    id      text NOT NULL CHECK (id <> ''),
    doc     text NOT NULL CHECK (doc <> ''),
    PRIMARY KEY (context, id)
);
