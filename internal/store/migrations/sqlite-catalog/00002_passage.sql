-- Copyright 2026 The Musubi Authors
-- SPDX-License-Identifier: Apache-2.0

-- +goose Up

-- What of its source a consumer may use, a JSON object. NULL: its own URL.
ALTER TABLE asset ADD COLUMN passage TEXT CHECK (passage LIKE '{%}');
