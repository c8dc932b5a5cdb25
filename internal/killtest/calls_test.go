// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package killtest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
)

// once posts what must be done once only. Where the answer was lost it looks
// whether it was done.
func (d *driver) once(ctx context.Context, path string, body any, query url.Values) (process, error) {
	for ctx.Err() == nil {
		var p process
		err := d.consumer.post(ctx, path, body, &p)
		if err == nil {
			return p, nil
		}
		lost := errors.Is(err, errLost)
		if !d.tolerable(ctx, err) {
			return p, err
		}
		for lost && ctx.Err() == nil {
			list, err := all[process](ctx, d.consumer, path, "before", query)
			if err == nil && len(list) == 1 {
				d.found.Add(1)
				return list[0], nil
			}
			if err == nil && len(list) > 1 {
				return p, fmt.Errorf("%d of %s", len(list), query.Encode())
			}
			lost = err != nil
			if err != nil && !d.tolerable(ctx, err) {
				return p, err
			}
		}
	}
	return process{}, ctx.Err()
}

// tolerable reports whether a call may be made again, after a pause.
func (d *driver) tolerable(ctx context.Context, err error) bool {
	no, refused := errors.AsType[*refusal](err)
	switch {
	case errors.Is(err, errLost):
		d.lost.Add(1)
	case !refused || !no.passing():
		return false
	}
	if refused && no.Status >= 500 {
		return pause(ctx, 10*again)
	}
	return pause(ctx, again)
}

// await looks at a process until it is as it should be, or at its end.
func (d *driver) await(ctx context.Context, path string, done func(process) bool) (process, error) {
	var last process
	for ctx.Err() == nil {
		p, err := d.look(ctx, path)
		switch {
		case err == nil && done(p):
			return p, nil
		case err == nil && p.ended():
			return p, fmt.Errorf("came to another end: %s", p)
		case err == nil:
			last = p
			pause(ctx, again)
		case !d.tolerable(ctx, err) && ctx.Err() == nil:
			return p, err
		}
	}
	return last, fmt.Errorf("not in time: %s", last)
}

// look waits a moment for the process to come further.
func (d *driver) look(ctx context.Context, path string) (p process, err error) {
	err = d.consumer.get(ctx, path+"?wait=2s", &p)
	return p, err
}

// act does an act of a transfer until it is done: a lost answer, or a message
// under way, has it tried again.
func (d *driver) act(ctx context.Context, path, act string, done func(process) bool) error {
	var last process
	for ctx.Err() == nil {
		p, err := d.look(ctx, path)
		if err == nil {
			last = p
		}
		switch {
		case err == nil && done(p):
			return nil
		case err == nil && p.ended():
			return fmt.Errorf("%s: came to another end: %s", act, p)
		case err == nil && p.Pending == "":
			err = d.consumer.post(ctx, path+"/"+act, map[string]string{"reason": "part of the job"}, nil)
		}
		if err != nil && !d.tolerable(ctx, err) && ctx.Err() == nil {
			return fmt.Errorf("%s: %w", act, err)
		}
	}
	return fmt.Errorf("%s: not in time: %s", act, last)
}
