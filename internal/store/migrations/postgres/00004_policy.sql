-- Copyright 2026 The Musubi Authors
-- SPDX-License-Identifier: Apache-2.0

-- +goose Up

-- The offer under which it was concluded and the values that the consumer
-- declared, a JSON object of texts. NULL: none.
ALTER TABLE agreement ADD COLUMN offer    TEXT NOT NULL DEFAULT '';
ALTER TABLE agreement ADD COLUMN declared TEXT CHECK (declared LIKE '{%}');

-- When and how it was ended; 0: it was not.
ALTER TABLE agreement ADD COLUMN ended      BIGINT  NOT NULL DEFAULT 0  CHECK (ended >= 0);
ALTER TABLE agreement ADD COLUMN end_reason TEXT    NOT NULL DEFAULT '' CHECK (end_reason = '' OR ended > 0);
ALTER TABLE agreement ADD COLUMN ended_by   TEXT    NOT NULL DEFAULT '' CHECK (ended_by IN ('', 'us', 'peer') AND (ended_by = '') = (ended = 0));

CREATE INDEX agreement_in_force ON agreement (context, concluded DESC, id DESC) WHERE final AND ended = 0;
CREATE INDEX agreement_peer ON agreement (context, peer, concluded DESC, id DESC);
CREATE INDEX agreement_target ON agreement (context, target, concluded DESC, id DESC);

-- What was used of agreements that limit their use; no row: nothing. Who counts
-- a start has this row first.
CREATE TABLE meter (
    context   TEXT COLLATE "C" NOT NULL CHECK (context <> ''),
    agreement TEXT COLLATE "C" NOT NULL CHECK (agreement <> ''),
    started   BIGINT  NOT NULL CHECK (started >= 0),
    bytes     BIGINT  NOT NULL CHECK (bytes >= 0),
    PRIMARY KEY (context, agreement)
);

-- The processes that were counted as starts, each once.
CREATE TABLE meter_start (
    context   TEXT COLLATE "C" NOT NULL,
    agreement TEXT COLLATE "C" NOT NULL,
    process   TEXT COLLATE "C" NOT NULL CHECK (process <> ''),
    PRIMARY KEY (context, agreement, process),
    FOREIGN KEY (context, agreement) REFERENCES meter (context, agreement)
);

-- Our own records about counterparties: participant ids, or corporate
-- identifiers as scheme:value.
CREATE TABLE relation (
    context TEXT COLLATE "C" NOT NULL CHECK (context <> ''),
    party   TEXT COLLATE "C" NOT NULL CHECK (party <> ''),
    kind    TEXT COLLATE "C" NOT NULL CHECK (length(kind) BETWEEN 1 AND 64 AND kind !~ '[^a-z0-9-]'),
    note    TEXT    NOT NULL,
    since   BIGINT  NOT NULL,
    PRIMARY KEY (context, party, kind)
);

-- Transfers of ours as provider that are not over, for who watches them. What
-- of a process changes at every step is in no index: those that run are found
-- among these.
CREATE INDEX process_provided ON process (context, id) WHERE kind = 'transfer' AND role = 'provider' AND NOT final;
-- Data that was pulled and is kept in files, one row each. The row stays when
-- the data is gone.
CREATE TABLE holding (
    context    TEXT COLLATE "C" NOT NULL CHECK (context <> ''),
    id         TEXT COLLATE "C" NOT NULL CHECK (id <> ''),
    transfer   TEXT COLLATE "C" NOT NULL CHECK (transfer <> ''),
    agreement  TEXT COLLATE "C" NOT NULL CHECK (agreement <> ''),
    dataset    TEXT             NOT NULL,
    peer       TEXT             NOT NULL,
    folder     TEXT COLLATE "C" NOT NULL CHECK (folder <> ''),
    file       TEXT             NOT NULL CHECK (file <> ''),
    size       BIGINT           NOT NULL CHECK (size >= 0), -- bytes
    sha256     TEXT             NOT NULL CHECK (length(sha256) = 64),
    stored     BIGINT           NOT NULL CHECK (stored > 0),
    due        BIGINT           NOT NULL CHECK (due >= 0), -- 0: never by the clock
    rule       TEXT             NOT NULL,
    until_end  BOOLEAN          NOT NULL, -- due also when the agreement is ended
    state      TEXT             NOT NULL CHECK (state IN ('open', 'deleted')),
    deleted    BIGINT           NOT NULL CHECK ((deleted > 0) = (state = 'deleted') AND deleted >= 0), -- 0: it is there
    reason     TEXT             NOT NULL CHECK (reason = '' OR state = 'deleted'),
    last_error TEXT             NOT NULL,
    next_try   BIGINT           NOT NULL CHECK (next_try >= 0 AND (next_try = 0 OR state = 'open')), -- 0: never
    PRIMARY KEY (context, id)
);

CREATE INDEX holding_newest ON holding (context, stored DESC, id DESC);
CREATE INDEX holding_due ON holding (folder, next_try) WHERE next_try > 0;
CREATE INDEX holding_until_end ON holding (folder, context, agreement) WHERE until_end AND state = 'open';
CREATE INDEX agreement_ended ON agreement (context, id, ended) WHERE ended > 0;
