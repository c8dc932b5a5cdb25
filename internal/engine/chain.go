// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
)

// Chain returns the hash of a journal row: SHA-256, in lower-case hex, over
// the hash of the row before and every member of this one, each preceded by
// its length so that no two rows read alike. Position and Hash must be set
// after and are covered as follows: Position is, Hash is not.
func Chain(prev string, e Entry) string {
	h := sha256.New()
	for _, part := range []string{prev, e.Context, e.ID, e.Process, string(e.Kind), e.Event, string(e.Detail)} {
		number(h, int64(len(part)))
		h.Write([]byte(part))
	}
	number(h, e.Position)
	number(h, e.At.UnixMicro())
	return hex.EncodeToString(h.Sum(nil))
}

func number(h hash.Hash, n int64) {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(n))
	h.Write(b[:])
}
