// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package status

import (
	"net/url"
	"slices"
	"time"

	"github.com/musubi-ods/musubi/trust"
)

// leeway is how far an issuer's clock may be ahead of ours. A list's end has
// none: it is short as it is.
const leeway = 30 * time.Second

// ended reports whether a list is past its end.
func (l *statusList) ended(now time.Time) bool { return !l.until.IsZero() && !now.Before(l.until) }

func (l *statusList) tooLate() *trust.Refusal {
	return trust.Refuse("V85", "the status list ended at %s", l.until.UTC().Format(time.RFC3339))
}

// judge says whether the list is good for an entry, and what it says.
func (c *Checker) judge(l *statusList, e Entry, entry trust.StatusEntry) error {
	now := c.cfg.Now()
	switch {
	case l.kind != entry.Type:
		return trust.Refuse("V88", "an entry of type %s points to a list for %s", entry.Type, l.kind)
	case l.ended(now):
		return l.tooLate()
	case l.from.After(now.Add(leeway)):
		return trust.Refuse("V85", "the status list is valid from %s on", l.from.UTC().Format(time.RFC3339))
	case !slices.Contains(l.purposes, entry.Purpose):
		return trust.Refuse("V86", "the entry is for %s, the status list for %.200q", entry.Purpose, l.purposes)
	}
	if err := c.relax(l, e, entry); err != nil {
		return err
	}
	if entry.Index >= uint64(len(l.bits))*8 {
		return trust.Refuse("V87", "the index %d is beyond the list's %d entries", entry.Index, len(l.bits)*8)
	}
	if !isSet(l.bits, entry.Index) {
		return nil
	}
	if entry.Purpose == Suspension {
		return trust.Refuse("V81", "the issuer has suspended the credential")
	}
	return trust.Refuse("V80", "the issuer has revoked the credential")
}

// relax refuses what only a lenient reader accepts, or tells of it.
func (c *Checker) relax(l *statusList, e Entry, entry trust.StatusEntry) error {
	for _, r := range []struct {
		used        bool
		check, what string
	}{
		{l.unsigned, "V83", "the status list is not signed"},
		{l.anyKey, "V83", "the status list's key is not published for assertions: its DID document lists no uses"},
		{l.elsewhere(entry.List), "V84", "the status list says that it is another one"},
		{l.loose, "V88", "the encodedList is not multibase base64url"},
		{len(l.bits)*8 < MinBits, "V90", "the status list is shorter than 131072 entries"},
	} {
		switch {
		case !r.used:
		case !e.Conformance.Lenient():
			return trust.Refuse(r.check, "%s", r.what)
		default:
			c.cfg.Relaxed(e.Issuer, r.what)
		}
	}
	return nil
}

// elsewhere reports whether the list names itself by another URL: an answer
// with another list of the same issuer would pass for this one. An id that is
// no URL is the issuer's own affair.
func (l *statusList) elsewhere(asked string) bool {
	u, err := url.Parse(l.id)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && l.id != asked
}
