// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
)

// mutator damages messages, or changes them in ways that do no damage.
type mutator struct {
	*rand.Rand
	t testing.TB
}

// mutate returns the message with one to three changes.
func (m mutator) mutate(body []byte) []byte {
	doc := parse(m.t, body)
	for range 1 + m.IntN(3) {
		all := places(doc, nil)
		if len(all) == 0 {
			break // the last member was deleted
		}
		at := pick(m, all)
		switch {
		case at.object != nil:
			m.changeMember(at.object, at.name)
		case m.IntN(3) == 0:
			at.list[at.index] = at.list[m.IntN(len(at.list))]
		default:
			at.list[at.index] = m.foreign(at.list[at.index])
		}
	}
	return encodeJSON(doc)
}

// place is a member of an object or an element of a list.
type place struct {
	object map[string]any
	name   string
	list   []any
	index  int
}

// places lists every place of a document, always in the same order.
func places(v any, found []place) []place {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			found = append(found, place{object: v, name: name})
			found = places(v[name], found)
		}
	case []any:
		for i := range v {
			found = append(found, place{list: v, index: i})
			found = places(v[i], found)
		}
	}
	return found
}

func (m mutator) changeMember(object map[string]any, name string) {
	switch m.IntN(8) {
	case 0:
		delete(object, name)
	case 1:
		object[pick(m, someNames)] = object[name]
		delete(object, name)
	case 2:
		object[pick(m, someNames)] = m.foreign(object[name])
	case 3:
		object[name] = []any{object[name]}
	case 4:
		other := pick(m, slices.Sorted(maps.Keys(object)))
		object[name], object[other] = object[other], object[name]
	case 5:
		if list, ok := object[name].([]any); ok && len(list) > 0 {
			object[name] = list[0]
			return
		}
		object[name] = pick(m, someWords)
	default:
		object[name] = m.foreign(object[name])
	}
}

// foreign is a value of any kind.
func (m mutator) foreign(old any) any {
	switch m.IntN(12) {
	case 0:
		return nil
	case 1:
		return m.IntN(1000)
	case 2:
		return m.IntN(2) == 0
	case 3:
		return ""
	case 4:
		return []any{}
	case 5:
		return map[string]any{}
	case 6:
		return []any{old}
	case 7:
		return map[string]any{"@id": old}
	case 8:
		return map[string]any{"@value": old}
	case 9:
		return []any{map[string]any{"leftOperand": "x", "operator": pick(m, someWords), "rightOperand": m.IntN(9)}}
	default:
		return pick(m, someWords)
	}
}

var someNames = []string{
	"@id", "@type", "@context", "providerPid", "consumerPid", "callbackAddress", "target", "assigner", "permission", "prohibition",
	"obligation", "constraint", "and", "or", "xone", "andSequence", "leftOperand", "operator", "rightOperand", "action", "reason",
	"code", "state", "dataset", "catalog", "service", "distribution", "hasPolicy", "servesDataset", "participantId", "timestamp",
	"dspace:providerPid", "dspace:consumerPid", "odrl:permission", "odrl:action", "unknown", "https://example.org/purpose", "dataAddress",
	"endpoint", "endpointProperties", "profile", "filter", "auth", "binding", "serviceId", "Target", "PROVIDERPID",
}

var someWords = []string{
	"urn:uuid:1", "use", "odrl:use", "eq", "odrl:eq", "http://www.w3.org/ns/odrl/2/lteq", "isAnyOf", "REQUESTED", "dspace:REQUESTED",
	"STARTED", "OFFERED", "ACCEPTED", "FINALIZED", "Offer", "Agreement", "Dataset", "Catalog", "DataService", "DataAddress", "HTTPS",
	ContextURL, EDCContextURL, "https://example.org/context.jsonld", "2026-11-23T10:00:00Z", "tomorrow", "ContractOfferMessage",
}

func pick[T any](m mutator, list []T) T { return list[m.IntN(len(list))] }
