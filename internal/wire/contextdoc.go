// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

// contextDocument builds the document behind a context URL, or nil where it
// is not held. Each call builds it anew: json-gold edits what it loads.
func contextDocument(url string) map[string]any {
	switch url {
	case ContextURL:
		return dspContext()
	case ODRLContextURL:
		return odrlContext()
	case EDCContextURL:
		return edcContext()
	default:
		return nil
	}
}

func held(url string) bool {
	return url == ContextURL || url == ODRLContextURL || url == EDCContextURL
}

func dspContext() map[string]any {
	doc := protected()
	for _, p := range prefixes {
		if p.name != "edc" {
			doc[p.name] = p.iri
		}
	}
	for i := range classes {
		c := &classes[i]
		scoped := protected()
		if c.policy {
			scoped["@import"] = ODRLContextURL
			scoped["@propagate"] = true
		}
		define(scoped, c.terms)
		doc[c.name] = map[string]any{"@id": c.prefix + ":" + c.name, "@context": scoped}
	}
	// The entry of a DID document, the one type that is no message.
	doc["CatalogService"] = map[string]any{"@id": "dspace:CatalogService", "@context": map[string]any{
		"id": "@id", "type": "@type",
		"serviceEndpoint": map[string]any{"@id": didNamespace + "serviceEndpoint", "@type": "@id"},
	}}
	for _, state := range states {
		doc[state] = "dspace:" + state
	}
	return map[string]any{"@context": doc}
}

func odrlContext() map[string]any {
	doc := map[string]any{"odrl": odrlNamespace}
	for _, name := range policyWords {
		doc[name] = "odrl:" + name
	}
	define(doc, policyTerms)
	return map[string]any{"@context": doc}
}

func edcContext() map[string]any {
	doc := map[string]any{"@version": 1.1, "edc": EDCNamespace}
	for i := range edcClasses {
		c := &edcClasses[i]
		scoped := map[string]any{}
		define(scoped, c.terms)
		doc[c.name] = map[string]any{"@id": c.prefix + ":" + c.name, "@context": scoped}
	}
	define(doc, edcTerms)
	return map[string]any{"@context": doc}
}

// protected starts a context whose terms no later one may redefine.
func protected() map[string]any {
	return map[string]any{"@version": 1.1, "@protected": true}
}

func define(doc map[string]any, terms []term) {
	for _, t := range terms {
		if t.as == literal && !t.set {
			doc[t.name] = t.id
			continue
		}
		definition := map[string]any{"@id": t.id}
		switch t.as {
		case entity:
			definition["@type"] = "@id"
		case word:
			definition["@type"] = "@vocab"
		case literal, node:
		}
		if t.set {
			definition["@container"] = "@set"
		}
		doc[t.name] = definition
	}
}
