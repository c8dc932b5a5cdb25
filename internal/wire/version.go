// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

// VersionDocument is what a connector serves at /.well-known/dspace-version:
// plain JSON without @context (protocol-version-schema.json).
type VersionDocument struct {
	ProtocolVersions []ProtocolVersion
}

// BindingHTTPS is the one binding there is, also where plain HTTP is used.
const BindingHTTPS = "HTTPS"

// ProtocolVersion is one version at one path.
type ProtocolVersion struct {
	Version        string // "2025-1"
	Path           string // appended to the root under which the document lies
	Binding        string
	ServiceID      string
	IdentifierType string // the kind of participant ids, such as "did:web"
	Auth           *VersionAuth
}

// VersionAuth says how callers prove who they are.
type VersionAuth struct {
	Protocol string
	Version  string
	Profile  []string
}

// Find returns the first entry of a version.
func (d VersionDocument) Find(version string) (ProtocolVersion, bool) {
	for _, v := range d.ProtocolVersions {
		if v.Version == version {
			return v, true
		}
	}
	return ProtocolVersion{}, false
}

// DecodeVersions reads a version document. Errors are *Error.
func DecodeVersions(body []byte) (VersionDocument, error) {
	doc, failed := scanObject(body)
	if failed != nil {
		return VersionDocument{}, failed
	}
	r := &reader{trail: trail{lenient: true}}
	d := VersionDocument{
		ProtocolVersions: readList(r, "protocolVersions", r.openItems(&doc, "protocolVersions"), readProtocolVersion),
	}
	d.check(&r.trail)
	if r.failed != nil {
		return VersionDocument{}, r.failed
	}
	return d, nil
}

// EncodeVersions writes a version document; one that the schema would refuse
// is an *Error.
func EncodeVersions(d VersionDocument) ([]byte, error) {
	var t trail
	d.check(&t)
	if t.failed != nil {
		return nil, t.failed
	}
	w := &writer{}
	w.element(func(w *writer) {
		writeList(w, "protocolVersions", d.ProtocolVersions, (*ProtocolVersion).write)
	})
	return w.b, nil
}

func readProtocolVersion(r *reader, o *value) ProtocolVersion {
	v := ProtocolVersion{
		Version:        r.id(o, "version"),
		Path:           r.text(o, "path"),
		Binding:        r.id(o, "binding"),
		ServiceID:      r.text(o, "serviceId"),
		IdentifierType: r.text(o, "identifierType"),
	}
	if o.get("path") == nil {
		r.missing("path")
	}
	if o.get("auth") != nil {
		auth := readPart(r, o, "auth", readVersionAuth)
		v.Auth = &auth
	}
	return v
}

func readVersionAuth(r *reader, o *value) VersionAuth {
	auth := VersionAuth{Protocol: r.id(o, "protocol"), Version: r.id(o, "version")}
	for _, item := range r.openItems(o, "profile") {
		if item.kind != stringKind {
			r.invalid("profile", "a list of strings")
		}
		auth.Profile = append(auth.Profile, item.text)
	}
	return auth
}

func (d VersionDocument) check(t *trail) {
	if len(d.ProtocolVersions) == 0 {
		t.missing("protocolVersions")
	}
	checkList(t, "protocolVersions", d.ProtocolVersions, func(v *ProtocolVersion) {
		t.need("version", v.Version)
		t.oneOf("binding", v.Binding, BindingHTTPS)
		if v.Auth != nil {
			t.push("auth")
			t.need("protocol", v.Auth.Protocol)
			t.need("version", v.Auth.Version)
			t.pop()
		}
	})
}

func (v *ProtocolVersion) write(w *writer) {
	w.must("version", v.Version)
	w.must("path", v.Path) // may be empty: the root itself
	w.must("binding", v.Binding)
	w.text("serviceId", v.ServiceID)
	w.text("identifierType", v.IdentifierType)
	if v.Auth != nil {
		w.object("auth", func(w *writer) {
			w.must("protocol", v.Auth.Protocol)
			w.must("version", v.Auth.Version)
			w.raws("profile", Reasons(v.Auth.Profile...))
		})
	}
}
