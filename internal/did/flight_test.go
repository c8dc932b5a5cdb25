// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package did_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/musubi-ods/musubi/internal/did"
)

// Strangers name any DIDs of any host. They cannot flood one through us, nor
// keep us from asking others, and what they named is not held against a host.
func TestFetchesOfOneHostAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost(t)
		release := make(chan struct{})
		h.set(func(req *http.Request) (*http.Response, error) {
			if strings.EqualFold(req.URL.Hostname(), "victim.example") {
				<-release
			}
			return everyone(t)(req)
		})
		w := h.resolver()
		ask := func(id string) error {
			_, err := w.Resolve(t.Context(), id)
			return err
		}
		var group sync.WaitGroup
		var mu sync.Mutex
		refused := 0
		for i := range 200 {
			group.Go(func() {
				name := []string{"victim", "VICTIM"}[i%2] // it is one host all the same
				if err := ask(fmt.Sprintf("did:web:%s.example:p%d", name, i)); errors.Is(err, did.ErrUnreachable) {
					mu.Lock()
					refused++
					mu.Unlock()
				}
			})
		}
		synctest.Wait()
		if err := ask("did:web:other.example:x"); err != nil {
			t.Errorf("another host: %v", err)
		}
		if n := h.count(); n != 64+1 {
			t.Errorf("%d fetches", n)
		}
		close(release)
		group.Wait()
		if refused != 200-64 {
			t.Errorf("%d were refused", refused)
		}
		for i := range 3 * 64 { // the places are free again
			if err := ask(fmt.Sprintf("did:web:victim.example:q%d", i)); err != nil {
				t.Fatal(err)
			}
		}
	})
}
