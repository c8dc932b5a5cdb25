-- Copyright 2026 The Musubi Authors
-- SPDX-License-Identifier: Apache-2.0

-- +goose Up

-- Issuer: a hash of who asks for what under which id of theirs, while that has
-- no answer yet. What is asked twice at the same moment, of two replicas, is
-- opened once. NULL: it is answered, or the holder has not asked yet.
ALTER TABLE issuance_request ADD COLUMN asked BLOB CHECK (length(asked) = 32);

CREATE UNIQUE INDEX issuance_request_asked ON issuance_request (context, asked) WHERE asked IS NOT NULL;
