// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/dataplane"
	"github.com/musubi-ods/musubi/transfer/dataplane/dataplanetest"
)

// pulled is a download whose provider answers as the test says.
type pulled struct {
	*yard
	shelf   *dataplanetest.Shelf
	carrier *dataplane.Carrier
	asked   []dataplane.Part // for a body
	answer  func(dataplane.Part) (*dataplane.Rest, error)
	look    error
}

func newPulled(t *testing.T, answer func(dataplane.Part) (*dataplane.Rest, error)) *pulled {
	p := &pulled{yard: newYard(t), shelf: dataplanetest.NewShelf(1 << 20), answer: answer}
	p.carrier = p.yard.carrier(&dataplane.Downloads{
		Drafts: p.shelf, Timer: wallTimer, Now: p.now, NewID: func() string { return "id" },
		Look: func(context.Context, string, string) error { return p.look },
		Fetch: func(_ context.Context, _, _ string, part dataplane.Part) (*dataplane.Rest, error) {
			if !part.Head {
				p.asked = append(p.asked, part)
			}
			return p.answer(part)
		},
	}, true)
	p.put()
	return p
}

// try lets the job be worked on once, whenever it is due.
func (p *pulled) try(want transfer.JobState) transfer.Job {
	p.Helper()
	p.pass(time.Hour)
	p.works(p.carrier)
	return p.becomes(p.carrier, want)
}

// rest is what a provider sends of a body; cut: and then the connection ends.
func rest(data, tag string, start, total int64, cut bool) *dataplane.Rest {
	var body io.Reader = strings.NewReader(data)
	if cut {
		body = io.MultiReader(body, iotest.ErrReader(io.ErrUnexpectedEOF))
	}
	return &dataplane.Rest{Data: dataplane.Data{Body: io.NopCloser(body)}, Status: 200, Start: start, Total: total, ETag: tag}
}

// TestDownloadJoinsNoTwoVersions: a part of another body, whatever was asked
// for, has the download begin anew.
func TestDownloadJoinsNoTwoVersions(t *testing.T) {
	const data = "the newer data"
	for name, c := range map[string]struct {
		tag   string
		total int64
	}{
		"another tag":    {`"new"`, 14},
		"no tag":         {"", 14},
		"no length":      {`"new"`, -1},
		"another length": {`"old"`, 15},
	} {
		t.Run(name, func(t *testing.T) {
			answers := []*dataplane.Rest{rest("data", `"old"`, 0, 14, true), rest(data[4:], c.tag, 4, c.total, false), rest(data, c.tag, 0, 14, false)}
			p := newPulled(t, nil)
			p.answer = func(part dataplane.Part) (*dataplane.Rest, error) {
				if part.Head {
					return rest("", c.tag, 0, 14, false), nil
				}
				return answers[len(p.asked)-1], nil
			}
			if j := p.try(transfer.JobOpen); j.Offset != 4 || j.Total != 14 {
				t.Fatalf("%+v", j)
			}
			if j := p.try(transfer.JobOpen); j.Offset != 0 || j.ETag != "" || j.Total != -1 || j.Fault == nil {
				t.Errorf("%+v", j)
			}
			p.try(transfer.JobDone)
			if last := p.asked[len(p.asked)-1]; last.Offset != 0 || last.ETag != "" || !slices.Contains(p.shelf.Bodies(""), sumOf([]byte(data))) {
				t.Errorf("asked for %+v, kept %v", last, p.shelf.Bodies(""))
			}
		})
	}
}

// TestDownloadHasTheWholeWrittenDown: the hash of a body that came in parts is
// asked for once, also where it was told with a part: the provider notes it then.
func TestDownloadHasTheWholeWrittenDown(t *testing.T) {
	const data = "0123456789"
	for name, parts := range map[string]bool{"in one": false, "in two": true} {
		t.Run(name, func(t *testing.T) {
			answers, heads := []*dataplane.Rest{rest(data, `"a"`, 0, 10, false)}, 0
			if parts {
				answers = []*dataplane.Rest{rest(data[:4], `"a"`, 0, 10, true), rest(data[4:], `"a"`, 4, 10, false)}
			}
			answers[len(answers)-1].Digest = sumOf([]byte(data))
			p := newPulled(t, nil)
			p.answer = func(part dataplane.Part) (*dataplane.Rest, error) {
				if part.Head {
					heads++
					return nil, errors.New("it is away")
				}
				return answers[len(p.asked)-1], nil
			}
			if parts {
				p.try(transfer.JobOpen)
			}
			if p.try(transfer.JobDone); (heads == 1) != parts || heads > 1 {
				t.Errorf("asked %d times", heads)
			}
		})
	}
}

// TestDownloadKnowsTheLengthStill: a part that does not say the length of the
// whole is not the end of it.
func TestDownloadKnowsTheLengthStill(t *testing.T) {
	answers := []*dataplane.Rest{rest("0123", `"a"`, 0, 10, true), rest("45", `"a"`, 4, -1, false)}
	p := newPulled(t, nil)
	p.answer = func(dataplane.Part) (*dataplane.Rest, error) { return answers[len(p.asked)-1], nil }
	p.try(transfer.JobOpen)
	if j := p.try(transfer.JobOpen); j.Offset != 6 || j.Total != 10 || len(p.shelf.Bodies("")) > 0 {
		t.Errorf("%+v, kept %v", j, p.shelf.Bodies(""))
	}
}

// TestDownloadWithoutItsDigest: what is whole waits for its digest as long as
// the transfer may run again, and is kept without one if it never will.
func TestDownloadWithoutItsDigest(t *testing.T) {
	const data = "all of it"
	over := &transfer.JobFault{Code: "transfer-ended", Reason: "it is"}
	for name, c := range map[string]struct {
		head, look error
		state      transfer.JobState
	}{
		"no address, ended":     {dataplane.ErrHeld, over, transfer.JobDone},
		"no address, suspended": {dataplane.ErrHeld, dataplane.ErrHeld, transfer.JobHeld},
		"no address by now":     {dataplane.ErrHeld, nil, transfer.JobHeld},
		"forbidden, ended":      {&dataplane.FetchError{Status: 403}, over, transfer.JobDone},
		"forbidden, suspended":  {&dataplane.FetchError{Status: 403}, dataplane.ErrHeld, transfer.JobHeld},
		"no token, suspended":   {&dataplane.FetchError{Status: 401}, dataplane.ErrHeld, transfer.JobHeld},
		"no token, running":     {&dataplane.FetchError{Status: 401}, nil, transfer.JobOpen},
		"no such method":        {&dataplane.FetchError{Status: 405}, nil, transfer.JobDone},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPulled(t, nil)
			p.answer = func(part dataplane.Part) (*dataplane.Rest, error) {
				if part.Head {
					p.look = c.look
					return nil, c.head
				}
				return rest(data, `"a"`, 0, int64(len(data)), false), nil
			}
			j := p.try(c.state)
			if kept := len(p.shelf.Bodies("")) > 0; kept != (c.state == transfer.JobDone) || j.Told != "" {
				t.Errorf("%+v, kept %v", j, p.shelf.Bodies(""))
			}
			if c.state != transfer.JobOpen {
				return
			}
			for range 3 {
				p.try(transfer.JobOpen)
			}
			if p.try(transfer.JobDone); len(p.asked) != 1 {
				t.Errorf("asked %d times for the data", len(p.asked))
			}
		})
	}
}

// TestDownloadBacksOffWithoutATag: what begins anew each time is tried at longer
// and longer intervals, unless it comes further than ever.
func TestDownloadBacksOffWithoutATag(t *testing.T) {
	const data = "0123456789"
	p := newPulled(t, nil)
	for i, c := range []struct{ came, best, tries int }{{4, 4, 1}, {4, 4, 2}, {3, 4, 3}, {4, 4, 4}, {5, 5, 1}, {5, 5, 2}} {
		p.answer = func(dataplane.Part) (*dataplane.Rest, error) { return rest(data[:c.came], "", 0, 10, true), nil }
		j := p.try(transfer.JobOpen)
		if wait := j.NextTry.Sub(p.now()); j.Tries != c.tries || j.Best != int64(c.best) || wait != 250*time.Millisecond<<(c.tries-1) {
			t.Errorf("%d: %d tries, %d bytes at most, again after %v", i, j.Tries, j.Best, wait)
		}
	}
}

// TestDownloadIsRefusedOnce: that is no reason to give up, however often it was
// cut before.
func TestDownloadIsRefusedOnce(t *testing.T) {
	p := newPulled(t, func(dataplane.Part) (*dataplane.Rest, error) { return rest("01", "", 0, 10, true), nil })
	for range 14 {
		p.try(transfer.JobOpen)
	}
	p.answer = func(dataplane.Part) (*dataplane.Rest, error) { return nil, &dataplane.FetchError{Status: 403} }
	p.try(transfer.JobOpen)
	if j := p.try(transfer.JobFailed); j.Fault.Code != "data-refused" {
		t.Errorf("%+v", j.Fault)
	}
}
