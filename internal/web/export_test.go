// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

// RouteForTest is a row of the management API as tests see it.
type RouteForTest struct {
	Method, Path, Example string
	Try                   func([]byte) error
}

// Routes is the table of the management API.
func Routes() []RouteForTest {
	var list []RouteForTest
	for _, r := range routes {
		if r.do.passes {
			continue // it reads nothing by itself
		}
		list = append(list, RouteForTest{r.method, r.path, r.do.example, r.do.try})
	}
	return list
}
