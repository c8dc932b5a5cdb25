// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/trust"
)

// Participant reports why p cannot be kept.
func Participant(p trust.Participant) error {
	var settings error
	if len(Settings(p)) > 0 {
		settings = object("settings", p.Settings)
	}
	return invalid("participant", key("context", p.Context, "id", p.ID), plain("name", p.Name, "URL", p.PublicURL, "profile", p.Profile), settings)
}

// Peer reports why p cannot be kept.
func Peer(context string, p trust.Peer) error {
	var names, rules error
	if p.FormatNames != "" && p.FormatNames != trust.ProfileNames && p.FormatNames != trust.LegacyNames {
		names = fmt.Errorf("format names %q", p.FormatNames)
	}
	if p.WithoutRules != "" && p.WithoutRules != trust.PermitsUse {
		rules = fmt.Errorf("without rules %q", p.WithoutRules)
	}
	return invalid("peer", key("context", context, "id", p.ID), plain("URL", p.URL, "profile", p.Profile), conformance(p.Conformance), names, rules)
}

// Key reports why k cannot be kept.
func Key(context string, k trust.SealedKey) error {
	var empty error
	if len(k.PEM) == 0 {
		empty = errors.New("it is empty")
	}
	return invalid("key", key("context", context, "id", k.ID, "use", k.Use), empty)
}

// Agreement reports why a cannot be kept as one of the participant's.
func Agreement(context string, a negotiation.Agreement) error {
	var wrong error
	switch {
	case a.Context != context:
		wrong = fmt.Errorf("it is of participant %q, not of %q", a.Context, context)
	case a.Role != string(engine.Consumer) && a.Role != string(engine.Provider):
		wrong = fmt.Errorf("role %q", a.Role)
	case len(a.DocumentHash) != 64 || len(a.PolicyHash) != 64:
		wrong = errors.New("a hash is missing")
	case a.Imported && a.Negotiation != "":
		wrong = errors.New("it was both imported and negotiated")
	case !a.Ended.IsZero() || a.EndedBy != "" || a.EndReason != "":
		wrong = errors.New("it was ended before it was kept")
	}
	for _, c := range a.Claims.Credentials {
		if !utf8.Valid(c.Subject) {
			wrong = errors.New("the subject of a credential is not text")
		}
	}
	return invalid("agreement", key("context", a.Context, "id", a.ID), wrong, declared(a.Declared), plain("offer", a.Offer),
		texts("peer", a.Peer, "negotiation", a.Negotiation, "target", a.Target, "assigner", a.Assigner, "assignee", a.Assignee),
		plain("address", a.Address, "document hash", a.DocumentHash, "policy hash", a.PolicyHash))
}

func declared(values map[string]json.RawMessage) error {
	for name, value := range values {
		if err := filled("name of a declared value", name); err != nil {
			return err
		}
		if len(value) == 0 {
			return fmt.Errorf("nothing is declared as %q", name)
		}
		if err := documents("a declared value", value); err != nil {
			return err
		}
	}
	return nil
}

// EndAgreement reports why an agreement of the participant cannot be ended by e.
func EndAgreement(context, id string, e negotiation.End) error {
	var wrong error
	switch {
	case Micro(e.At) <= 0:
		wrong = errors.New("an end without its time")
	case e.By != negotiation.EndedByUs && e.By != negotiation.EndedByPeer:
		wrong = fmt.Errorf("ended by %q", e.By)
	}
	return invalid("end of an agreement", key("context", context, "id", id), wrong, plain("reason", e.Reason), Journal(context, e.Journal))
}

// Finalize reports why f cannot be done in a step of the participant.
func Finalize(context string, f negotiation.FinalizeAgreement) error {
	if f.Context != context {
		return invalid("agreement", fmt.Errorf("it is of participant %q, not of %q", f.Context, context))
	}
	return nil
}

func invalid(what string, reasons ...error) error {
	for _, err := range reasons {
		if err != nil {
			return fmt.Errorf("%w: %s: %w", ErrInvalid, what, err)
		}
	}
	return nil
}

// key checks name, value pairs of a key.
func key(pairs ...string) error {
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			return fmt.Errorf("no %s", pairs[i])
		}
	}
	return texts(pairs...)
}

// plain checks name, value pairs of texts that no index holds.
func plain(pairs ...string) error {
	for i := 0; i < len(pairs); i += 2 {
		if strings.ContainsRune(pairs[i+1], 0) || !utf8.ValidString(pairs[i+1]) {
			return fmt.Errorf("%s holds bytes that are not text", pairs[i])
		}
	}
	return nil
}
