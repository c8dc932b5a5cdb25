// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/musubi-ods/musubi/trust/policy"
)

// ErrNotFound says that this participant has no such asset, offer, dataset or
// policy. It is also the answer for what the counterparty may not see.
var ErrNotFound = errors.New("not in the catalogue")

// UnknownAssetError refuses an offer that names an asset which does not exist.
type UnknownAssetError struct{ Offer, Asset string }

func (e *UnknownAssetError) Error() string {
	return fmt.Sprintf("offer %q names the asset %q, which does not exist", e.Offer, e.Asset)
}

// Store keeps the assets and offers of many participants, each apart from the
// others: contextID is part of every key, and no method returns or changes what
// belongs to another context. Every method may be called by several goroutines.
//
// What is given in is valid (Service sees to it): ids are not empty, texts are
// UTF-8 without U+0000. Order is that of the bytes of the UTF-8 texts, whatever
// the locale. Times come back to the microsecond, in UTC. Slices and maps that
// are returned are the caller's; those that are given in are not kept.
//
// An offer and an asset are a pair if, and only if, Selector.Matches says so
// for what is stored. That holds after every Publish and Withdraw, whichever of
// the two was written last.
type Store interface {
	// Publish writes all of b or nothing. An asset or offer whose id is stored
	// is replaced, its Created kept; any other is inserted. The outcome does
	// not depend on the order within b. Where an offer's Assets.IDs name an
	// asset that is neither stored nor in b, nothing is written and the error
	// is an *UnknownAssetError. Each policy is kept once, by its hash, in
	// canonical form; one that no offer uses any more may stay.
	// Header values of a Source are secrets: encrypted at rest.
	Publish(ctx context.Context, contextID string, b Batch) error
	// PublishAll is Publish for batches that come one after another: all of
	// them or, also where batches yields an error, which is returned, nothing.
	// It is not seen before the end. No id occurs twice among the batches.
	// batches may be gone through several times. Other writers of catalogues
	// wait for it, nobody else; a pause of some seconds in it may be an error.
	PublishAll(ctx context.Context, contextID string, batches iter.Seq2[Batch, error]) error
	// Withdraw removes all of these assets and offers, with their pairs, or
	// nothing. ErrNotFound where one of them is not stored; removing nothing
	// at all is no error. An offer that names a removed asset stays, and finds
	// the asset again when it is published again. An id given twice counts once.
	Withdraw(ctx context.Context, contextID string, assetIDs, offerIDs []string) error

	// Asset returns one, whole. ErrNotFound.
	Asset(ctx context.Context, contextID, id string) (Asset, error)
	// Assets returns at most limit assets, whole, whose ids come after the one
	// given ("": from the start), in order of id.
	Assets(ctx context.Context, contextID, after string, limit int) ([]Asset, error)
	// Offer returns one, whole. ErrNotFound.
	Offer(ctx context.Context, contextID, id string) (Offer, error)
	// Offers is Assets for offers.
	Offers(ctx context.Context, contextID, after string, limit int) ([]Offer, error)

	// AccessHashes returns the hash of every access policy that an offer has
	// now, each once, in order. One statement.
	AccessHashes(ctx context.Context, contextID string) ([]string, error)
	// Policies returns policies by hash; ErrNotFound where one is not stored.
	// It finds every hash that AccessHashes or a Row just named. One statement.
	Policies(ctx context.Context, contextID string, hashes []string) (map[string]policy.Policy, error)

	// Datasets returns a page of the assets that are paired with at least one
	// visible offer: one whose access policy's hash is in q.Access (none: no
	// rows). Each row holds all visible offers of its asset, in order of id,
	// and no other. Only assets for which Filter.Matches holds are counted,
	// skipped or returned. They are in order of (Filter.SortKey, id), both
	// ascending, or both descending with Filter.Descending.
	//
	// Without a cursor the page begins at the start; else with the first asset
	// after q.Cursor in that order, whether or not the cursor's own asset still
	// exists. Backward (which needs a cursor) returns the q.Limit assets that come last
	// before the cursor, in the same order as always. q.Offset assets are
	// skipped between the place where the page would begin, in the direction
	// of travel, and the first one returned. more tells whether there are
	// further ones beyond the page in that direction. The number of statements
	// does not depend on how many rows, offers or policies there are.
	Datasets(ctx context.Context, contextID string, q DatasetQuery) (rows []Row, more bool, err error)
	// Dataset returns the row that Datasets would return for this asset under
	// these access hashes and no filter. ErrNotFound where it would return none.
	Dataset(ctx context.Context, contextID, id string, access []string) (Row, error)
}

// Batch is what is written together. No id occurs twice among the assets, nor
// among the offers.
type Batch struct {
	Assets []Asset
	Offers []Offer
}

// DatasetQuery asks for a page of datasets.
type DatasetQuery struct {
	Access   []string // hashes of the access policies that are open to the counterparty
	Filter   Filter
	Cursor   *Cursor
	Backward bool
	Offset   int
	Limit    int // from 1
}

// Cursor is a place in the order of datasets.
type Cursor struct {
	Key string // Filter.SortKey of an asset
	ID  string // its id
}

// Row is an asset with its visible offers.
type Row struct {
	// Asset has neither Source nor Labels: both are left zero, so that no
	// secret is decrypted for a page.
	Asset  Asset
	Offers []RowOffer // at least one
}

// RowOffer is what a dataset shows of an offer.
type RowOffer struct {
	ID     string
	Assets Selector
	Usage  string // hash of the usage policy
}
