// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package status

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"

	"github.com/musubi-ods/musubi/trust"
)

const (
	// maxEntries bounds the lists that one credential can make us fetch.
	maxEntries = 8
	// maxIndex is the largest integer that JSON numbers carry exactly.
	maxIndex = 1 << 53
	// maxListURL bounds a list's URL, in bytes.
	maxListURL = 2 << 10
)

// ParseEntries reads a credentialStatus: one object or an array of them. None,
// null and an empty array give no entries. An index may be a string, as the
// specifications say, or a number. Errors are a *trust.Refusal: V91 for a type
// that is not understood, V93 for entries of more than one bit, V87 for an
// index that is none, V86 for a purpose that cannot be judged, V92 for too
// many entries, V82 for an entry without a list.
func ParseEntries(raw json.RawMessage) ([]trust.StatusEntry, error) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	list := []json.RawMessage{raw}
	if raw[0] == '[' {
		if err := json.Unmarshal(raw, &list); err != nil {
			return nil, trust.Refuse("V91", "credentialStatus is not readable")
		}
	}
	if len(list) > maxEntries {
		return nil, trust.Refuse("V92", "%d status entries; at most %d are judged", len(list), maxEntries)
	}
	var entries []trust.StatusEntry
	for _, item := range list {
		entry, err := parseEntry(item)
		if err != nil {
			return nil, err
		}
		entries = append(entries, entry)
	}
	return entries, nil
}

func parseEntry(raw json.RawMessage) (trust.StatusEntry, error) {
	m, ok := members(raw)
	if !ok {
		return trust.StatusEntry{}, trust.Refuse("V91", "a status entry is not an object")
	}
	entry := trust.StatusEntry{Type: knownType(texts(m["type"]))}
	entry.ID, _ = text(m["id"])
	entry.List, _ = text(m["statusListCredential"])
	entry.Purpose, _ = text(m["statusPurpose"])
	if entry.Type == "" {
		return entry, trust.Refuse("V91", "the status type %.80q is not understood", texts(m["type"]))
	}
	if size, present := m["statusSize"]; present && !isOne(size) {
		return entry, trust.Refuse("V93", "statusSize is %.20s; only entries of one bit are understood", size)
	}
	var err error
	if entry.Index, err = ParseIndex(m["statusListIndex"]); err != nil {
		return entry, err
	}
	return entry, known(entry)
}

// knownType returns the one type among those of an entry that is understood.
func knownType(types []string) string {
	found := ""
	for _, t := range types {
		if t == StatusList2021 || t == Bitstring {
			if found != "" {
				return "" // both: nobody can say which is meant
			}
			found = t
		}
	}
	return found
}

// known refuses an entry that cannot be judged, before a list is fetched.
func known(entry trust.StatusEntry) error {
	switch {
	case entry.Type != StatusList2021 && entry.Type != Bitstring:
		return trust.Refuse("V91", "the status type %.80q is not understood", entry.Type)
	case !slices.Contains([]string{Revocation, Suspension}, entry.Purpose):
		return trust.Refuse("V86", "the status purpose %.80q is not understood", entry.Purpose)
	case entry.List == "" || len(entry.List) > maxListURL:
		return trust.Refuse("V82", "the entry names no status list")
	case entry.Index > maxIndex:
		return trust.Refuse("V87", "the index is out of range")
	}
	return nil
}

func isOne(raw json.RawMessage) bool {
	if s, ok := text(raw); ok {
		return s == "1"
	}
	return string(bytes.TrimSpace(raw)) == "1"
}

// ParseIndex reads a statusListIndex: decimal digits in a string or as a
// number, from 0 to 2^53. A sign, a fraction, an exponent or a leading zero is
// a *trust.Refusal, V87.
func ParseIndex(raw json.RawMessage) (uint64, error) {
	digits, ok := text(raw)
	if !ok {
		digits = string(bytes.TrimSpace(raw))
	}
	n, err := strconv.ParseUint(digits, 10, 64)
	if err != nil || n > maxIndex || strconv.FormatUint(n, 10) != digits { // the one spelling
		return 0, trust.Refuse("V87", "the index %.40q is not a whole number from 0 to 2^53", digits)
	}
	return n, nil
}
