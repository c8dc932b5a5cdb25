// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/trust"
)

// keys are the commands for private keys. They work on the store, not through
// the API: no private key ever crosses it. A SQLite store must not be served
// meanwhile.
func (p program) keys(ctx context.Context, args []string) error {
	return p.choose(ctx, "keys", args, map[string]command{
		"new":    p.newKey,
		"rotate": p.rotateKey,
		"list":   p.listKeys,
		"delete": p.deleteKey,
	})
}

// withKeys opens the store's keys for a command.
func (p program) withKeys(ctx context.Context, o options, do func(k *connector.Keys, participant string) error) (err error) {
	cfg, err := connector.Load(o.config, p.getenv)
	if err != nil {
		return err
	}
	participant := o.participant
	if participant == "" && len(cfg.Participants) == 1 {
		participant = cfg.Participants[0].Context
	}
	if participant == "" {
		return fmt.Errorf("say which participant is meant, with -participant")
	}
	k, err := connector.OpenKeys(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() {
		if closing := k.Close(); err == nil {
			err = closing
		}
	}()
	err = do(k, participant)
	if errors.Is(err, trust.ErrUnknownParticipant) {
		err = fmt.Errorf("%w %q: the configuration and its store have no such one", err, participant)
	}
	return err
}

var keyFlags = []string{"config", "participant", "use"}

func (p program) newKey(ctx context.Context, args []string) error {
	o, err := p.parse("keys new", args, append(keyFlags, "file")...)
	if err != nil {
		return err
	}
	if err := p.wants("keys new", o, 0, 0, "[-use identity|issuer] [-file PEM]"); err != nil {
		return err
	}
	return p.withKeys(ctx, o, func(k *connector.Keys, participant string) error {
		var made trust.PublicKey
		if o.file == "" {
			made, err = k.Rotate(ctx, participant, o.use, -1)
		} else {
			var text []byte
			if text, err = os.ReadFile(o.file); err == nil {
				made, err = k.Import(ctx, participant, o.use, text)
			}
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(p.stdout, "%s signs from now on, for %s\n", made.ID, made.Use)
		return nil
	})
}

func (p program) rotateKey(ctx context.Context, args []string) error {
	o, err := p.parse("keys rotate", args, append(keyFlags, "valid")...)
	if err != nil {
		return err
	}
	if err := p.wants("keys rotate", o, 0, 0, "[-use identity|issuer] [-valid 10m]"); err != nil {
		return err
	}
	overlap := connector.KeyOverlap
	if o.valid != "" {
		if overlap, err = time.ParseDuration(o.valid); err != nil || overlap <= 0 {
			return fmt.Errorf("-valid: write a time such as 10m, for how long the key is published before it signs")
		}
	}
	return p.withKeys(ctx, o, func(k *connector.Keys, participant string) error {
		made, err := k.Rotate(ctx, participant, o.use, overlap)
		if err != nil {
			return err
		}
		fmt.Fprintf(p.stdout, "%s is published now and signs from %s on; the key before it stays published\n", made.ID, day(made.Active))
		return nil
	})
}

func (p program) deleteKey(ctx context.Context, args []string) error {
	o, err := p.parse("keys delete", args, "config", "participant")
	if err != nil {
		return err
	}
	if err := p.wants("keys delete", o, 1, 1, "KEY"); err != nil {
		return err
	}
	return p.withKeys(ctx, o, func(k *connector.Keys, participant string) error {
		if err := k.Delete(ctx, participant, o.rest[0]); err != nil {
			return err
		}
		fmt.Fprintf(p.stdout, "%s is deleted: what it signed is believed no more\n", o.rest[0])
		return nil
	})
}

func (p program) listKeys(ctx context.Context, args []string) error {
	o, err := p.parse("keys list", args, "config", "participant", "use")
	if err != nil {
		return err
	}
	if err := p.wants("keys list", o, 0, 0, ""); err != nil {
		return err
	}
	return p.withKeys(ctx, o, func(k *connector.Keys, participant string) error {
		all, err := k.List(ctx, participant)
		if err != nil {
			return err
		}
		t := p.table()
		fmt.Fprintln(t, "KEY\tUSE\tSIGNS FROM\tRETIRED")
		for _, key := range all {
			from, retired := "the beginning", "-"
			if !key.Active.IsZero() {
				from = day(key.Active)
			}
			if !key.Retired.IsZero() {
				retired = day(key.Retired)
			}
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", key.ID, key.Use, from, retired)
		}
		return t.Flush()
	})
}
