// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package catalog

import "fmt"

// Codes of a Refusal.
const (
	CodeID        = "invalid-id"
	CodeDuplicate = "duplicate-id"
	CodeProperty  = "invalid-property"
	CodeLabel     = "invalid-label"
	CodeFormat    = "invalid-format"
	CodeSource    = "invalid-source"
	CodeSelector  = "invalid-selector"
	CodePolicy    = "invalid-policy"
	CodeRule      = "invalid-rule"
	CodeAsset     = "unknown-asset"
	CodeTooMany   = "too-many"
	CodeFilter    = "unsupported-filter"
	CodeToken     = "invalid-token"
)

// Refusal says why something asked of the catalogue is not done. Its texts are
// safe to show to whoever asked.
type Refusal struct {
	Code   string // one of the Code constants
	Reason string // what is wrong, where, and what to do
	Err    error  // the cause; may be nil
}

func (r *Refusal) Error() string { return r.Reason }
func (r *Refusal) Unwrap() error { return r.Err }

func refuse(code, format string, args ...any) *Refusal {
	return &Refusal{Code: code, Reason: fmt.Sprintf(format, args...)}
}

// of puts the thing that is refused before the reason.
func (r *Refusal) of(kind, id string) *Refusal {
	r.Reason = fmt.Sprintf("%s %.100q: %s", kind, id, r.Reason)
	return r
}
