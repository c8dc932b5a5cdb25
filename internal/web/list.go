// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

// list is every list of the API. Next is what the next page is asked for by
// (after or before); it is left out where there is none.
type list[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty"`
}

// listOf brings items to their shown form. A full page may have a next one.
func listOf[D, T any](items []D, limit int, show func(D) T, id func(D) string) list[T] {
	l := list[T]{Items: make([]T, len(items))}
	for i, item := range items {
		l.Items[i] = show(item)
	}
	if len(items) > 0 && len(items) >= limit {
		l.Next = id(items[len(items)-1])
	}
	return l
}
