// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"time"

	"github.com/musubi-ods/musubi/connector/secret"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
)

// Config is the whole configuration. Its zero value with one participant
// works: everything else has a default (see Default).
type Config struct {
	// Store is "sqlite:<path>", "postgres://..." or "memory:" (for trials: it
	// is gone at the end). Default "sqlite:musubi.db".
	Store string `yaml:"store"`
	// KeyFile holds the key that encrypts secrets at rest, 64 hex digits. On
	// SQLite it is made beside the database when absent. Key is the same,
	// from the environment (MUSUBI_KEY) rather than a file.
	KeyFile string `yaml:"keyFile"`
	Key     Secret `yaml:"key"`
	// DevMode allows http and loopback addresses of counterparties, and
	// refuses to start on a listener that is not loopback.
	DevMode bool `yaml:"devMode"`
	// Protocol is where counterparties call, Management where the
	// participant's own users do.
	Protocol   Listener   `yaml:"protocol"`
	Management Management `yaml:"management"`
	Egress     Egress     `yaml:"egress"`
	// Dataplanes are data planes beside the built-in ones, and Signaling is where
	// they call.
	Dataplanes []RemotePlaneConfig `yaml:"dataplanes"`
	Signaling  Signaling           `yaml:"signaling"`
	// Sink is where downloaded data is kept.
	Sink SinkConfig `yaml:"sink"`
	// Evidence says how long that of what was moved is kept.
	Evidence struct {
		// Bodies is how long single bodies stay, after which those are forgotten
		// whose transfers are at their end and whose totals are in the journal; the
		// totals stay. 0: for ever.
		Bodies time.Duration `yaml:"bodies"`
	} `yaml:"evidence"`
	// Participants are written to the store at every start; those that are
	// only in the store stay.
	Participants []ParticipantConfig `yaml:"participants"`
	// LogLevel is debug, info (default), warn or error.
	LogLevel string `yaml:"logLevel"`
	// Replica names this process among those that share a PostgreSQL store;
	// default: a random name.
	Replica string `yaml:"replica"`
	// Lease bounds how long a crashed replica holds work; default 30 s.
	Lease time.Duration `yaml:"lease"`
}

// Listener is an address to serve on.
type Listener struct {
	// Listen is host:port; port 0 picks a free one; "-" serves nothing, for
	// embedders who mount the handler themselves.
	Listen string `yaml:"listen"`
	// PublicURL is how counterparties reach this listener; default: the
	// address that is listened on. A participant's own PublicURL comes first.
	PublicURL string `yaml:"publicUrl"`
	// TLS names the files of a certificate; they are read again when they change.
	TLS struct {
		CertFile string `yaml:"certFile"`
		KeyFile  string `yaml:"keyFile"`
	} `yaml:"tls"`
	// TrustedProxies are CIDRs whose X-Forwarded-For is believed.
	TrustedProxies []string `yaml:"trustedProxies"`
	// MaxBody is the largest request body, in bytes; default 1 MiB.
	MaxBody int64 `yaml:"maxBody"`
}

// Management is the listener of the management API. At least one key is
// needed to serve it.
type Management struct {
	Listener `yaml:",inline"`
	APIKeys  []Secret `yaml:"apiKeys"`
}

// Egress says how this connector calls others.
type Egress struct {
	// Allow lists CIDRs of private networks in which counterparties live.
	Allow []string `yaml:"allow"`
	// Proxy is the URL of an egress proxy, CAFile a PEM file of further
	// certificate authorities.
	Proxy  string `yaml:"proxy"`
	CAFile string `yaml:"caFile"`
	// Timeout bounds one attempt of a message; default 10 s.
	Timeout time.Duration `yaml:"timeout"`
	// DIDCache is how long a DID document is believed; default 5 min.
	DIDCache time.Duration `yaml:"didCache"`
}

// ParticipantConfig is a company that this connector speaks for.
type ParticipantConfig struct {
	// Context is its slug: the first segment of its routes, never changed.
	Context string `yaml:"context"`
	// ID is its participant id on the wire. Under the profile dcp it is a DID;
	// default: the did:web of its public URL.
	ID   string `yaml:"id"`
	Name string `yaml:"name"`
	// PublicURL is where counterparties reach it, context included; default:
	// the protocol listener's, followed by the context.
	PublicURL string `yaml:"publicUrl"`
	// Profile is its identity profile: dcp, the default, or preshared, for
	// loopback and tests.
	Profile string `yaml:"profile"`
	// Identity are the settings of the profile dcp.
	Identity dcp.Settings `yaml:"identity"`
	// STS opens its secure token service to one client.
	STS struct {
		ClientID     string `yaml:"clientId"`
		ClientSecret Secret `yaml:"clientSecret"`
	} `yaml:"sts"`
	// Keys are private keys from the environment or from files, by use
	// (identity, issuer): PKCS #8 in PEM. Without one, a key is made.
	Keys  map[string]KeyConfig `yaml:"keys"`
	Peers []PeerConfig         `yaml:"peers"`
	// Relations are our own records of counterparties, for policies.
	Relations []RelationConfig `yaml:"relations"`
}

// RelationConfig says how a counterparty stands to the participant, by the
// participant's own records.
type RelationConfig struct {
	// Party is a participant id or a corporate identifier, such as
	// iso6523:0188:7123456789012.
	Party string `yaml:"party"`
	Kind  string `yaml:"kind"` // such as direct
	Note  string `yaml:"note"` // for people
}

// KeyConfig is a private key that is imported at the start.
type KeyConfig = secret.Key

// PeerConfig is a counterparty known by configuration.
type PeerConfig struct {
	ID  string `yaml:"id"`
	URL string `yaml:"url"` // DSP base URL
	// Inbound is the exact Authorization value that the peer sends, Outbound
	// the one that we send: for the profile preshared.
	Inbound  Secret `yaml:"inbound"`
	Outbound Secret `yaml:"outbound"`
	// Conformance says how strictly its proofs are judged: strict, the
	// default, or lenient (docs/trust.md).
	Conformance trust.Conformance `yaml:"conformance"`
	// FormatNames is how credential formats are named to it: profile, the
	// default, or legacy.
	FormatNames string `yaml:"formatNames"`
	// WithoutRules is what an offer of it counts as that has no rule: refuse,
	// the default, or use, which permits that without conditions.
	WithoutRules string `yaml:"withoutRules"`
}

// Default returns the configuration that Load starts from.
func Default() Config {
	return Config{
		Store:      "sqlite:musubi.db",
		Protocol:   Listener{Listen: "127.0.0.1:8282"},
		Management: Management{Listener: Listener{Listen: "127.0.0.1:8283"}},
		LogLevel:   "info",
	}
}
