// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling

import (
	"encoding/json"
	"maps"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

// MetadataUseUntil is, in the metadata of a prepare, when the permission of the
// consumer to use the data ends by the clock (RFC 3339): a data plane that keeps
// the data deletes it then. It is an extension of the standard.
const MetadataUseUntil = "https://musubi-ods.github.io/musubi/signaling/v1/useUntil"

// lent returns a flow that says until when its data may be used, whatever it
// said before.
func lent(f transfer.Flow, until time.Time) transfer.Flow {
	metadata := map[string]json.RawMessage{}
	maps.Copy(metadata, f.Metadata)
	delete(metadata, MetadataUseUntil)
	if !until.IsZero() {
		metadata[MetadataUseUntil], _ = json.Marshal(until.UTC().Format(time.RFC3339Nano)) // a text: cannot fail
	}
	f.Metadata = metadata
	return f
}

// UseUntil is when the data of a flow may not be used any more, zero where its
// control plane did not say so. One that cannot be read is refused: nobody would
// know when to delete the data.
func UseUntil(f transfer.Flow) (until time.Time, err error) {
	said, ok := f.Metadata[MetadataUseUntil]
	if !ok {
		return until, nil
	}
	if err := json.Unmarshal(said, &until); err != nil || until.IsZero() {
		return time.Time{}, transfer.Refuse("use-until-invalid", "the metadata does not say until when the data may be used")
	}
	return until.UTC(), nil
}
