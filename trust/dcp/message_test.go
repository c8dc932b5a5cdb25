// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dcp_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/musubi-ods/musubi/internal/testkit"
	"github.com/musubi-ods/musubi/trust/dcp"
)

// object is a CredentialObject with all its properties.
var object = dcp.Object{
	ID: "urn:uuid:1", Type: "CredentialObject", CredentialType: "MembershipCredential", OfferReason: "reissue",
	BindingMethods: []string{"did:web"}, Profile: "vc11-sl2021/jwt", Schema: "https://issuer.example/schema.json",
	IssuancePolicy: json.RawMessage(`{"id":"p","input_descriptors":[]}`),
}

// kinds are the messages: one of each, its schema and its reader.
var kinds = []struct {
	name, schema string
	message      any
	read         func([]byte) (any, error)
}{
	{"query", "presentation/presentation-query-message", dcp.Query{Scopes: []string{"a:b:read", "c:d"}}, reader(dcp.ReadQuery)},
	{
		"response", "presentation/presentation-response-message",
		dcp.Response{Presentations: []json.RawMessage{json.RawMessage(`"token"`), json.RawMessage(`{"a":1}`)}},
		reader(dcp.ReadResponse),
	},
	{"empty response", "presentation/presentation-response-message", dcp.Response{Presentations: []json.RawMessage{}}, reader(dcp.ReadResponse)},
	{
		"credential request", "issuance/credential-request-message",
		dcp.CredentialRequest{HolderPID: "h", Credentials: []string{"1", "2"}},
		reader(dcp.ReadCredentialRequest),
	},
	{
		"credential message", "issuance/credential-message",
		dcp.CredentialMessage{
			IssuerPID: "i", HolderPID: "h", Status: dcp.Issued,
			Credentials: []dcp.CredentialContainer{{Type: "T", Payload: "p", Format: "vc11-sl2021/jwt"}},
		},
		reader(dcp.ReadCredentialMessage),
	},
	{
		"rejection", "issuance/credential-message",
		dcp.CredentialMessage{IssuerPID: "i", HolderPID: "h", Status: dcp.Rejected, Reason: "no"},
		reader(dcp.ReadCredentialMessage),
	},
	{"offer", "issuance/credential-offer-message", dcp.Offer{Issuer: "did:web:i.example", Credentials: []dcp.Object{object}}, reader(dcp.ReadOffer)},
	{"metadata", "issuance/issuer-metadata", dcp.Metadata{Issuer: "did:web:i.example", Supported: []dcp.Object{object}}, reader(dcp.ReadMetadata)},
	{
		"request status", "issuance/credential-status",
		dcp.RequestStatus{IssuerPID: "i", HolderPID: "h", Status: dcp.Received},
		reader(dcp.ReadRequestStatus),
	},
}

func reader[T any](read func([]byte) (T, error)) func([]byte) (any, error) {
	return func(body []byte) (any, error) { return read(body) }
}

func TestMessagesReadBack(t *testing.T) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			body, err := dcp.Marshal(k.message)
			if err != nil {
				t.Fatal(err)
			}
			got, err := k.read(body)
			if diff := cmp.Diff(k.message, got); err != nil || diff != "" {
				t.Errorf("%v\n%s", err, diff)
			}
		})
	}
	if _, err := dcp.Marshal("text"); !errors.Is(err, dcp.ErrMessage) {
		t.Errorf("error %v", err)
	}
}

const specification = "spec/dcp/decentralized-claims-protocol/artifacts/src"

func TestMessagesAreValidBySchema(t *testing.T) {
	compiler := schemas(t)
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			folder, _, _ := strings.Cut(k.schema, "/")
			if k.name == "credential message" || k.name == "rejection" {
				folder = "presentation" // so says the schema's own id
			}
			schema, err := compiler.Compile("https://w3id.org/dspace-dcp/v1.0/" + folder + "/" + filepath.Base(k.schema) + "-schema.json")
			if err != nil {
				t.Fatal(err)
			}
			body, err := dcp.Marshal(k.message)
			if err != nil {
				t.Fatal(err)
			}
			document, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(document); err != nil {
				t.Error(err)
			}
			delete(document.(map[string]any), "type")
			if schema.Validate(document) == nil {
				t.Error("the schema takes a message without type: it proves nothing")
			}
		})
	}
}

// schemas loads the published schemas, each under the address that the others
// use for it.
func schemas(t *testing.T) *jsonschema.Compiler {
	t.Helper()
	root := filepath.Join(testkit.Shared(t), specification)
	compiler := jsonschema.NewCompiler()
	err := filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".json" || strings.Contains(path, "example") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			return err
		}
		id, _ := document.(map[string]any)["$id"].(string)
		if strings.HasSuffix(path, "common/context-schema.json") {
			id = "https://w3id.org/dspace-dcp/v1.0/common/context-schema.json" // its own is of an older version
			document.(map[string]any)["$id"] = id
		}
		if _, name, found := strings.Cut(path, "test/resources/"); found { // known by no id of their own
			id = "https://identity.foundation/" + name
		}
		return compiler.AddResource(id, document)
	})
	if err != nil {
		t.Fatal(err)
	}
	return compiler
}

func TestPublishedExamples(t *testing.T) {
	root := filepath.Join(testkit.Shared(t), specification, "main/resources")
	for file, read := range map[string]func([]byte) (any, error){
		"presentation/example/presentation-query-message.json":                              reader(dcp.ReadQuery),
		"presentation/example/presentation-query-message-w-presentation-definition.json":    reader(dcp.ReadQuery),
		"presentation/example/presentation-response-message.json":                           reader(dcp.ReadResponse),
		"presentation/example/presentation-response-message-w-presentation-submission.json": reader(dcp.ReadResponse),
		"issuance/example/credential-message.json":                                          reader(dcp.ReadCredentialMessage),
		"issuance/example/credential-message-rejected.json":                                 reader(dcp.ReadCredentialMessage),
		"issuance/example/credential-request-message.json":                                  reader(dcp.ReadCredentialRequest),
		"issuance/example/credential-offer-message.json":                                    reader(dcp.ReadOffer),
		"issuance/example/issuer-metadata.json":                                             reader(dcp.ReadMetadata),
		"issuance/example/credential-status.json":                                           reader(dcp.ReadRequestStatus),
	} {
		t.Run(filepath.Base(file), func(t *testing.T) {
			body, err := os.ReadFile(filepath.Join(root, file))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := read(body); err != nil {
				t.Error(err)
			}
		})
	}
}
