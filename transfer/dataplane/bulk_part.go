// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/musubi-ods/musubi/internal/safehttp"
	"github.com/musubi-ods/musubi/transfer"
)

// Part asks for the rest of a body.
type Part struct {
	Offset int64  // of the first byte that is wanted
	ETag   string // strong; the rest is wanted of this body alone, else the whole of another
	Head   bool   // nothing but what is said of it
	// TrackingID names the request on both sides; empty: it has no name.
	TrackingID string
}

// Rest is what a provider sends for a Part.
type Rest struct {
	Data
	Status int
	Start  int64  // of the first byte that is sent
	Total  int64  // of the whole body; -1: it was not told
	ETag   string // strong, or empty
	Digest string // SHA-256 of the whole, hex; empty: it was not told
	Later  bool   // the digest will be told when asked for again
}

// FetchPart is Fetch for a body that may be long: what is there already is not
// asked for again (RFC 9110, 13.1.5 and 14.2), and the hash of the whole is
// (RFC 9530, 4).
func FetchPart(ctx context.Context, client *safehttp.Client, a transfer.DataAddress, p Part) (*Rest, error) {
	u, err := client.CheckURL(a.Endpoint)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrAddress, err)
	}
	method := http.MethodGet
	if p.Head {
		method = http.MethodHead
	}
	req, err := requestTo(ctx, method, u, a, p.TrackingID)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept-Encoding", "identity")
	req.Header.Set("Want-Repr-Digest", "sha-256=10")
	if p.Offset > 0 && p.ETag != "" {
		req.Header.Set("Range", "bytes="+strconv.FormatInt(p.Offset, 10)+"-")
		req.Header.Set("If-Range", p.ETag)
	}
	resp, err := client.Stream(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusPartialContent {
		defer resp.Body.Close()
		return nil, &Later{retryAfter(resp.Header), fault(resp)}
	}
	rest, err := restOf(resp)
	if err != nil {
		_ = resp.Body.Close()
		return nil, err
	}
	return rest, nil
}

func restOf(resp *http.Response) (*Rest, error) {
	r := &Rest{
		Data:   Data{Body: resp.Body, ContentType: resp.Header.Get("Content-Type"), Length: resp.ContentLength},
		Status: resp.StatusCode, Total: resp.ContentLength, ETag: strong(resp.Header.Get("ETag")),
		Digest: digestOf(resp.Header.Get("Repr-Digest")),
	}
	r.Later = r.Digest == "" && resp.Header.Get("Retry-After") != ""
	if resp.Header.Get("Content-Encoding") != "" {
		r.Digest, r.Total = "", -1 // of the bytes as they are sent, or not: nobody knows
	}
	if resp.StatusCode == http.StatusPartialContent {
		var ok bool
		if r.Start, r.Total, ok = contentRange(resp.Header.Get("Content-Range")); !ok {
			return nil, &FetchError{Status: resp.StatusCode, Code: "range-invalid", Message: "a part of the data that does not say which"}
		}
		r.Partial = true
	}
	return r, nil
}

// strong is an entity tag that identifies bytes, or "".
func strong(tag string) string {
	if len(tag) < 2 || len(tag) > 200 || tag[0] != '"' || tag[len(tag)-1] != '"' {
		return ""
	}
	return tag
}

// contentRange reads "bytes 7-99/100"; the total may be * (-1).
func contentRange(value string) (start, total int64, ok bool) {
	span, found := strings.CutPrefix(value, "bytes ")
	first, rest, found2 := strings.Cut(span, "-")
	last, size, found3 := strings.Cut(rest, "/")
	start, err := number(first)
	end, err2 := number(last)
	total = -1
	var err3 error
	if size != "*" {
		total, err3 = number(size)
	}
	ok = found && found2 && found3 && err == nil && err2 == nil && err3 == nil && end >= start && (total < 0 || end < total)
	return start, total, ok
}

// number reads digits alone.
func number(text string) (int64, error) {
	n, err := strconv.ParseUint(text, 10, 63)
	return int64(n), err
}

// digestOf finds the SHA-256 in a field of RFC 9530, as hex; "" if there is
// none.
func digestOf(field string) string {
	if len(field) > 4<<10 {
		return ""
	}
	for item := range strings.SplitSeq(field, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(item), "=")
		if name != "sha-256" || len(value) < 2 || value[0] != ':' || value[len(value)-1] != ':' {
			continue
		}
		if sum, err := base64.StdEncoding.DecodeString(value[1 : len(value)-1]); err == nil && len(sum) == 32 {
			return hex.EncodeToString(sum)
		}
	}
	return ""
}

// digestField is digestOf the other way round.
func digestField(sum string) string {
	raw, err := hex.DecodeString(sum)
	if err != nil {
		return ""
	}
	return "sha-256=:" + base64.StdEncoding.EncodeToString(raw) + ":"
}

// retryAfter is how long a header asks to wait, in whole seconds; 0: it does
// not say. A date is not read: the two clocks may differ.
func retryAfter(h http.Header) time.Duration {
	n, err := number(h.Get("Retry-After"))
	if err != nil {
		return 0
	}
	return time.Duration(min(n, 3600)) * time.Second
}
