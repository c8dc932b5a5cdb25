// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// target is what is asked for.
type target struct {
	address, path, authorization string
}

func (t target) request() []byte {
	text := fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: %s\r\n", t.path, t.address)
	if t.authorization != "" {
		text = fmt.Appendf(text, "Authorization: %s\r\n", t.authorization)
	}
	return append(text, "\r\n"...)
}

// result is what came within the time.
type result struct {
	bytes, answers int64
	took           time.Duration
}

// warm is how long is asked before it counts.
const warm = 300 * time.Millisecond

// measure asks on so many connections at once, each again as soon as it has
// its answer, and counts what comes after a moment.
func measure(ctx context.Context, l load, each time.Duration, t target) (result, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var moved, answers atomic.Int64
	var all sync.WaitGroup
	for range l.connections {
		all.Go(func() {
			if err := ask(ctx, l, t, &moved, &answers); err != nil && ctx.Err() == nil {
				cancel(err)
			}
		})
	}
	pause(ctx, warm)
	began, bytesBefore, answersBefore := time.Now(), moved.Load(), answers.Load()
	pause(ctx, each)
	r := result{bytes: moved.Load() - bytesBefore, answers: answers.Load() - answersBefore, took: time.Since(began)}
	err := context.Cause(ctx)
	cancel(nil)
	all.Wait()
	if err == nil && r.bytes == 0 {
		err = errors.New("nothing came")
	}
	return r, err
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// ask repeats one request on one connection until ctx ends.
func ask(ctx context.Context, l load, t target, moved, answers *atomic.Int64) error {
	dialed, err := (&net.Dialer{}).DialContext(ctx, "tcp", t.address)
	if err != nil {
		return err
	}
	c := dialed.(*net.TCPConn) //nolint:forcetypeassert // it was dialed as one
	defer context.AfterFunc(ctx, func() { _ = c.Close() })()
	defer c.Close()
	request, buffer := t.request(), make([]byte, 1<<20) // of which little is touched
	for {
		if _, err := c.Write(request); err != nil {
			return err
		}
		if err := answer(c, buffer, l.size, moved); err != nil {
			return err
		}
		answers.Add(1)
	}
}

// answer reads one answer, which must be a success of this size.
func answer(c *net.TCPConn, buffer []byte, size int64, moved *atomic.Int64) error {
	have, end := 0, -1
	for end < 0 {
		n, err := c.Read(buffer[have:])
		if err != nil {
			return err
		}
		have += n
		end = bytes.Index(buffer[:have], []byte("\r\n\r\n"))
		if end < 0 && have == len(buffer) {
			return errors.New("the head of the answer is too long")
		}
	}
	if err := check(buffer[:end+2], size); err != nil {
		return fmt.Errorf("%w: %.400q", err, buffer[:have])
	}
	came := int64(have - end - 4)
	moved.Add(came)
	for left := size - came; left > 0; {
		n, err := discard(c, buffer, left)
		if err != nil {
			return err
		}
		left -= n
		moved.Add(n)
	}
	return nil
}

// check reads the head of an answer.
func check(head []byte, size int64) error {
	if !bytes.HasPrefix(head, []byte("HTTP/1.1 200 ")) {
		return errors.New("the answer is no success")
	}
	const name = "\r\ncontent-length: "
	at := bytes.Index(bytes.ToLower(head), []byte(name))
	if at < 0 {
		return errors.New("the answer does not say how long it is")
	}
	text := head[at+len(name):]
	if n, err := strconv.ParseInt(string(text[:bytes.IndexByte(text, '\r')]), 10, 64); err != nil || n != size {
		return errors.New("the answer has another length")
	}
	return nil
}
