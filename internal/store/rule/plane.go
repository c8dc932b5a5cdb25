// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"errors"

	"github.com/musubi-ods/musubi/transfer"
)

// Plane reports why a data plane cannot be kept.
func Plane(p transfer.Registered) error {
	var doc error
	if len(p.Doc) == 0 {
		doc = errors.New("doc is empty")
	}
	return invalid("data plane", key("context", p.Context, "id", p.ID), doc)
}
