-- Copyright 2026 The Musubi Authors
-- SPDX-License-Identifier: Apache-2.0

-- +goose Up

-- The participants that this database speaks for.
CREATE TABLE participant (
    context    TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (context <> ''),
    id         TEXT COLLATE "C" NOT NULL CHECK (id <> ''),
    name       TEXT COLLATE "C" NOT NULL,
    public_url TEXT NOT NULL,
    profile    TEXT NOT NULL
);

-- Counterparties. What is sealed is encrypted, and bound to its place: context,
-- table, key and column.
CREATE TABLE peer (
    context  TEXT COLLATE "C" NOT NULL CHECK (context <> ''),
    id       TEXT COLLATE "C" NOT NULL CHECK (id <> ''),
    url      TEXT NOT NULL,
    profile  TEXT NOT NULL,
    inbound  TEXT          CHECK (inbound <> ''),  -- sealed; NULL: none
    outbound TEXT          CHECK (outbound <> ''), -- sealed; NULL: none
    PRIMARY KEY (context, id)
);

-- Private keys. The highest number is the current one of its use.
CREATE TABLE signing_key (
    context TEXT COLLATE "C" NOT NULL CHECK (context <> ''),
    id      TEXT COLLATE "C" NOT NULL CHECK (id <> ''),
    use     TEXT COLLATE "C" NOT NULL CHECK (use <> ''),
    number  BIGINT  NOT NULL CHECK (number >= 1),
    pem     TEXT    NOT NULL CHECK (pem <> ''), -- sealed
    PRIMARY KEY (context, id),
    UNIQUE (context, use, number)
);

-- One sealed text that is known, by which a wrong key is found at the start.
CREATE TABLE seal (
    one   BIGINT  NOT NULL PRIMARY KEY CHECK (one = 1),
    probe TEXT    NOT NULL CHECK (probe <> '')
);

-- Contracts, as they were concluded: nothing here refers to what can be edited.
CREATE TABLE agreement (
    context         TEXT COLLATE "C" NOT NULL CHECK (context <> ''),
    id              TEXT COLLATE "C" NOT NULL CHECK (id <> ''),
    role            TEXT    NOT NULL CHECK (role IN ('consumer', 'provider')),
    peer            TEXT    NOT NULL,
    address         TEXT    NOT NULL,
    address_foreign BOOLEAN NOT NULL,
    negotiation     TEXT    NOT NULL,
    target          TEXT    NOT NULL,
    assigner        TEXT    NOT NULL,
    assignee        TEXT    NOT NULL,
    concluded       BIGINT  NOT NULL,
    document        BYTEA   NOT NULL,
    policy          BYTEA,
    dataset         BYTEA,
    claims          TEXT    NOT NULL,
    document_hash   TEXT    NOT NULL CHECK (length(document_hash) = 64),
    policy_hash     TEXT    NOT NULL CHECK (length(policy_hash) = 64),
    unenforced      BOOLEAN NOT NULL,
    imported        BOOLEAN NOT NULL,
    final           BOOLEAN NOT NULL,
    PRIMARY KEY (context, id),
    CONSTRAINT import_has_no_negotiation CHECK (NOT imported OR negotiation = '')
);

CREATE INDEX agreement_newest ON agreement (context, concluded DESC, id DESC);

-- Policies by hash, canonical; what a hash names never changes.
CREATE TABLE policy (
    context  TEXT COLLATE "C" NOT NULL CHECK (context <> ''),
    hash     TEXT COLLATE "C" NOT NULL CHECK (length(hash) = 64),
    document TEXT NOT NULL CHECK (document <> ''),
    PRIMARY KEY (context, hash)
);

-- One row per catalogue. Who writes a catalogue has this row first, so that an
-- asset and an offer written at the same time find each other.
CREATE TABLE catalog (
    context TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (context <> ''),
    version BIGINT  NOT NULL CHECK (version >= 1)
);

CREATE TABLE asset (
    context     TEXT COLLATE "C" NOT NULL CHECK (context <> ''),
    id          TEXT COLLATE "C" NOT NULL CHECK (id <> ''),
    properties  TEXT    NOT NULL,
    labels      TEXT    NOT NULL,
    formats     TEXT    NOT NULL,
    source_type TEXT    NOT NULL,
    source_url  TEXT    NOT NULL,
    source_path TEXT    NOT NULL,
    headers     TEXT             CHECK (headers <> ''), -- sealed; NULL: none
    created     BIGINT  NOT NULL,
    updated     BIGINT  NOT NULL,
    PRIMARY KEY (context, id),
    CONSTRAINT no_source_has_nothing CHECK (source_type <> '' OR
        (source_url = '' AND source_path = '' AND headers IS NULL))
);

-- What filters and orders see of an asset.
CREATE TABLE asset_term (
    context TEXT COLLATE "C" NOT NULL,
    asset   TEXT COLLATE "C" NOT NULL,
    name    TEXT COLLATE "C" NOT NULL CHECK (name <> ''),
    value   TEXT COLLATE "C" NOT NULL,
    least   BOOLEAN NOT NULL, -- of the values of its name
    PRIMARY KEY (context, asset, name, value),
    FOREIGN KEY (context, asset) REFERENCES asset (context, id) ON DELETE CASCADE
);

CREATE INDEX asset_term_value ON asset_term (context, name, value, asset);
CREATE UNIQUE INDEX asset_term_least ON asset_term (context, asset, name) WHERE least;

CREATE TABLE asset_label (
    context TEXT COLLATE "C" NOT NULL,
    asset   TEXT COLLATE "C" NOT NULL,
    name    TEXT COLLATE "C" NOT NULL CHECK (name <> ''),
    value   TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (context, asset, name),
    FOREIGN KEY (context, asset) REFERENCES asset (context, id) ON DELETE CASCADE
);

CREATE INDEX asset_label_value ON asset_label (context, name, value, asset);

CREATE TABLE offer (
    context    TEXT COLLATE "C" NOT NULL CHECK (context <> ''),
    id         TEXT COLLATE "C" NOT NULL CHECK (id <> ''),
    all_assets BOOLEAN NOT NULL,
    labels     BIGINT  NOT NULL CHECK (labels >= 0), -- how many an asset must have; 0: selects otherwise
    selector   TEXT    NOT NULL,
    access     TEXT COLLATE "C" NOT NULL, -- hash of the access policy
    usage      TEXT COLLATE "C" NOT NULL, -- hash of the usage policy
    rules      TEXT    NOT NULL,
    created    BIGINT  NOT NULL,
    updated    BIGINT  NOT NULL,
    PRIMARY KEY (context, id),
    UNIQUE (context, id, access),
    FOREIGN KEY (context, access) REFERENCES policy (context, hash),
    FOREIGN KEY (context, usage) REFERENCES policy (context, hash)
);

CREATE INDEX offer_access ON offer (context, access);
CREATE INDEX offer_all ON offer (context) WHERE all_assets;

-- The assets that an offer names, whether or not they exist now.
CREATE TABLE offer_name (
    context TEXT COLLATE "C" NOT NULL,
    offer   TEXT COLLATE "C" NOT NULL,
    asset   TEXT COLLATE "C" NOT NULL CHECK (asset <> ''),
    PRIMARY KEY (context, offer, asset),
    FOREIGN KEY (context, offer) REFERENCES offer (context, id) ON DELETE CASCADE
);

CREATE INDEX offer_name_asset ON offer_name (context, asset, offer);

-- The labels that an offer asks for.
CREATE TABLE offer_label (
    context TEXT COLLATE "C" NOT NULL,
    offer   TEXT COLLATE "C" NOT NULL,
    name    TEXT COLLATE "C" NOT NULL CHECK (name <> ''),
    value   TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (context, offer, name),
    FOREIGN KEY (context, offer) REFERENCES offer (context, id) ON DELETE CASCADE
);

CREATE INDEX offer_label_value ON offer_label (context, name, value, offer);

-- Which offers are for which assets, worked out when either is written, with
-- what decides who sees it.
CREATE TABLE offer_asset (
    context TEXT COLLATE "C" NOT NULL,
    asset   TEXT COLLATE "C" NOT NULL,
    access  TEXT COLLATE "C" NOT NULL,
    offer   TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (context, asset, access, offer),
    FOREIGN KEY (context, asset) REFERENCES asset (context, id) ON DELETE CASCADE,
    FOREIGN KEY (context, offer, access) REFERENCES offer (context, id, access) ON DELETE CASCADE
);

CREATE UNIQUE INDEX offer_asset_offer ON offer_asset (context, offer, asset);
-- What an access policy shows, in order.
CREATE INDEX offer_asset_access ON offer_asset (context, access, asset);
