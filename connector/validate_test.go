// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/connector"
)

// TestValidate has every fault that Validate finds, each in a configuration
// that is otherwise right. New says the same.
func TestValidate(t *testing.T) {
	participant := func(set func(*connector.ParticipantConfig)) func(*connector.Config) {
		return func(c *connector.Config) { set(&c.Participants[0]) }
	}
	peer := func(set func(*connector.PeerConfig)) func(*connector.Config) {
		return func(c *connector.Config) { set(&c.Participants[0].Peers[0]) }
	}
	for name, c := range map[string]struct {
		set  func(*connector.Config)
		want string
	}{
		"no scheme":          {func(c *connector.Config) { c.Store = "musubi.db" }, `store "musubi.db": write sqlite:`},
		"another database":   {func(c *connector.Config) { c.Store = "mysql://u:hunter2@h/d?p=hunter2" }, `store "mysql://u@h/d": write`},
		"keywords":           {func(c *connector.Config) { c.Store = "host=h password=hunter2 x:" }, `store "(not shown)": write`},
		"no file":            {func(c *connector.Config) { c.Store = "sqlite:" }, "names no file"},
		"no key":             {func(c *connector.Config) { c.Store, c.Key = "postgres://u:hunter2@h/d", "" }, "needs keyFile or MUSUBI_KEY"},
		"a short key":        {func(c *connector.Config) { c.Key = "hunter2" }, "key (MUSUBI_KEY) must hold 64 hex digits"},
		"a key of letters":   {func(c *connector.Config) { c.Key = connector.Secret(strings.Repeat("hunter2!", 8)) }, "64 hex digits"},
		"lease without unit": {func(c *connector.Config) { c.Lease = 30 }, "lease 30ns"},
		"lease below zero":   {func(c *connector.Config) { c.Lease = -time.Minute }, "lease -1m"},
		"log level":          {func(c *connector.Config) { c.LogLevel = "loud" }, `logLevel "loud": write debug`},

		"no port":               {func(c *connector.Config) { c.Protocol.Listen = "127.0.0.1" }, `protocol.listen "127.0.0.1": write host:port`},
		"a named port":          {func(c *connector.Config) { c.Protocol.Listen = "127.0.0.1:http" }, "write host:port"},
		"a port too large":      {func(c *connector.Config) { c.Management.Listen = "127.0.0.1:65536" }, `management.listen "127.0.0.1:65536"`},
		"dev mode, open":        {func(c *connector.Config) { c.DevMode, c.Protocol.Listen = true, ":8282" }, `protocol.listen must be a loopback address such as 127.0.0.1, not ""`},
		"dev mode, half open":   {func(c *connector.Config) { c.DevMode, c.Management.Listen = true, "0.0.0.0:1" }, "management.listen must be a loopback"},
		"dev mode, a name":      {func(c *connector.Config) { c.DevMode, c.Management.Listen = true, "localhost.example.com:1" }, "must be a loopback"},
		"preshared, open":       {func(c *connector.Config) { c.Protocol.Listen = "0.0.0.0:8282" }, "preshared identity profile, which proves too little"},
		"certificate alone":     {func(c *connector.Config) { c.Protocol.TLS.CertFile = "c.pem" }, "protocol.tls: name both"},
		"key of TLS alone":      {func(c *connector.Config) { c.Management.TLS.KeyFile = "k.pem" }, "management.tls: name both"},
		"body below zero":       {func(c *connector.Config) { c.Protocol.MaxBody = -1 }, "protocol.maxBody -1"},
		"a proxy that is none":  {func(c *connector.Config) { c.Management.TrustedProxies = []string{"10.0.0.1"} }, `management.trustedProxies "10.0.0.1": write a CIDR`},
		"public URL, no scheme": {func(c *connector.Config) { c.Protocol.PublicURL = "connector.example.com" }, `protocol.publicUrl "connector.example.com": write a URL`},
		"public URL, password":  {func(c *connector.Config) { c.Protocol.PublicURL = "https://u:hunter2@h" }, "without user, password"},
		"public URL, query":     {func(c *connector.Config) { c.Management.PublicURL = "https://h/?t=hunter2" }, `management.publicUrl "https://h/"`},
		"public URL, no URL":    {func(c *connector.Config) { c.Protocol.PublicURL = "https://u:hunter2@[" }, `"(not shown)"`},
		"empty API key":         {func(c *connector.Config) { c.Management.APIKeys = []connector.Secret{"a", ""} }, "management.apiKeys: number 2 is empty"},
		"egress, an address":    {func(c *connector.Config) { c.Egress.Allow = []string{"10.0.0.1"} }, `egress.allow "10.0.0.1": write a CIDR`},
		"time-out, no unit":     {func(c *connector.Config) { c.Egress.Timeout = 10 }, "egress.timeout 10ns"},

		"evidence of a moment": {func(c *connector.Config) { c.Evidence.Bodies = time.Hour }, "evidence.bodies 1h0m0s"},
		"evidence below zero":  {func(c *connector.Config) { c.Evidence.Bodies = -1 }, "evidence.bodies"},
		"download below zero":  {func(c *connector.Config) { c.Sink.MaxBytes = -1 }, "sink.maxBytes -1"},
		"bodies below zero":    {func(c *connector.Config) { c.Sink.MaxBodies = -1 }, "sink.maxBodies -1"},
		"pushes below zero":    {func(c *connector.Config) { c.Sink.MaxTransferBytes = -1 }, "sink.maxTransferBytes -1"},

		"participant twice": {func(c *connector.Config) { c.Participants = append(c.Participants, c.Participants[0]) }, `participant "acme" is there twice`},
		"no address":        {func(c *connector.Config) { c.Protocol.Listen = "-" }, "publicUrl must be given"},
		"no slug":           {participant(func(p *connector.ParticipantConfig) { p.Context = "Acme" }), `participant context "Acme": write a slug`},
		"no context":        {participant(func(p *connector.ParticipantConfig) { p.Context = "" }), "write a slug"},
		"long slug":         {participant(func(p *connector.ParticipantConfig) { p.Context = strings.Repeat("a", 64) }), "at most 63"},
		"no id":             {participant(func(p *connector.ParticipantConfig) { p.ID = "" }), `participant "acme": id is missing`},
		"profile":           {participant(func(p *connector.ParticipantConfig) { p.Profile = "oauth" }), `no identity profile "oauth"`},
		"URL":               {participant(func(p *connector.ParticipantConfig) { p.PublicURL = "ftp://h" }), `participant acme: publicUrl "ftp://h"`},
		"peer's id":         {peer(func(p *connector.PeerConfig) { p.ID = "" }), "a peer has no id"},
		"peer's URL":        {peer(func(p *connector.PeerConfig) { p.URL = "/dsp" }), `peer urn:example:b: url "/dsp"`},
		"inbound":           {peer(func(p *connector.PeerConfig) { p.Inbound = "" }), "inbound and outbound are needed"},
		"outbound":          {peer(func(p *connector.PeerConfig) { p.Outbound = "" }), "inbound and outbound are needed"},
		"peer twice":        {participant(func(p *connector.ParticipantConfig) { p.Peers[1].ID = p.Peers[0].ID }), `peer "urn:example:b" is there twice`},
		"one value for two": {participant(func(p *connector.ParticipantConfig) { p.Peers[1].Inbound = p.Peers[0].Inbound }), "nobody could tell the two apart"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := whole()
			c.set(&cfg)
			err := cfg.Validate()
			switch {
			case !errors.Is(err, connector.ErrConfig) || !strings.Contains(err.Error(), c.want):
				t.Fatalf("%v, want %q", err, c.want)
			case strings.Contains(err.Error(), "hunter2"):
				t.Errorf("it tells a secret: %v", err)
			case strings.Count(err.Error(), "configuration: ") != 1:
				t.Errorf("it begins more than once: %v", err)
			}
			if _, newErr := connector.New(cfg); newErr == nil || newErr.Error() != err.Error() {
				t.Errorf("New: %v", newErr)
			}
		})
	}
}

// whole is a configuration that uses much and is right.
func whole() connector.Config {
	cfg := connector.Default()
	cfg.Store, cfg.Key = "memory:", connector.Secret(strings.Repeat("0", 64))
	cfg.Management.APIKeys = []connector.Secret{"a", "b"}
	cfg.Protocol.TrustedProxies, cfg.Egress.Allow = []string{"10.0.0.0/8"}, []string{"10.0.0.0/8"}
	cfg.Participants = []connector.ParticipantConfig{{
		Context: "acme", ID: "urn:example:acme", Profile: "preshared",
		Peers: []connector.PeerConfig{
			{ID: "urn:example:b", URL: "https://b.example/dsp", Inbound: "b", Outbound: "x"},
			{ID: "urn:example:c", URL: "https://b.example/dsp", Inbound: "c", Outbound: "x"}, // peers may share a URL
		},
	}}
	return cfg
}

// TestValid: what must be accepted.
func TestValid(t *testing.T) {
	for name, set := range map[string]func(*connector.Config){
		"as it is":        func(*connector.Config) {},
		"dev mode":        func(c *connector.Config) { c.DevMode = true },
		"dev mode, IPv6":  func(c *connector.Config) { c.DevMode, c.Protocol.Listen = true, "[::1]:0" },
		"localhost":       func(c *connector.Config) { c.Protocol.Listen = "localhost:8282" },
		"embedded":        func(c *connector.Config) { c.Protocol.Listen, c.Protocol.PublicURL = "-", "https://h/x/" },
		"own URL":         func(c *connector.Config) { c.Protocol.Listen, c.Participants[0].PublicURL = "-", "https://h" },
		"open management": func(c *connector.Config) { c.Management.Listen = ":8283" },
		"no participants": func(c *connector.Config) { c.Participants, c.Protocol.Listen = nil, ":8282" },
		"postgres":        func(c *connector.Config) { c.Store = "postgresql://u:p@h/d?sslmode=disable" },
		"no log level":    func(c *connector.Config) { c.LogLevel = "" },
	} {
		cfg := whole()
		set(&cfg)
		if err := cfg.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
