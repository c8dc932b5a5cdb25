-- Copyright 2026 The Musubi Authors
-- SPDX-License-Identifier: Apache-2.0

-- +goose Up

-- The participants that this database speaks for.
CREATE TABLE participant (
    context    TEXT NOT NULL PRIMARY KEY CHECK (context <> ''),
    id         TEXT NOT NULL CHECK (id <> ''),
    name       TEXT NOT NULL,
    public_url TEXT NOT NULL,
    profile    TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Counterparties. What is sealed is encrypted, and bound to its place: context,
-- table, key and column.
CREATE TABLE peer (
    context  TEXT NOT NULL CHECK (context <> ''),
    id       TEXT NOT NULL CHECK (id <> ''),
    url      TEXT NOT NULL,
    profile  TEXT NOT NULL,
    inbound  TEXT          CHECK (inbound <> ''),  -- sealed; NULL: none
    outbound TEXT          CHECK (outbound <> ''), -- sealed; NULL: none
    PRIMARY KEY (context, id)
) STRICT, WITHOUT ROWID;

-- Private keys. The highest number is the current one of its use.
CREATE TABLE signing_key (
    context TEXT    NOT NULL CHECK (context <> ''),
    id      TEXT    NOT NULL CHECK (id <> ''),
    use     TEXT    NOT NULL CHECK (use <> ''),
    number  INTEGER NOT NULL CHECK (number >= 1),
    pem     TEXT    NOT NULL CHECK (pem <> ''), -- sealed
    PRIMARY KEY (context, id),
    UNIQUE (context, use, number)
) STRICT, WITHOUT ROWID;

-- One sealed text that is known, by which a wrong key is found at the start.
CREATE TABLE seal (
    one   INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    probe TEXT    NOT NULL CHECK (probe <> '')
) STRICT;

-- Contracts, as they were concluded: nothing here refers to what can be edited.
CREATE TABLE agreement (
    context         TEXT    NOT NULL CHECK (context <> ''),
    id              TEXT    NOT NULL CHECK (id <> ''),
    role            TEXT    NOT NULL CHECK (role IN ('consumer', 'provider')),
    peer            TEXT    NOT NULL,
    address         TEXT    NOT NULL,
    address_foreign INTEGER NOT NULL CHECK (address_foreign IN (0, 1)),
    negotiation     TEXT    NOT NULL,
    target          TEXT    NOT NULL,
    assigner        TEXT    NOT NULL,
    assignee        TEXT    NOT NULL,
    concluded       INTEGER NOT NULL,
    document        BLOB    NOT NULL,
    policy          BLOB,
    dataset         BLOB,
    claims          TEXT    NOT NULL,
    document_hash   TEXT    NOT NULL CHECK (length(document_hash) = 64),
    policy_hash     TEXT    NOT NULL CHECK (length(policy_hash) = 64),
    unenforced      INTEGER NOT NULL CHECK (unenforced IN (0, 1)),
    imported        INTEGER NOT NULL CHECK (imported IN (0, 1)),
    final           INTEGER NOT NULL CHECK (final IN (0, 1)),
    PRIMARY KEY (context, id),
    CONSTRAINT import_has_no_negotiation CHECK (NOT imported OR negotiation = '')
) STRICT;

CREATE INDEX agreement_newest ON agreement (context, concluded DESC, id DESC);
