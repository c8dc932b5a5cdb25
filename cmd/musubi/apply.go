// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
)

// apply publishes what files hold, all or none of it.
func (p program) apply(ctx context.Context, args []string) error {
	return p.through(apiCommand{name: "apply", args: "FILE...", least: 1, most: -1, run: p.applyFiles})(ctx, args)
}

func (p program) applyFiles(ctx context.Context, a *api, o options) error {
	files, err := filesOf(o.rest)
	if err != nil {
		return err
	}
	body, writer := io.Pipe()
	go func() { _ = writer.CloseWithError(writeLines(writer, files)) }()
	defer body.Close()
	var n struct{ Assets, Offers int }
	if err := a.stream(ctx, http.MethodPost, "/catalog/lines", body, &n); err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "published: %d assets, %d offers\n", n.Assets, n.Offers)
	return nil
}

// filesOf are the files named, and those of folders named.
func filesOf(names []string) (files []string, err error) {
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			files = append(files, name)
			continue
		}
		for _, pattern := range []string{"*.json", "*.jsonl"} {
			found, err := filepath.Glob(filepath.Join(name, pattern))
			if err != nil {
				return nil, err
			}
			files = append(files, found...)
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no file *.json or *.jsonl is there")
	}
	slices.Sort(files)
	return files, nil
}

// inputError is a file that cannot be sent.
type inputError struct {
	name string
	err  error
}

func (e *inputError) Unwrap() error { return e.err }

func (e *inputError) Error() string {
	if syntax := (*json.SyntaxError)(nil); errors.As(e.err, &syntax) || errors.Is(e.err, io.ErrUnexpectedEOF) {
		return fmt.Sprintf("%s is not JSON: %v; nothing was published", e.name, e.err)
	}
	return fmt.Sprintf("%s: %v", e.name, e.err)
}

// writeLines writes each JSON value of the files as a line, one at a time.
func writeLines(to io.Writer, files []string) error {
	for _, name := range files {
		if err := writeFile(to, name); err != nil {
			return &inputError{name, err}
		}
	}
	return nil
}

func writeFile(to io.Writer, name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	d := json.NewDecoder(f)
	for {
		var value json.RawMessage
		if err := d.Decode(&value); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		var line bytes.Buffer
		if err := json.Compact(&line, value); err != nil {
			return err
		}
		line.WriteByte('\n')
		if _, err := to.Write(line.Bytes()); err != nil {
			return err
		}
	}
}
