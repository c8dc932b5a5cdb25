// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package status

import (
	"context"
	"errors"
	"time"

	"github.com/musubi-ods/musubi/internal/cache"
	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/trust"
)

// The types of entries and the purposes that are understood.
const (
	StatusList2021 = "StatusList2021Entry"
	Bitstring      = "BitstringStatusListEntry"

	Revocation = "revocation"
	Suspension = "suspension"
)

// MinBits is the least length of a list: a shorter one would tell too much
// about who is looked up (Bitstring Status List, section 3.3).
const MinBits = 131072

// maxAge is the default of Config.MaxAge and the most: a revoked credential is
// refused everywhere within this time.
const maxAge = 60 * time.Second

// Checker judges status entries by the lists they name, with a cache. It is
// safe for concurrent use.
type Checker struct {
	cfg   Config
	cache *cache.Cache[key, *slot]
}

// Config is what Checker needs.
type Config struct {
	HTTP did.Doer // safehttp.Clients.Foreign
	DIDs did.Resolver
	Now  func() time.Time
	// MaxAge is how long a list is believed; default and most 60 s. Negative:
	// each list is fetched each time.
	MaxAge time.Duration
	// Relaxed is told each use of a relaxation; may be nil.
	Relaxed func(did, what string)
}

// New makes a checker.
func New(c Config) *Checker {
	if c.MaxAge == 0 || c.MaxAge > maxAge {
		c.MaxAge = maxAge
	}
	c.MaxAge = max(c.MaxAge, 0)
	if c.Relaxed == nil {
		c.Relaxed = func(string, string) {}
	}
	return &Checker{cfg: c, cache: cache.New(maxCached, sizeOf)}
}

// Entry is what is judged: entries of one credential.
type Entry struct {
	Credential string // its id, for the refusal
	Issuer     string // its issuer, who must have signed the list
	Entries    []trust.StatusEntry
	// Conformance is the issuer's: Lenient accepts an unsigned list and one
	// that is shorter than MinBits.
	Conformance trust.Conformance
	// MaxAge, if not zero, is how old the list may be this once: 3 s behind a
	// running transfer. Negative: it is asked for in any case.
	MaxAge time.Duration
}

// Check returns nil if no entry says revoked or suspended. Errors are a
// *trust.Refusal, or wrap trust.ErrUnavailable where a list could not be
// fetched. A verdict against one entry comes before another that is out of
// reach.
func (c *Checker) Check(ctx context.Context, e Entry) error {
	if len(e.Entries) > maxEntries {
		return trust.Refuse("V92", "%d status entries; at most %d are judged", len(e.Entries), maxEntries).Of(e.Credential)
	}
	var unavailable error
	for i := range e.Entries {
		err := c.checkOne(ctx, e, e.Entries[i])
		if refusal, ok := errors.AsType[*trust.Refusal](err); ok {
			return e.refuse(i, refusal)
		}
		if err != nil && unavailable == nil {
			unavailable = err
		}
	}
	return unavailable
}

// refuse names the credential. Where another entry speaks of the same purpose,
// the fault is that not all of them pass.
func (e Entry) refuse(i int, cause *trust.Refusal) error {
	for j, other := range e.Entries {
		if i != j && other.Purpose == e.Entries[i].Purpose {
			return trust.Refuse("V92", "entry %d of %d does not pass, and all for the purpose %q must",
				i+1, len(e.Entries), e.Entries[i].Purpose).Because(cause).Of(e.Credential)
		}
	}
	named := *cause // the original may be in the cache, for others
	return named.Of(e.Credential)
}

func (c *Checker) checkOne(ctx context.Context, e Entry, entry trust.StatusEntry) error {
	if err := known(entry); err != nil {
		return err
	}
	l, err := c.list(ctx, e, entry.List)
	if err != nil {
		return err
	}
	return c.judge(l, e, entry)
}
