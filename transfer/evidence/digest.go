// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
)

// Digest is the sum, modulo 2^256, of what each body adds: so that it is the
// same in whichever order they came. As text it is 64 hexadecimal digits.
type Digest [sha256.Size]byte

// Add is what one body adds: the SHA-256 of its tracking id, its own SHA-256
// in lower-case hexadecimal and its length in decimal, each with a line feed
// behind it, as a number of which the first byte is the highest.
func Add(trackingID, sum string, length int64) Digest {
	text := make([]byte, 0, len(trackingID)+len(sum)+24)
	text = append(append(text, trackingID...), '\n')
	text = append(append(text, sum...), '\n')
	text = append(strconv.AppendInt(text, length, 10), '\n')
	return sha256.Sum256(text)
}

// Plus returns the sum of both.
func (d Digest) Plus(e Digest) Digest {
	carry := uint(0)
	for i := len(d) - 1; i >= 0; i-- {
		carry += uint(d[i]) + uint(e[i])
		d[i] = byte(carry)
		carry >>= 8
	}
	return d
}

// String returns the digits.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// MarshalText implements encoding.TextMarshaler.
func (d Digest) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Digest) UnmarshalText(text []byte) error {
	var read Digest
	if hex.DecodedLen(len(text)) != len(read) || len(text)%2 != 0 {
		return fmt.Errorf("a digest has %d hexadecimal digits, not %d", 2*len(read), len(text))
	}
	if _, err := hex.Decode(read[:], text); err != nil {
		return fmt.Errorf("digest: %w", err)
	}
	*d = read
	return nil
}
