// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"context"
	"maps"
	"sync"

	"github.com/musubi-ods/musubi/trust/policy"
)

// maxCached bounds the policies that are kept ready. Most participants use a
// handful.
const maxCached = 4096

// policyCache keeps policies by hash, ready for use. A hash names one content
// for ever, so nothing in it goes stale, on whichever replica a policy was
// published; which offers have it is asked of the store each time.
type policyCache struct {
	judge *policy.Judge // has them ready for every other point, too
	mu    sync.Mutex
	known map[string]terms
}

// get returns the policies with these hashes; load is asked, once, for those
// that are not there.
func (c *policyCache) get(ctx context.Context, hashes []string, load func(context.Context, []string) (map[string]policy.Policy, error)) (map[string]terms, error) {
	found, missing := c.split(hashes)
	if len(missing) == 0 {
		return found, nil
	}
	loaded, err := load(ctx, missing)
	if err != nil {
		return nil, err
	}
	for hash, p := range loaded {
		t, err := termsOf(c.judge, hash, p)
		if err != nil {
			return nil, err
		}
		found[hash] = t
	}
	c.keep(found)
	return found, nil
}

func (c *policyCache) split(hashes []string) (found map[string]terms, missing []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	found = make(map[string]terms, len(hashes))
	asked := make(map[string]bool, len(hashes))
	for _, h := range hashes {
		if asked[h] {
			continue
		}
		asked[h] = true
		if t, ok := c.known[h]; ok {
			found[h] = t
		} else {
			missing = append(missing, h)
		}
	}
	return found, missing
}

func (c *policyCache) keep(found map[string]terms) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil || len(c.known)+len(found) > maxCached {
		c.known = make(map[string]terms, len(found))
	}
	maps.Copy(c.known, found)
}
