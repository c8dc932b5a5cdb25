// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"bytes"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/rule"
)

func cloneEntry(e engine.Entry) engine.Entry {
	e.Detail, e.At = bytes.Clone(e.Detail), rule.Round(e.At)
	return e
}

func cloneHead(h engine.Head) engine.Head {
	h.Signature, h.At = bytes.Clone(h.Signature), rule.Round(h.At)
	return h
}
