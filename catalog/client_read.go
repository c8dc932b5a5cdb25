// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"encoding/json"

	"github.com/musubi-ods/musubi/internal/wire"
)

// readPage reads a catalogue as a whole, or else all of its datasets that can
// be read alone.
func (c *PeerCatalog) readPage(body []byte, to *crawl) error {
	whole, err := wire.DecodeAs[*wire.Catalog](body)
	if err != nil {
		if whole = c.salvage(body); whole == nil {
			return err
		}
	}
	if c.Participant == "" {
		c.Participant = whole.ParticipantID
		if c.Participant != to.peer.ID {
			c.problemf("", "the peer calls itself %.200q but is configured as %.200q: agreements with it will be refused until its id is corrected", c.Participant, to.peer.ID)
		}
	}
	services := make(map[string]string)
	for _, s := range whole.Service {
		services[s.ID] = s.EndpointURL
	}
	for i := range whole.Dataset {
		if d, ok := c.readDataset(&whole.Dataset[i], services); ok {
			to.add(d)
		}
	}
	for _, inner := range whole.Catalog {
		c.problemf("", "the catalogue %.200q within it is not read; add its provider as a peer", inner.ID)
	}
	return nil
}

// salvage reads a page of which some part cannot be read: nil where it is no
// catalogue even without its datasets.
func (c *PeerCatalog) salvage(body []byte) *wire.Catalog {
	var members map[string]json.RawMessage
	var items []json.RawMessage
	if json.Unmarshal(body, &members) != nil || json.Unmarshal(members["dataset"], &items) != nil {
		return nil
	}
	delete(members, "dataset")
	rest, err := json.Marshal(members)
	if err != nil {
		return nil
	}
	whole, err := wire.DecodeAs[*wire.Catalog](rest)
	if err != nil {
		return nil
	}
	for _, item := range items {
		if d := c.salvageDataset(item, members["@context"]); d != nil {
			whole.Dataset = append(whole.Dataset, *d)
		}
	}
	return whole
}

func (c *PeerCatalog) salvageDataset(item, context json.RawMessage) *wire.Dataset {
	var members map[string]json.RawMessage
	if json.Unmarshal(item, &members) != nil || members == nil {
		c.problemf("", "an entry that is no dataset was left out")
		return nil
	}
	var id string
	if json.Unmarshal(members["@id"], &id) != nil {
		id = ""
	}
	members["@context"] = context
	alone, err := json.Marshal(members)
	if err != nil {
		return nil
	}
	d, err := wire.DecodeAs[*wire.Dataset](alone)
	if err != nil {
		c.problemf(id, "left out, since it cannot be read: %.300s", wire.AsError(err).Reason)
		return nil
	}
	return d
}

// readDataset brings a dataset to its public form; false where nothing of it
// can be negotiated. services are endpoints by id.
func (c *PeerCatalog) readDataset(w *wire.Dataset, services map[string]string) (Dataset, bool) {
	d := Dataset{ID: w.ID, Properties: make(map[string]any, len(w.Extra))}
	for name, raw := range w.Extra {
		var value any
		if json.Unmarshal(raw, &value) == nil {
			d.Properties[name] = value
		}
	}
	for _, p := range w.HasPolicy {
		terms, err := fromWire(p)
		if err != nil {
			c.problemf(w.ID, "the offer %.100q was left out, since its policy cannot be read: %.300s", p.ID, err.Error())
			continue
		}
		d.Offers = append(d.Offers, DatasetOffer{ID: p.ID, Policy: terms})
	}
	for _, x := range w.Distribution {
		endpoint := x.AccessService.EndpointURL
		if endpoint == "" {
			endpoint = services[x.AccessService.ID]
		}
		d.Distributions = append(d.Distributions, Distribution{Format: x.Format, Endpoint: endpoint})
	}
	if len(d.Offers) == 0 {
		c.problemf(w.ID, "left out, since it has no offer that can be read")
		return Dataset{}, false
	}
	text, err := document(*w)
	if err != nil {
		c.problemf(w.ID, "left out, since it cannot be kept: %.300s", wire.AsError(err).Reason)
		return Dataset{}, false
	}
	d.Document = text
	return d, true
}
