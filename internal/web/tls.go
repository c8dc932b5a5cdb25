// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"crypto/tls"
	"log/slog"
	"os"
	"sync"
	"time"
)

// certificate is a certificate in two files, read again when one of them
// changes. The files are looked at with every handshake, which costs far more
// than that.
type certificate struct {
	certFile, keyFile string
	log               *slog.Logger

	mu      sync.Mutex
	cert    *tls.Certificate
	written [2]time.Time
}

// load is tls.Config.GetCertificate. While files cannot be read, as between
// the writing of the one and of the other, the last good pair serves on.
func (c *certificate) load(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	written, err := c.stat()
	if err == nil && c.cert != nil && written == c.written {
		return c.cert, nil
	}
	var pair tls.Certificate
	if err == nil {
		pair, err = tls.LoadX509KeyPair(c.certFile, c.keyFile)
	}
	switch {
	case err == nil:
		c.cert, c.written = &pair, written
	case c.cert == nil:
		return nil, err
	default:
		c.log.Warn("the new certificate cannot be read; the old one serves on", "error", err)
	}
	return c.cert, nil
}

func (c *certificate) stat() (written [2]time.Time, err error) {
	for i, name := range []string{c.certFile, c.keyFile} {
		info, err := os.Stat(name)
		if err != nil {
			return written, err
		}
		written[i] = info.ModTime()
	}
	return written, nil
}
