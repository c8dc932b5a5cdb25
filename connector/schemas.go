// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import "github.com/musubi-ods/musubi/trust/dcp/vc"

func (c *Connector) schemas() vc.Schemas { return nil }
