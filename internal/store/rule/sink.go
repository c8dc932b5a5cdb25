// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"errors"
	"fmt"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/transfer/sink"
)

// Holding reports why h cannot be kept as a new one.
func Holding(h sink.Holding, journal engine.Entry) error {
	var wrong error
	switch {
	case Micro(h.Stored) <= 0:
		wrong = errors.New("it was stored at no time")
	case h.State != sink.Open || !h.Deleted.IsZero() || h.Reason != "" || h.LastError != "":
		wrong = errors.New("it is not a new one")
	case h.Size < 0 || len(h.SHA256) != 64:
		wrong = errors.New("its size or hash is missing")
	case Micro(h.Due) < 0 || Micro(h.NextTry) < 0:
		wrong = errors.New("a time before 1970")
	case h.Due.IsZero() != h.NextTry.IsZero():
		wrong = errors.New("it is due and nobody tries to delete it, or the other way round")
	}
	return invalid("holding", wrong, plain("dataset", h.Dataset, "peer", h.Peer, "file", h.File, "rule", h.Rule, "hash", h.SHA256),
		key("context", h.Context, "id", h.ID, "transfer", h.Transfer, "agreement", h.Agreement, "folder", h.Folder, "file", h.File),
		Journal(h.Context, journal))
}

// Expiry reports why nothing can be due for a reason at a time.
func Expiry(why string, now time.Time) error {
	return invalid("expiry", positive(now), plain("rule", why))
}

// DeleteHolding reports why a holding cannot be deleted by d.
func DeleteHolding(context, id string, d sink.Deletion) error {
	return invalid("deletion", key("context", context, "id", id), positive(d.At), plain("reason", d.Reason), Journal(context, d.Journal))
}

// FailHolding reports why a failure of a holding cannot be kept.
func FailHolding(context, id, problem string, next time.Time) error {
	var late error
	if !next.IsZero() {
		late = positive(next)
	}
	return invalid("failure", key("context", context, "id", id, "problem", problem), late)
}

func positive(t time.Time) error {
	if Micro(t) <= 0 {
		return fmt.Errorf("the time %v", t)
	}
	return nil
}
