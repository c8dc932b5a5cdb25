// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package limits

import (
	"context"
	"errors"
	"os"
	"time"
)

// page is what one commit appends.
const page = 4096

// onFile calls f with a new file that is removed again.
func onFile(dir string, f func(*os.File) (float64, error)) (float64, error) {
	file, err := os.CreateTemp(dir, "limits-")
	if err != nil {
		return 0, err
	}
	n, err := f(file)
	return n, errors.Join(err, file.Close(), os.Remove(file.Name()))
}

// commits is the rate of one caller.
func commits(ctx context.Context, dir string, each time.Duration) (float64, error) {
	return onFile(dir, func(file *os.File) (float64, error) {
		body := make([]byte, page)
		return rate(ctx, 1, each, func(context.Context, int) error { return commit(file, body) })
	})
}

func commit(file *os.File, body []byte) error {
	if _, err := file.Write(body); err != nil {
		return err
	}
	return file.Sync()
}

// grouped is the rate of many: one writes what all who wait have for it, and
// answers them after one sync.
func grouped(ctx context.Context, dir string, each time.Duration) (float64, error) {
	return onFile(dir, func(file *os.File) (float64, error) {
		waiting := make(chan chan error, Callers)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			writer(file, waiting)
		}()
		n, err := rate(ctx, Callers, each, func(context.Context, int) error {
			answer := make(chan error, 1)
			waiting <- answer
			return <-answer
		})
		close(waiting)
		<-ended
		return n, err
	})
}

func writer(file *os.File, waiting <-chan chan error) {
	body := make([]byte, page*Callers)
	for first := range waiting {
		batch := []chan error{first}
		for more := true; more && len(batch) < Callers; {
			select {
			case next, open := <-waiting:
				if more = open; open {
					batch = append(batch, next)
				}
			default:
				more = false
			}
		}
		err := commit(file, body[:page*len(batch)])
		for _, answer := range batch {
			answer <- err
		}
	}
}
