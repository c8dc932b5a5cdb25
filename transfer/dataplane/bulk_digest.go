// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"crypto/sha256"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
)

// digests are the SHA-256 of bodies that were sent or read whole here, by the
// version of the source: a file is read once for many who ask.
type digests struct {
	mu      sync.Mutex
	known   map[string]string // hex
	order   []string          // oldest first
	reading map[string]bool
}

const (
	maxDigests = 4096
	// maxReading bounds the files that are read for their hash at the same time.
	maxReading = 2
)

// remember gives a plane what it remembers of its sources.
func (c *Config) remember() {
	c.Log = orSilent(c.Log)
	c.digests = &digests{known: map[string]string{}, reading: map[string]bool{}}
	c.paces = &paces{of: map[[2]string]*pace{}}
}

func (d *digests) get(version string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.known[version]
}

func (d *digests) put(version, sum string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, ok := d.known[version]; !ok {
		d.order = append(d.order, version)
	}
	d.known[version] = sum
	for len(d.order) > maxDigests {
		delete(d.known, d.order[0])
		d.order = d.order[1:]
	}
}

// begin reports whether the caller is to read the version now.
func (d *digests) begin(version string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.reading[version] || len(d.reading) >= maxReading {
		return false
	}
	d.reading[version] = true
	return true
}

func (d *digests) end(version string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.reading, version)
}

// fileTag is a strong entity tag of a file as it is: two of its versions differ
// in length or time.
func fileTag(info os.FileInfo) string {
	return `"` + strconv.FormatInt(info.Size(), 36) + "-" + strconv.FormatInt(info.ModTime().UnixNano(), 36) + `"`
}

// describeFile says of a file what those need who read it in parts: its
// version, and its hash where that is known. Whoever asks for the hash alone
// (HEAD, Want-Repr-Digest) has it found out, and is told to ask again. It
// returns what to read the body through.
func (d *digests) describeFile(h http.Header, r *http.Request, root *os.Root, name string, file *os.File, info os.FileInfo) io.ReadSeeker {
	tag := fileTag(info)
	h.Set("ETag", tag)
	version := versionOf(root.Name(), name, tag)
	if sum := d.get(version); sum != "" {
		h.Set("Repr-Digest", digestField(sum))
		return file
	}
	if r.Method == http.MethodHead {
		if wantsDigest(r.Header.Get("Want-Repr-Digest")) {
			h.Set("Retry-After", "1")
			d.read(context.WithoutCancel(r.Context()), root.Name(), name, tag)
		}
		return file
	}
	return &hashing{ReadSeeker: file, size: info.Size(), hash: sha256.New(), done: func(sum string) {
		if now, err := file.Stat(); err == nil && fileTag(now) == tag {
			d.put(version, sum)
		}
	}}
}

// wantsDigest reads a preference of RFC 9530 as far as it is about SHA-256.
func wantsDigest(field string) bool {
	for item := range strings.SplitSeq(field, ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(item), "=")
		if name == "sha-256" && weight != "0" {
			return true
		}
	}
	return false
}

// read finds out the hash of a file, beside what asked for it. It ends with the
// process: there is nobody who waits.
func (d *digests) read(ctx context.Context, dir, name, tag string) {
	version := versionOf(dir, name, tag)
	if !d.begin(version) {
		return
	}
	go func() {
		defer d.end(version)
		_, _ = d.of(ctx, dir, name, tag) // who asks again is told, or asks once more
	}()
}

func versionOf(dir, name, tag string) string { return dir + "\x00" + name + "\x00" + tag }
