// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package credentials

import "embed"

// Files are v1.jsonld and, one for each type, membership.schema.json,
// corporate-identity.schema.json and security-evaluation.schema.json. A file
// is published under its name below trust.CredentialsContext, the context
// under that address itself.
//
//go:embed v1.jsonld *.schema.json
var Files embed.FS
