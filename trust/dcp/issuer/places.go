// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package issuer

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/musubi-ods/musubi/trust/dcp/status"
)

// listBits is the length of our lists; a power of two, so that a random number
// cut to its bits is as likely to be each place.
const listBits = status.MinBits

// rollover is how many places of a list are taken at most: of a list that is
// half empty, a random place is free at the second try.
const rollover = listBits / 2

// place is a bit in a list.
type place struct{ list, index int }

// places chooses random places in the newest list, or in a new one. With known
// set, what is taken is looked up before.
func (s *Service) places(ctx context.Context, contextID string, n int, known bool) ([]place, error) {
	list, taken, err := s.cfg.Store.ListUse(ctx, contextID)
	if err != nil {
		return nil, err
	}
	if list == 0 || taken+n > rollover {
		list, known = list+1, list > 0 && known
	}
	used := map[int]bool{}
	if known {
		for _, state := range []string{Active, Suspended, Revoked} {
			marked, err := s.cfg.Store.Marked(ctx, contextID, list, state)
			if err != nil {
				return nil, err
			}
			for _, i := range marked {
				used[i] = true
			}
		}
	}
	return choose(s.cfg.Rand, list, n, used)
}

// choose picks n places that are not used, each once.
func choose(random io.Reader, list, n int, used map[int]bool) ([]place, error) {
	chosen := make([]place, 0, n)
	var raw [4]byte
	for draws := 0; len(chosen) < n; draws++ {
		if draws >= 64*n+64 { // with half of the places free: a broken source
			return nil, errors.New("issuer: the source of randomness repeats itself")
		}
		if _, err := io.ReadFull(random, raw[:]); err != nil {
			return nil, fmt.Errorf("issuer: randomness: %w", err)
		}
		index := int(binary.BigEndian.Uint32(raw[:]) % listBits)
		if !used[index] {
			used[index] = true
			chosen = append(chosen, place{list, index})
		}
	}
	return chosen, nil
}
