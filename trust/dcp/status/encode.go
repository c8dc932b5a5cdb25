// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package status

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxBytes is the most that a list may hold once it is decompressed: 134
// million entries.
const maxBytes = 16 << 20

// errBomb marks a list that would be larger.
var errBomb = errors.New("the list is larger than 16 MiB")

// Encode compresses bits and writes them as base64url without padding: the
// encodedList of StatusList2021. That of BitstringStatusList has the letter u
// before it.
func Encode(bits []byte) string { return base64.RawURLEncoding.EncodeToString(pack(bits)) }

func pack(bits []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(bits) // a buffer takes all
	_ = z.Close()
	return b.Bytes()
}

// encodeAs writes the encodedList of a kind.
func encodeAs(bits []byte, kind string) string {
	if kind == Bitstring {
		return "u" + Encode(bits) // multibase
	}
	return Encode(bits)
}

// encodePlain writes the encodedList of an unsigned list. The text on
// StatusList2021 says base64 and no more; those who read unsigned lists take
// the plain alphabet for it.
func encodePlain(bits []byte, kind string) string {
	if kind == Bitstring {
		return encodeAs(bits, kind)
	}
	return base64.StdEncoding.EncodeToString(pack(bits))
}

// decode reads an encodedList of a kind. loose reports a spelling that only
// deployed issuers of the other kind write.
func decode(encoded, kind string) (bits []byte, loose bool, err error) {
	if kind == Bitstring {
		if packed, err := strictly(encoded); err == nil {
			bits, err = unpack(packed)
			return bits, false, err
		}
		loose = true
	}
	packed, err := anyBase64(encoded)
	if err != nil {
		return nil, loose, err
	}
	bits, err = unpack(packed)
	return bits, loose, err
}

// strictly reads multibase: the letter u and base64url without padding
// (Bitstring Status List, section 2.2).
func strictly(encoded string) ([]byte, error) {
	rest, found := strings.CutPrefix(encoded, "u")
	if !found {
		return nil, errors.New("it does not begin with u")
	}
	return decode64(base64.RawURLEncoding, rest)
}

// anyBase64 reads base64 of either alphabet, padded or not, with or without
// the letter u before it. The first byte of GZIP makes "H" the first letter,
// so the u is never part of the data.
func anyBase64(encoded string) ([]byte, error) {
	encoded = strings.TrimPrefix(encoded, "u")
	encoded = strings.TrimRight(encoded, "=")
	if strings.ContainsAny(encoded, "+/") {
		return decode64(base64.RawStdEncoding, encoded)
	}
	return decode64(base64.RawURLEncoding, encoded)
}

func decode64(e *base64.Encoding, s string) ([]byte, error) {
	if strings.ContainsAny(s, "\r\n") { // the decoder would skip them
		return nil, errors.New("it is not base64")
	}
	raw, err := e.DecodeString(s)
	if err != nil {
		return nil, errors.New("it is not base64")
	}
	return raw, nil
}

// unpack decompresses. It goes through the data twice, so that the memory it
// takes is that of the list and never that of a bomb.
func unpack(packed []byte) ([]byte, error) {
	size, err := unpackedSize(packed)
	if err != nil {
		return nil, err
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("it is not GZIP: %w", err)
	}
	bits := make([]byte, size)
	if _, err := io.ReadFull(z, bits); err != nil {
		return nil, fmt.Errorf("it is not GZIP: %w", err)
	}
	return bits, nil
}

// unpackedSize reads to the end, where the checksum is.
func unpackedSize(packed []byte) (int64, error) {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return 0, fmt.Errorf("it is not GZIP: %w", err)
	}
	n, err := io.Copy(io.Discard, io.LimitReader(z, maxBytes+1))
	switch {
	case n > maxBytes:
		return 0, errBomb
	case err != nil:
		return 0, fmt.Errorf("it is not GZIP: %w", err)
	case n == 0:
		return 0, errors.New("it is empty")
	}
	return n, nil
}

// isSet reports whether the bit of an index is set; index 0 is the highest bit
// of the first byte (Bitstring Status List, section 2.2). The index is within
// the list.
func isSet(bits []byte, index uint64) bool { return bits[index/8]&(0x80>>(index%8)) != 0 }
