// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"mime"
	"net/http"
	"os"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/musubi-ods/musubi/catalog"
)

const exampleLines = `{"assets": [{"id": "cell-co2", "properties": {"dct:title": "CO2 of the cell"}}, {"id": "pack-co2"}]}
{"offers": [{"id": "to-everyone", "assets": {"all": true}, "access": {"permission": [{"action": "use"}]}, "usage": {"permission": [{"action": "use"}]}}]}`

// maxLines bounds the body of a route that takes lines, in bytes.
const maxLines = 8 << 30

// eachLine is an action whose body is lines, each of the type T.
func eachLine[T any](f func(*call, iter.Seq2[T, error]) (answer, error), example string) action {
	return action{
		lines: true, example: example,
		try: func(body []byte) error {
			for _, err := range lines[T](bytes.NewReader(body), defaultMaxBody) {
				if err != nil {
					return err
				}
			}
			return nil
		},
		run: func(c *call) (answer, error) {
			kept, err := c.m.keep(c.Context)
			if err != nil {
				return answer{}, err
			}
			defer func() { _ = errors.Join(kept.Close(), os.Remove(kept.Name())) }()
			return f(c, lines[T](kept, int(c.m.MaxBody)))
		},
	}
}

// linesOnly takes lines of JSON under their names, and a body that names none.
func linesOnly(next echo.HandlerFunc) echo.HandlerFunc {
	return func(ec echo.Context) error {
		typ, _, err := mime.ParseMediaType(ec.Request().Header.Get("Content-Type"))
		switch {
		case err != nil && typ == "", typ == "application/jsonl", typ == "application/x-ndjson", typ == "application/json":
			return next(ec)
		}
		return problemf(http.StatusUnsupportedMediaType, "not-json", "the body has to be application/jsonl")
	}
}

// keep writes a body to a file, so that no transaction waits for a client. A
// client that sends nothing for a while is given up.
func (c *Common) keep(ec echo.Context) (_ *os.File, err error) {
	file, err := os.CreateTemp("", "musubi-lines-*")
	if err != nil {
		return nil, fmt.Errorf("keeping a body: %w", err)
	}
	defer func() {
		if err != nil {
			_ = errors.Join(file.Close(), os.Remove(file.Name()))
		}
	}()
	control := http.NewResponseController(ec.Response())
	body := http.MaxBytesReader(ec.Response().Writer, ec.Request().Body, maxLines)
	limited := true
	for {
		limited = limited && control.SetReadDeadline(time.Now().Add(bodyTime)) == nil
		_, err := io.CopyN(file, body, 1<<20)
		var large *http.MaxBytesError
		switch {
		case errors.Is(err, io.EOF):
			if limited {
				_ = control.SetReadDeadline(time.Time{}) // the next request has the server's own limits
			}
			return file, nil
		case errors.As(err, &large):
			return nil, problemf(http.StatusRequestEntityTooLarge, "too-large", "the body is larger than %d bytes", large.Limit)
		case errors.As(err, new(*os.PathError)):
			return nil, fmt.Errorf("keeping a body: %w", err)
		case err != nil:
			return nil, problemf(http.StatusBadRequest, "body-broken", "the body could not be read to its end")
		}
	}
}

// lines reads values from their beginning, however often.
func lines[T any](from io.ReadSeeker, longest int) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		if _, err := from.Seek(0, io.SeekStart); err != nil {
			yield(none, err)
			return
		}
		s := bufio.NewScanner(from)
		s.Buffer(make([]byte, 0, min(64<<10, longest)), longest)
		for n := 1; s.Scan(); n++ {
			var in T
			if len(bytes.TrimSpace(s.Bytes())) == 0 {
				continue
			}
			if err := decode(s.Bytes(), &in); err != nil {
				yield(none, inLine(n, err))
				return
			}
			if !yield(in, nil) {
				return
			}
		}
		if err := s.Err(); errors.Is(err, bufio.ErrTooLong) {
			yield(none, problemf(http.StatusRequestEntityTooLarge, "too-large", "a line is larger than %d bytes", longest))
		} else if err != nil {
			yield(none, err)
		}
	}
}

// inLine says in which line something is wrong.
func inLine(n int, err error) error {
	if p, ok := errors.AsType[*Problem](err); ok {
		p.Message = fmt.Sprintf("line %d: %s", n, p.Message)
	}
	return err
}

func publishLines(c *call, given iter.Seq2[publishInput, error]) (answer, error) {
	n, err := c.m.Catalog.PublishAll(c.ctx, c.contextID, func(yield func(catalog.Batch, error) bool) {
		for in, err := range given {
			var b catalog.Batch
			if err == nil {
				b, err = in.batch()
			}
			if !yield(b, err) || err != nil {
				return
			}
		}
	})
	if err != nil {
		return answer{}, err
	}
	if n.Assets+n.Offers == 0 {
		return answer{}, problemf(http.StatusBadRequest, "nothing-given", "there are no assets and no offers to publish").hint("give assets, offers or both")
	}
	return answer{body: n}, nil
}
