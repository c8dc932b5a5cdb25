// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dps_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/musubi-ods/musubi/internal/testkit"
)

// The schemas of Data Plane Signaling 1.0-RC3, by the names of their files.
const (
	schemaPrepare   = "DataFlowPrepareMessage"
	schemaStart     = "DataFlowStartMessage"
	schemaStarted   = "DataFlowStartedNotificationMessage"
	schemaResume    = "DataFlowResumeMessage"
	schemaSuspend   = "DataFlowSuspendMessage"
	schemaTerminate = "DataFlowTerminateMessage"
	schemaStatus    = "DataFlowStatusMessage"
)

// published finds a schema in the copies of what the two projects publish.
type published struct{ root string }

// Load implements jsonschema.URLLoader.
func (p published) Load(url string) (any, error) {
	path := filepath.Join(p.root, strings.TrimPrefix(url, "https://w3id.org/dspace/2025/1/"))
	if name, ok := strings.CutPrefix(url, "https://w3id.org/dspace-sig/v1.0/"); ok {
		path = filepath.Join(p.root, "_dps", name)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return jsonschema.UnmarshalJSON(bytes.NewReader(text))
}

var (
	compiled   = map[string]*jsonschema.Schema{}
	compiledMu sync.Mutex
)

// validate holds a message against its schema.
func validate(t *testing.T, name string, raw []byte) error {
	compiledMu.Lock()
	defer compiledMu.Unlock()
	s, ok := compiled[name]
	if !ok {
		c := jsonschema.NewCompiler()
		c.UseLoader(published{filepath.Join(testkit.Shared(t), "spec", "dsp", "schemas")})
		var err error
		if s, err = c.Compile("https://w3id.org/dspace-sig/v1.0/" + name + ".schema.json"); err != nil {
			t.Errorf("the schema %s: %v", name, err)
			return nil
		}
		compiled[name] = s
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return err
	}
	return s.Validate(document)
}

// TestSchemas: the kit's own check refuses what the kit refuses.
func TestSchemas(t *testing.T) {
	const base = `"messageId":"m","participantId":"p","counterPartyId":"c","dataspaceContext":"","processId":"x","agreementId":"a","datasetId":"d","profile":"f","claims":{}`
	for _, tt := range []struct {
		name, body string
		ok         bool
	}{
		{schemaPrepare, `{` + base + `}`, true},
		{schemaPrepare, `{` + strings.Replace(base, `"claims":{}`, `"claims":null`, 1) + `}`, false},
		{schemaStart, `{` + base + `,"labels":null}`, false},
		{schemaStart, `{` + base + `,"dataAddress":{"endpointType":"t"}}`, false},
		{schemaStart, `{` + base + `,"dataAddress":{"@type":"DataAddress","endpointType":"t","endpointProperties":[]}}`, false},
		{schemaStart, `{` + base + `,"dataAddress":{"@type":"DataAddress","endpointType":"t","endpointProperties":[{"@type":"EndpointProperty","name":"n","value":"v"}]}}`, true},
		{schemaStarted, `{}`, false},
		{schemaSuspend, `{"messageId":"m","reason":null}`, false},
		{schemaStatus, `{"messageId":"m","dataFlowId":"f","state":"FINE"}`, false},
		{schemaStatus, `{"messageId":"m","dataFlowId":"f","state":"STARTED"}`, true},
	} {
		if err := validate(t, tt.name, []byte(tt.body)); (err == nil) != tt.ok {
			t.Errorf("%s: %s: %v", tt.name, tt.body, err)
		}
	}
}
