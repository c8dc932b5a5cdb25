-- Copyright 2026 The Musubi Authors
-- SPDX-License-Identifier: Apache-2.0

-- +goose Up

-- For whom a body is moved: the participant, a space, and the other side. Jobs
-- of before have no other side.
ALTER TABLE job ADD COLUMN lane TEXT COLLATE "C" NOT NULL DEFAULT '';
UPDATE job SET lane = context || ' ';

DROP INDEX job_due;
CREATE INDEX job_due ON job (next_try, kind) WHERE next_try > 0;
CREATE INDEX job_lane ON job (lane, next_try, context, process, kind) WHERE next_try > 0;

-- What data planes of their own have moved, and did not tell their control
-- planes yet. doc is a JSON array; it grows no more once it is there. The process
-- that is the owner tells them, and after held_until, in microseconds, another
-- may.
CREATE TABLE moved (
    batch      TEXT COLLATE "C" NOT NULL CHECK (batch <> ''),
    context    TEXT COLLATE "C" NOT NULL CHECK (context <> ''),
    process    TEXT COLLATE "C" NOT NULL CHECK (process <> ''),
    noted      BIGINT NOT NULL CHECK (noted > 0),
    owner      TEXT COLLATE "C" NOT NULL CHECK (owner <> ''),
    held_until BIGINT NOT NULL CHECK (held_until > 0),
    doc        TEXT NOT NULL CHECK (doc LIKE '[%]'),
    PRIMARY KEY (batch)
);

-- By it bodies that are old enough are forgotten.
CREATE INDEX evidence_body_ended ON evidence_body (ended, context, id);

-- By it a body is found that must not be kept twice.
CREATE INDEX evidence_body_same ON evidence_body (context, transfer, sha256, tracking_id) WHERE whole;
