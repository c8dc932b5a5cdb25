// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package limits

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// message is the size of a usual message in bytes, acknowledgement that of
// what is answered.
const (
	message         = 800
	acknowledgement = 200
)

// requests is the rate at which messages are sent and acknowledged, with
// nothing done about them.
func requests(ctx context.Context, _ string, each time.Duration) (n float64, err error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	answer := bytes.Repeat([]byte("a"), acknowledgement)
	server := &http.Server{
		ReadHeaderTimeout: time.Minute,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			_, _ = w.Write(answer)
		}),
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	transport := &http.Transport{MaxIdleConnsPerHost: Callers}
	defer func() {
		transport.CloseIdleConnections()
		err = errors.Join(err, server.Close())
		if end := <-served; !errors.Is(end, http.ErrServerClosed) {
			err = errors.Join(err, end)
		}
	}()
	client, url, body := &http.Client{Transport: transport}, "http://"+listener.Addr().String()+"/", make([]byte, message)
	return rate(ctx, Callers, each, func(ctx context.Context, _ int) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
		if err != nil {
			return err
		}
		res, err := client.Do(req)
		if err != nil {
			return err
		}
		got, err := io.Copy(io.Discard, res.Body)
		if err = errors.Join(err, res.Body.Close()); err == nil && got != acknowledgement {
			err = fmt.Errorf("%d bytes were answered", got)
		}
		return err
	})
}
