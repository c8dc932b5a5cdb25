// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"fmt"
	"os"

	"github.com/musubi-ods/musubi/connector/served"
	"github.com/musubi-ods/musubi/trust"
)

// contextOf finds the participant for which a control plane may ask.
func (p *DataPlane) contextOf(controlPlane, participant string) (string, bool) {
	for _, one := range p.cfg.Participants {
		if one.ID == participant && one.ControlPlane == controlPlane {
			return one.Context, true
		}
	}
	return "", false
}

// planeParticipants are those of the configuration.
type planeParticipants struct{ p *DataPlane }

// Participant implements web.Participants.
func (l planeParticipants) Participant(_ context.Context, contextID string) (trust.Participant, error) {
	for _, one := range l.p.cfg.Participants {
		if one.Context == contextID {
			return trust.Participant{Context: one.Context, ID: one.ID, PublicURL: l.p.urlOf(one), Profile: profileDCP}, nil
		}
	}
	return trust.Participant{}, trust.ErrUnknownParticipant
}

// publicURL is where a participant's data is reached.
func (p *DataPlane) publicURL(ctx context.Context, contextID string) (string, error) {
	one, err := planeParticipants{p}.Participant(ctx, contextID)
	return one.PublicURL, err
}

func (p *DataPlane) urlOf(one served.Participant) string {
	if one.PublicURL != "" {
		return trimBase(one.PublicURL)
	}
	base := trimBase(p.cfg.Data.PublicURL)
	if found := p.public.Load(); base == "" && found != nil {
		base = *found
	}
	return base + "/" + one.Context
}

// importKeys takes the operator's keys. One that is known is left.
func (p *DataPlane) importKeys(ctx context.Context) error {
	for _, one := range p.cfg.Participants {
		for use, key := range one.Keys {
			text := []byte(key.PEM)
			var err error
			if key.File != "" {
				text, err = os.ReadFile(key.File)
			}
			if err == nil {
				_, err = p.keys.Import(ctx, one.Context, use, text, p.now())
			}
			if err != nil {
				return fmt.Errorf("%w: participant %q: keys.%s: %w", ErrConfig, one.Context, use, err)
			}
		}
	}
	return nil
}
