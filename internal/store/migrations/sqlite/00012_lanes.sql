-- Copyright 2026 The Musubi Authors
-- SPDX-License-Identifier: Apache-2.0

-- +goose Up

-- For whom a body is moved: the participant, a space, and the other side. Jobs
-- of before have no other side.
ALTER TABLE job ADD COLUMN lane TEXT NOT NULL DEFAULT '';
UPDATE job SET lane = context || ' ';

DROP INDEX job_due;
CREATE INDEX job_due ON job (next_try, kind) WHERE next_try > 0;
CREATE INDEX job_lane ON job (lane, next_try, context, process, kind) WHERE next_try > 0;
