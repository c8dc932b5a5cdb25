// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync"
	"time"
)

// lending knows until when files that were received may be used, and deletes
// them then.
type lending struct {
	mu    sync.Mutex              // also of who keeps a file
	until map[[2]string]time.Time // by participant's context and name
	read  time.Time               // when the folder was read last
	wake  chan struct{}
}

// readEvery is how often the folder is read: other processes may keep files
// there.
const readEvery = time.Hour

func newLending() *lending {
	return &lending{until: map[[2]string]time.Time{}, wake: make(chan struct{}, 1)}
}

// keep has a file kept, and deleted when its time is over.
func (l *lending) keep(contextID, name string, until time.Time, steps func() error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := steps(); err != nil || until.IsZero() {
		return err
	}
	l.until[[2]string{contextID, name}] = until
	select {
	case l.wake <- struct{}{}:
	default: // it will look anyway
	}
	return nil
}

// endReceived deletes what may not be used any more, and says when there is more
// of that.
func (p *DataPlane) endReceived(context.Context) (time.Time, error) {
	all, err := os.OpenRoot(p.cfg.Receive.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return time.Time{}, nil // nothing has come yet
	}
	if err != nil {
		return time.Time{}, err
	}
	defer all.Close()
	now := p.now()
	if !now.Before(p.lent.read.Add(readEvery)) {
		if err := p.lent.find(all); err != nil {
			return time.Time{}, fmt.Errorf("reading the folder for data: %w", err)
		}
		p.lent.read = now
	}
	return p.lent.end(all, now)
}

// find looks for files that have to go some day.
func (l *lending) find(all *os.Root) error {
	names, err := fs.Glob(all.FS(), "*/*.json")
	if err != nil {
		return err
	}
	for _, path := range names {
		contextID, name, _ := strings.Cut(strings.TrimSuffix(path, ".json"), "/")
		is, err := readReceived(all, path)
		if err != nil {
			return err
		}
		if !is.UseUntil.IsZero() && is.Deleted.IsZero() {
			l.mu.Lock()
			l.until[[2]string{contextID, name}] = is.UseUntil
			l.mu.Unlock()
		}
	}
	return nil
}

// end deletes those whose time is over, while nobody keeps any, and says when
// the next one has to go, or the folder is read again.
func (l *lending) end(all *os.Root, now time.Time) (time.Time, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	next := l.read.Add(readEvery)
	var errs []error
	for file, until := range l.until {
		if now.Before(until) {
			if until.Before(next) {
				next = until
			}
			continue
		}
		if err := endFile(all, file[0], file[1], now); err != nil {
			errs = append(errs, fmt.Errorf("deleting %s of %s: %w", file[1], file[0], err))
			continue
		}
		delete(l.until, file)
	}
	return next, errors.Join(errs...)
}

// readReceived reads what a file is. What is none of ours says nothing.
func readReceived(root *os.Root, path string) (is received, err error) {
	text, err := root.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return is, nil // whoever uses the data has taken it
	}
	if err == nil && json.Unmarshal(text, &is) != nil {
		is = received{}
	}
	return is, err
}

// endFile removes a file for good, then says so beside it. One that is gone is
// one that was removed before a crash, or taken by whoever uses it.
func endFile(all *os.Root, contextID, name string, now time.Time) error {
	root, err := all.OpenRoot(contextID)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer root.Close()
	is, err := readReceived(root, name+".json")
	if err != nil {
		return err
	}
	if err := root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := syncFolder(root); err != nil || is.Transfer == "" {
		return err
	}
	is.Deleted = now
	return is.write(root, name)
}
