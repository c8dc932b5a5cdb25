// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"net/http"

	"github.com/musubi-ods/musubi/transfer"
)

// The header fields of an upload that can go on where it ended. A receiver of
// ours says in its data address that it knows them (propertyUpload).
const (
	headerOffset   = "Upload-Offset"   // of the first byte of the body; in answers, what is safe
	headerComplete = "Upload-Complete" // ?1: nothing follows
	headerLength   = "Upload-Length"   // of the whole, where it is known
	headerKey      = "Idempotency-Key"

	propertyUpload = "uploadProtocol"
	uploadMusubi   = "musubi-upload-1"

	contentDigest = "Content-Digest" // RFC 9530: of the body
	reprDigest    = "Repr-Digest"    // and of the whole
)

// ours reports whether the receiver takes uploads that go on where they ended.
func ours(a transfer.DataAddress) bool { return a.Get(propertyUpload) == uploadMusubi }

// verbOf is how data is sent.
func verbOf(a transfer.DataAddress) string {
	if ours(a) {
		return http.MethodPatch
	}
	return method(a)
}

// method is how a receiver that is not ours wants the data.
func method(a transfer.DataAddress) string {
	if a.Get("method") == http.MethodPut {
		return http.MethodPut
	}
	return http.MethodPost
}
