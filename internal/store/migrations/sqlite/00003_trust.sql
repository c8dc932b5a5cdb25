-- Copyright 2026 The Musubi Authors
-- SPDX-License-Identifier: Apache-2.0

-- +goose Up

-- The identity profile's own settings, as a JSON object. NULL: its defaults.
ALTER TABLE participant ADD COLUMN settings TEXT CHECK (settings LIKE '{%}');

ALTER TABLE peer ADD COLUMN conformance  TEXT NOT NULL DEFAULT '' CHECK (conformance IN ('', 'strict', 'lenient'));
ALTER TABLE peer ADD COLUMN format_names TEXT NOT NULL DEFAULT '' CHECK (format_names IN ('', 'profile', 'legacy'));
ALTER TABLE peer ADD COLUMN without_rules TEXT NOT NULL DEFAULT '' CHECK (without_rules IN ('', 'use'));

-- A key signs from active on, and no more from retired on; 0: at once, and not
-- retired. Of those that sign, the highest number is the current one.
ALTER TABLE signing_key ADD COLUMN active  INTEGER NOT NULL DEFAULT 0;
ALTER TABLE signing_key ADD COLUMN retired INTEGER NOT NULL DEFAULT 0;

-- Tokens that were used. Strangers choose their ids: what is kept of issuer
-- and id is a hash.
CREATE TABLE used_token (
    context TEXT    NOT NULL CHECK (context <> ''),
    hash    BLOB    NOT NULL CHECK (length(hash) = 32),
    until   INTEGER NOT NULL CHECK (until > 0),
    PRIMARY KEY (context, hash)
) STRICT, WITHOUT ROWID;

CREATE INDEX used_token_until ON used_token (until);

-- Which corporate identifier a counterparty is known under.
CREATE TABLE binding (
    context     TEXT    NOT NULL CHECK (context <> ''),
    participant TEXT    NOT NULL CHECK (participant <> ''),
    scheme      TEXT    NOT NULL CHECK (scheme <> ''),
    value       TEXT    NOT NULL CHECK (value <> ''),
    bound       INTEGER NOT NULL,
    PRIMARY KEY (context, participant)
) STRICT, WITHOUT ROWID;

-- The newest trust list that was accepted of each authority.
CREATE TABLE trust_list (
    context   TEXT    NOT NULL CHECK (context <> ''),
    authority TEXT    NOT NULL CHECK (authority <> ''),
    sequence  INTEGER NOT NULL CHECK (sequence >= 1),
    raw       TEXT    NOT NULL CHECK (raw <> ''),
    PRIMARY KEY (context, authority)
) STRICT, WITHOUT ROWID;

-- The issuers of the next list of a participant that is an authority.
CREATE TABLE trust_draft (
    context     TEXT NOT NULL CHECK (context <> ''),
    id          TEXT NOT NULL CHECK (id <> ''),
    types       TEXT NOT NULL CHECK (types LIKE '["%]'),
    conformance TEXT NOT NULL CHECK (conformance IN ('', 'strict', 'lenient')),
    PRIMARY KEY (context, id)
) STRICT, WITHOUT ROWID;

-- Holder: what was asked of issuers.
CREATE TABLE credential_request (
    context     TEXT    NOT NULL CHECK (context <> ''),
    id          TEXT    NOT NULL CHECK (id <> ''), -- ours: holderPid
    issuer      TEXT    NOT NULL CHECK (issuer <> ''),
    credentials TEXT    NOT NULL,
    issuer_pid  TEXT    NOT NULL,
    status_url  TEXT    NOT NULL,
    state       TEXT    NOT NULL CHECK (state IN ('REQUESTED', 'RECEIVED', 'ISSUED', 'REJECTED', 'FAILED')),
    reason      TEXT    NOT NULL,
    created     INTEGER NOT NULL,
    updated     INTEGER NOT NULL,
    next_try    INTEGER NOT NULL CHECK (next_try >= 0), -- 0: never
    tries       INTEGER NOT NULL CHECK (tries >= 0),
    deadline    INTEGER NOT NULL,
    renews      TEXT    NOT NULL,
    version     INTEGER NOT NULL CHECK (version >= 1),
    PRIMARY KEY (context, id)
) STRICT;

CREATE INDEX credential_request_newest ON credential_request (context, created DESC, id DESC);
CREATE INDEX credential_request_due ON credential_request (next_try) WHERE next_try > 0;

-- Holder: the wallet. All but raw is what raw says, and what was found out.
CREATE TABLE held_credential (
    context     TEXT    NOT NULL CHECK (context <> ''),
    id          TEXT    NOT NULL CHECK (id <> ''), -- ours
    credential  TEXT    NOT NULL, -- its own id; '': it has none
    issuer      TEXT    NOT NULL CHECK (issuer <> ''),
    types       TEXT    NOT NULL,
    profile     TEXT    NOT NULL CHECK (profile <> ''),
    raw         TEXT    NOT NULL CHECK (raw <> ''),
    valid_from  INTEGER NOT NULL,
    valid_until INTEGER NOT NULL,
    status      TEXT    NOT NULL,
    request     TEXT    NOT NULL,
    received    INTEGER NOT NULL,
    state       TEXT    NOT NULL CHECK (state IN ('HELD', 'SUSPENDED', 'REVOKED', 'EXPIRED')),
    checked     INTEGER NOT NULL,
    next_check  INTEGER NOT NULL CHECK (next_check >= 0), -- 0: never
    renew_at    INTEGER NOT NULL CHECK (renew_at >= 0),   -- 0: never
    PRIMARY KEY (context, id)
) STRICT;

CREATE UNIQUE INDEX held_credential_same ON held_credential (context, credential, issuer, profile) WHERE credential <> '';
CREATE INDEX held_credential_newest ON held_credential (context, received DESC, id DESC);
CREATE INDEX held_credential_due ON held_credential (next_check) WHERE next_check > 0;

-- Holder: what issuers offered.
CREATE TABLE credential_offer (
    context  TEXT    NOT NULL CHECK (context <> ''),
    issuer   TEXT    NOT NULL CHECK (issuer <> ''),
    id       TEXT    NOT NULL CHECK (id <> ''),
    document BLOB    NOT NULL,
    received INTEGER NOT NULL,
    PRIMARY KEY (context, issuer, id)
) STRICT;

CREATE INDEX credential_offer_newest ON credential_offer (context, received DESC, issuer DESC, id DESC);

-- Issuer: what holders asked for.
CREATE TABLE issuance_request (
    context     TEXT    NOT NULL CHECK (context <> ''),
    id          TEXT    NOT NULL CHECK (id <> ''), -- ours: issuerPid
    holder      TEXT    NOT NULL CHECK (holder <> ''),
    holder_pid  TEXT    NOT NULL CHECK (holder_pid <> ''),
    credentials TEXT    NOT NULL,
    token       TEXT             CHECK (token <> ''), -- sealed; NULL: none
    state       TEXT    NOT NULL CHECK (state IN ('RECEIVED', 'APPROVED', 'ISSUED', 'REJECTED', 'UNDELIVERABLE')),
    claims      TEXT    NOT NULL,
    evidence    TEXT             CHECK (evidence <> ''), -- NULL: none
    reason      TEXT    NOT NULL,
    decided     TEXT    NOT NULL,
    created     INTEGER NOT NULL,
    updated     INTEGER NOT NULL,
    delivered   INTEGER NOT NULL,
    next_try    INTEGER NOT NULL CHECK (next_try >= 0), -- 0: nothing is owed
    tries       INTEGER NOT NULL CHECK (tries >= 0),
    deadline    INTEGER NOT NULL,
    last_error  TEXT    NOT NULL,
    version     INTEGER NOT NULL CHECK (version >= 1),
    PRIMARY KEY (context, id)
) STRICT;

CREATE INDEX issuance_request_newest ON issuance_request (context, created DESC, id DESC);
CREATE INDEX issuance_request_state ON issuance_request (context, state, created DESC, id DESC);
CREATE INDEX issuance_request_due ON issuance_request (next_try) WHERE next_try > 0;

-- Issuer: status lists, and how many of their places are taken. Who issues has
-- the row of the list first.
CREATE TABLE status_list (
    context TEXT    NOT NULL CHECK (context <> ''),
    list    INTEGER NOT NULL CHECK (list >= 1),
    taken   INTEGER NOT NULL CHECK (taken >= 1),
    PRIMARY KEY (context, list)
) STRICT, WITHOUT ROWID;

-- Issuer: what was issued. No place of a list is given twice.
CREATE TABLE issued_credential (
    context     TEXT    NOT NULL CHECK (context <> ''),
    id          TEXT    NOT NULL CHECK (id <> ''), -- its own
    request     TEXT    NOT NULL,
    holder      TEXT    NOT NULL CHECK (holder <> ''),
    type        TEXT    NOT NULL CHECK (type <> ''),
    profile     TEXT    NOT NULL CHECK (profile <> ''),
    raw         TEXT    NOT NULL CHECK (raw <> ''),
    issued      INTEGER NOT NULL,
    valid_until INTEGER NOT NULL,
    list        INTEGER NOT NULL,
    place       INTEGER NOT NULL CHECK (place >= 0),
    state       TEXT    NOT NULL CHECK (state IN ('ACTIVE', 'SUSPENDED', 'REVOKED')),
    reason      TEXT    NOT NULL,
    changed     INTEGER NOT NULL,
    PRIMARY KEY (context, id),
    UNIQUE (context, list, place),
    FOREIGN KEY (context, request) REFERENCES issuance_request (context, id),
    FOREIGN KEY (context, list) REFERENCES status_list (context, list)
) STRICT;

CREATE INDEX issued_credential_newest ON issued_credential (context, issued DESC, id DESC);
CREATE INDEX issued_credential_holder ON issued_credential (context, holder, issued DESC, id DESC);
CREATE INDEX issued_credential_request ON issued_credential (context, request);
CREATE INDEX issued_credential_state ON issued_credential (context, list, state, place);
