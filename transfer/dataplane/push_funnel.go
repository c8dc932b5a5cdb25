// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
)

// funnel is a ResponseWriter whose body is read at the other end of a pipe.
type funnel struct {
	header http.Header
	w      *io.PipeWriter
	status int
	once   sync.Once
	begun  chan struct{} // closed with the header
}

func (f *funnel) Header() http.Header { return f.header }

func (f *funnel) WriteHeader(status int) {
	f.once.Do(func() {
		f.status = status
		close(f.begun)
	})
}

func (f *funnel) Write(p []byte) (int, error) {
	f.WriteHeader(http.StatusOK)
	return f.w.Write(p)
}

// await waits for the header. ended says that there will be none, or that it
// came with an empty body.
func (f *funnel) await(ctx context.Context, ended chan error) error {
	select {
	case <-f.begun:
		return nil
	case err := <-ended:
		ended <- err
		select {
		case <-f.begun:
			return nil
		default:
			return fmt.Errorf("reading the source: %w", err)
		}
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Flush does nothing: whoever reads has it.
func (f *funnel) Flush() {}
