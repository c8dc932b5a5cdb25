-- Copyright 2026 The Musubi Authors
-- SPDX-License-Identifier: Apache-2.0

-- +goose Up

-- Control planes that have given a verdict: from then on nothing is sent without
-- one.
CREATE TABLE judge (
    control_plane TEXT COLLATE "C" PRIMARY KEY CHECK (control_plane <> '')
);
