// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package footprint

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/musubi-ods/musubi/examples/internal/strict"
)

// readChild reads a line of a bill of materials, which has one of two forms:
//
//	{"part": "cam", "supplier": "cathode", "amount": "0.55", "unit": "kg"}
//	{"name": "graphite", "amount": "0.30", "unit": "kg", "secondary": {...}}
func readChild(raw []byte, c *Child) error {
	keys := map[string]strict.Reader{
		"amount": strict.Parsed(&c.Amount, parsePositive),
		"unit":   strict.Parsed(&c.Unit, ParseUnit),
	}
	if hasKey(raw, "supplier") {
		keys["part"] = strict.Parsed(&c.Part, parseID)
		keys["supplier"] = strict.Parsed(&c.Supplier, parseID)
	} else {
		keys["name"] = strict.Parsed(&c.Part, parseName)
		keys["secondary"] = func(raw []byte) error { return readSecondary(raw, c) }
	}
	if err := strict.Object(raw, keys, nil); err != nil {
		return fmt.Errorf("%w (a line has part and supplier, or name and secondary)", err)
	}
	return nil
}

// readSecondary reads a value of the company's own database. A null in it says
// that nobody knows the number, which is not the same as zero.
func readSecondary(raw []byte, c *Child) error {
	return strict.Object(raw, map[string]strict.Reader{
		"pre":          value(&c.Secondary[Pre]),
		"main":         value(&c.Secondary[Main]),
		"declaredUnit": strict.Parsed(&c.SecondaryUnit, ParseDeclaredUnit),
	}, nil)
}

func readEnergy(raw []byte, into **Energy) error {
	var e Energy
	*into = &e
	return strict.Object(raw, map[string]strict.Reader{
		"capacityKWh":   strict.Parsed(&e.CapacityKWh, parsePositive),
		"cyclesPerYear": strict.Parsed(&e.CyclesPerYear, parsePositive),
		"years":         strict.Parsed(&e.Years, parsePositive),
	}, nil)
}

func parsePositive(text string) (Decimal, error) {
	d, err := ParseDecimal(text)
	if err == nil && d.IsZero() {
		err = errors.New("must be more than zero")
	}
	return d, err
}

func hasKey(raw []byte, key string) bool {
	var members map[string]json.RawMessage
	_ = json.NewDecoder(bytes.NewReader(raw)).Decode(&members) // object reports what is wrong
	_, ok := members[key]
	return ok
}
