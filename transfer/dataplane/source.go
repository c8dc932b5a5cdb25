// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"
)

// Source is where the data of a dataset is, as its owner configured it.
type Source struct {
	Type string // SourceHTTP or SourceFile
	// URL is asked, with Headers, of which some are secrets (SourceHTTP).
	URL     string
	Headers map[string]string
	// Path is a file, or with SubPaths a folder (SourceFile).
	Path string
	// ContentType overrides what the source says or the file's name tells.
	ContentType string
	// SubPaths lets the consumer append any path below URL or Path, and Query
	// lets it add any query to URL. Neither leads out of them.
	SubPaths, Query bool
	// Rules say what else the consumer may call (SourceHTTP); with any, SubPaths
	// is not looked at. QueryNames are the parameters that it may add; "*"
	// is any.
	Rules      []Rule
	QueryNames []string
	// Request and Response change the headers that pass.
	Request, Response HeaderRules
	// PassErrors lets the answers 4xx of the source through with their bodies,
	// but for those that are about its own credentials.
	PassErrors bool
	// Idle is how long a body may stand still; default two minutes.
	Idle time.Duration
	// Rate bounds the bytes a second of all who read it through this process
	// together; 0: nothing does.
	Rate int64
	// Renew makes the tokens short-lived and renewed, in any format.
	Renew bool
}

// Kinds of source.
const (
	SourceHTTP = "http"
	SourceFile = "file"
)

const defaultIdle = 2 * time.Minute

// target joins the source's URL with what the consumer may add.
func (s Source) target(sub []string, query string) (string, error) {
	if len(sub) == 0 && query == "" {
		return s.URL, nil
	}
	u, err := url.Parse(s.URL)
	if err != nil {
		return "", fmt.Errorf("%w: its URL cannot be parsed", errSource)
	}
	if len(sub) > 0 {
		escaped := make([]string, len(sub))
		for i, part := range sub {
			escaped[i] = url.PathEscape(part)
		}
		u = u.JoinPath(escaped...)
	}
	switch {
	case u.RawQuery == "":
		u.RawQuery = query
	case query != "":
		u.RawQuery += "&" + query
	}
	return u.String(), nil
}

var errNoFile = errors.New("it is no regular file")

// notThere says of a file that cannot be read whose affair that is: below a
// folder it is the consumer who named it.
func (s Source) notThere(err error) error {
	if s.SubPaths {
		return fmt.Errorf("%w: %w", ErrPath, err)
	}
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		err = failed.Err
	}
	return fmt.Errorf("%w: the file %s: %w", ErrNoSource, s.Path, err)
}

// serveFile sends a file, or the part of it that the consumer asks for.
func serveFile(g *gate, r *http.Request, s Source, sub []string) error {
	dir, name := filepath.Dir(s.Path), filepath.Base(s.Path)
	if s.SubPaths {
		if len(sub) == 0 {
			return ErrPath
		}
		dir, name = s.Path, filepath.Join(sub...)
	}
	root, err := os.OpenRoot(dir) // follows no link that leads out of dir
	if err != nil {
		return fmt.Errorf("%w: %w", errSource, err)
	}
	defer root.Close()
	info, err := root.Stat(name)
	if err == nil && !info.Mode().IsRegular() { // a pipe would block, a device never end
		err = errNoFile
	}
	if err != nil {
		return s.notThere(err)
	}
	file, err := root.Open(name)
	if err != nil {
		return s.notThere(err)
	}
	defer file.Close()
	g.describe(s)
	body := g.cfg.digests.describeFile(g.Header(), r, root, name, file, info)
	if r.Method == http.MethodHead {
		g.told = digestOf(g.Header().Get(reprDigest))
	}
	http.ServeContent(g, r, name, info.ModTime(), body)
	return g.failed
}
