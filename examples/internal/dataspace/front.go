// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataspace

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// front is a listener of our own before a connector that has none.
type front struct {
	url      string
	listener net.Listener
	server   *http.Server
}

func openFront(ctx context.Context) (*front, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	return &front{url: "http://localhost:" + port, listener: l}, err
}

func (f *front) serve(h http.Handler) {
	f.server = &http.Server{Handler: h, ReadHeaderTimeout: time.Minute}
	go func() { _ = f.server.Serve(f.listener) }()
}

func (f *front) stop(ctx context.Context) error {
	switch {
	case f == nil:
		return nil
	case f.server == nil:
		return f.listener.Close()
	}
	if err := f.server.Shutdown(ctx); err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("%s: %w", f.url, err)
	}
	return nil
}
