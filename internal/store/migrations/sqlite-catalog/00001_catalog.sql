-- Copyright 2026 The Musubi Authors
-- SPDX-License-Identifier: Apache-2.0

-- +goose Up

-- Policies by hash, canonical; what a hash names never changes.
CREATE TABLE policy (
    context  TEXT NOT NULL CHECK (context <> ''),
    hash     TEXT NOT NULL CHECK (length(hash) = 64),
    document TEXT NOT NULL CHECK (document <> ''),
    PRIMARY KEY (context, hash)
) STRICT, WITHOUT ROWID;

-- One row per catalogue. Who writes a catalogue has this row first, so that an
-- asset and an offer written at the same time find each other.
CREATE TABLE catalog (
    context TEXT    NOT NULL PRIMARY KEY CHECK (context <> ''),
    version INTEGER NOT NULL CHECK (version >= 1)
) STRICT, WITHOUT ROWID;

CREATE TABLE asset (
    context     TEXT    NOT NULL CHECK (context <> ''),
    id          TEXT    NOT NULL CHECK (id <> ''),
    properties  TEXT    NOT NULL,
    labels      TEXT    NOT NULL,
    formats     TEXT    NOT NULL,
    source_type TEXT    NOT NULL,
    source_url  TEXT    NOT NULL,
    source_path TEXT    NOT NULL,
    headers     TEXT             CHECK (headers <> ''), -- sealed; NULL: none
    created     INTEGER NOT NULL,
    updated     INTEGER NOT NULL,
    PRIMARY KEY (context, id),
    CONSTRAINT no_source_has_nothing CHECK (source_type <> '' OR
        (source_url = '' AND source_path = '' AND headers IS NULL))
) STRICT;

-- What filters and orders see of an asset.
CREATE TABLE asset_term (
    context TEXT NOT NULL,
    asset   TEXT NOT NULL,
    name    TEXT NOT NULL CHECK (name <> ''),
    value   TEXT NOT NULL,
    least   INTEGER NOT NULL CHECK (least IN (0, 1)), -- of the values of its name
    PRIMARY KEY (context, asset, name, value),
    FOREIGN KEY (context, asset) REFERENCES asset (context, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX asset_term_value ON asset_term (context, name, value, asset);
CREATE UNIQUE INDEX asset_term_least ON asset_term (context, asset, name) WHERE least;

CREATE TABLE asset_label (
    context TEXT NOT NULL,
    asset   TEXT NOT NULL,
    name    TEXT NOT NULL CHECK (name <> ''),
    value   TEXT NOT NULL,
    PRIMARY KEY (context, asset, name),
    FOREIGN KEY (context, asset) REFERENCES asset (context, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX asset_label_value ON asset_label (context, name, value, asset);

CREATE TABLE offer (
    context    TEXT    NOT NULL CHECK (context <> ''),
    id         TEXT    NOT NULL CHECK (id <> ''),
    all_assets INTEGER NOT NULL CHECK (all_assets IN (0, 1)),
    labels     INTEGER NOT NULL CHECK (labels >= 0), -- how many an asset must have; 0: selects otherwise
    selector   TEXT    NOT NULL,
    access     TEXT    NOT NULL, -- hash of the access policy
    usage      TEXT    NOT NULL, -- hash of the usage policy
    rules      TEXT    NOT NULL,
    created    INTEGER NOT NULL,
    updated    INTEGER NOT NULL,
    PRIMARY KEY (context, id),
    UNIQUE (context, id, access),
    FOREIGN KEY (context, access) REFERENCES policy (context, hash),
    FOREIGN KEY (context, usage) REFERENCES policy (context, hash)
) STRICT;

CREATE INDEX offer_access ON offer (context, access);
CREATE INDEX offer_all ON offer (context) WHERE all_assets;

-- The assets that an offer names, whether or not they exist now.
CREATE TABLE offer_name (
    context TEXT NOT NULL,
    offer   TEXT NOT NULL,
    asset   TEXT NOT NULL CHECK (asset <> ''),
    PRIMARY KEY (context, offer, asset),
    FOREIGN KEY (context, offer) REFERENCES offer (context, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX offer_name_asset ON offer_name (context, asset, offer);

-- The labels that an offer asks for.
CREATE TABLE offer_label (
    context TEXT NOT NULL,
    offer   TEXT NOT NULL,
    name    TEXT NOT NULL CHECK (name <> ''),
    value   TEXT NOT NULL,
    PRIMARY KEY (context, offer, name),
    FOREIGN KEY (context, offer) REFERENCES offer (context, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX offer_label_value ON offer_label (context, name, value, offer);

-- Which offers are for which assets, worked out when either is written, with
-- what decides who sees it.
CREATE TABLE offer_asset (
    context TEXT NOT NULL,
    asset   TEXT NOT NULL,
    access  TEXT NOT NULL,
    offer   TEXT NOT NULL,
    PRIMARY KEY (context, asset, access, offer),
    FOREIGN KEY (context, asset) REFERENCES asset (context, id) ON DELETE CASCADE,
    FOREIGN KEY (context, offer, access) REFERENCES offer (context, id, access) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX offer_asset_offer ON offer_asset (context, offer, asset);
-- What an access policy shows, in order.
CREATE INDEX offer_asset_access ON offer_asset (context, access, asset);
