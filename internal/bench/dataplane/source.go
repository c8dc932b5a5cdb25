// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
)

// source answers HTTP requests on bare connections: the least that a source
// can do, so that it is not what is measured.
type source struct {
	listener net.Listener
	address  string
	file     *os.File // what bulk answers, many times
	small    []byte

	mu    sync.Mutex
	open  map[net.Conn]bool
	ended bool
}

// piece is the length of what bulk repeats. It comes from a file, so that the
// kernel sends it without a copy.
const piece = 8 << 20

func newSource(ctx context.Context) (*source, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	file, err := os.CreateTemp("", "musubi-source-")
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	_ = os.Remove(file.Name()) // it goes with the process
	if _, err := file.Write(bytes.Repeat([]byte("0123456789abcdef"), piece/16)); err != nil {
		return nil, errors.Join(err, file.Close(), listener.Close())
	}
	s := &source{listener: listener, address: listener.Addr().String(), file: file, open: map[net.Conn]bool{}}
	s.small = append(header(loads[1].size), bytes.Repeat([]byte("a"), int(loads[1].size))...)
	go s.accept()
	return s, nil
}

func header(size int64) []byte {
	return fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: %d\r\n\r\n", size)
}

func (s *source) accept() {
	for {
		c, err := s.listener.Accept()
		if err != nil {
			return
		}
		if !s.keep(c, true) {
			_ = c.Close()
			return
		}
		go func() {
			_ = s.serve(c.(*net.TCPConn)) //nolint:forcetypeassert // it listens on TCP
			s.keep(c, false)
			_ = c.Close()
		}()
	}
}

// keep remembers a connection; false: the source has ended.
func (s *source) keep(c net.Conn, is bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if is && !s.ended {
		s.open[c] = true
	} else {
		delete(s.open, c)
	}
	return !s.ended
}

func (s *source) close() {
	s.mu.Lock()
	s.ended = true
	for c := range s.open {
		_ = c.Close()
	}
	s.mu.Unlock()
	_ = s.listener.Close()
	_ = s.file.Close()
}

// serve answers requests without a body, one after the other.
func (s *source) serve(c *net.TCPConn) error {
	buffer := make([]byte, 16<<10)
	for have := 0; ; {
		n, err := c.Read(buffer[have:])
		if err != nil {
			return err
		}
		have += n
		end := bytes.Index(buffer[:have], []byte("\r\n\r\n"))
		if end < 0 {
			if have == len(buffer) {
				return errors.New("the head of a request is too long")
			}
			continue
		}
		if bytes.HasPrefix(buffer, []byte("GET /bulk")) {
			err = s.bulk(c)
		} else {
			_, err = c.Write(s.small)
		}
		if err != nil {
			return err
		}
		have = copy(buffer, buffer[end+4:have])
	}
}

func (s *source) bulk(c *net.TCPConn) error {
	if _, err := c.Write(header(loads[0].size)); err != nil {
		return err
	}
	// A file of its own: its position is not the others'.
	file, err := os.Open(fmt.Sprintf("/proc/self/fd/%d", s.file.Fd()))
	if err != nil {
		return err
	}
	defer file.Close()
	for left := loads[0].size; left > 0; {
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			return err
		}
		n, err := c.ReadFrom(io.LimitReader(file, min(left, piece)))
		if err != nil {
			return err
		}
		left -= n
	}
	return nil
}
