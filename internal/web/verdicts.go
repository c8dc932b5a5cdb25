// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/sink"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp/holder"
	"github.com/musubi-ods/musubi/trust/dcp/issuer"
	"github.com/musubi-ods/musubi/trust/dcp/trustlist"
	"github.com/musubi-ods/musubi/trust/policy"
)

// verdict is what a refusal's code means over HTTP, and what to do about it.
type verdict struct {
	status int
	hint   string
}

const (
	hintState = "look at the process: its state, waitingFor and possible say what can be done"
	hintTwice = "choose another id"
)

// verdicts are the codes of refusals. A test finds every code that the
// services use and fails where one is not here.
var verdicts = map[string]verdict{
	// It is not possible now.
	"process-ended":      {http.StatusConflict, "it has come to its end; open a new one"},
	"illegal-transition": {http.StatusConflict, hintState},
	"unknown-act":        {http.StatusConflict, hintState},
	"nothing-to-approve": {http.StatusConflict, hintState},
	"busy":               {http.StatusConflict, "an earlier act is not finished; ask with ?wait=30s and try again"},
	"awaits-start":       {http.StatusConflict, "ask with ?wait=30s and try again"},
	"agreement-mismatch": {http.StatusConflict, "terminate the negotiation, or ask the peer for what was offered"},
	// It is not possible under this agreement, or with these terms.
	"reason-too-long":      {http.StatusBadRequest, "say it in fewer words"},
	"agreement-ended":      {http.StatusConflict, "negotiate another one"},
	"policy-denied":        {http.StatusConflict, "the reason names the term; what it asks for has to change, or the policy of a new offer"},
	"declaration-invalid":  {http.StatusBadRequest, "declare by absolute IRI, as GET policies/terms lists them, or by a term of ODRL such as purpose"},
	"agreement-not-final":  {http.StatusConflict, "wait until its negotiation is FINALIZED"},
	"not-consumer":         {http.StatusConflict, "the consumer of an agreement asks for its transfers"},
	"not-provider":         {http.StatusConflict, "the provider of an agreement serves its transfers"},
	"policy-without-rules": {http.StatusUnprocessableEntity, "ask the peer for an offer that permits what you need; where it means that everything is permitted, set withoutRules of the peer to use"},
	"policy-unenforced":    {http.StatusUnprocessableEntity, "set acceptUnenforced to true if you will keep to these terms yourself"},
	"format-unsupported":   {http.StatusUnprocessableEntity, "choose a format of one of the dataset's distributions"},
	"data-plane-unknown":   {http.StatusUnprocessableEntity, "GET dataplanes lists those that there are, with their formats and labels"},
	"format-not-offered":   {http.StatusUnprocessableEntity, "choose a format of one of the dataset's distributions"},
	// Something is missing or cannot be read.
	"offer-missing":        {http.StatusBadRequest, "name dataset and offerId; POST peers/{id}/catalog shows them"},
	"format-missing":       {http.StatusBadRequest, "GET peers/{id}/datasets/{id} shows the dataset's distributions"},
	"data-address-missing": {http.StatusBadRequest, "give dataAddress: endpointType, endpoint, properties"},
	"agreement-incomplete": {http.StatusBadRequest, "give id, role, peer, target and policy"},
	"policy-invalid":       {http.StatusBadRequest, `a policy looks like {"permission":[{"action":"use"}]}`},
	"peer-unknown":         {http.StatusNotFound, "add the peer: PUT peers/{id}"},
	// These are said to peers; a user meets them by an import or a slip.
	"target-missing":     {http.StatusBadRequest, "name the dataset"},
	"wrong-target":       {http.StatusBadRequest, "keep to the dataset of the negotiation"},
	"callback-missing":   {http.StatusBadRequest, ""},
	"callback-refused":   {http.StatusBadRequest, ""},
	"pid-mismatch":       {http.StatusBadRequest, ""},
	"pid-in-use":         {http.StatusConflict, hintTwice},
	"message-unexpected": {http.StatusBadRequest, ""},
	// A provider's data address that is not what its profile says.
	"address-without-token": {http.StatusBadRequest, ""},
	"address-not-renewable": {http.StatusBadRequest, ""},
	"address-insecure":      {http.StatusBadRequest, ""},
	"address-unusable":      {http.StatusBadRequest, ""},

	// The catalogue's.
	catalog.CodeID:        {http.StatusBadRequest, "choose an id that is short and without control characters, such as a UUID or an IRI"},
	catalog.CodeDuplicate: {http.StatusBadRequest, hintTwice},
	catalog.CodeProperty:  {http.StatusBadRequest, "name properties by an absolute IRI or a term such as dct:title"},
	catalog.CodeLabel:     {http.StatusBadRequest, ""},
	catalog.CodeFormat:    {http.StatusBadRequest, "the built-in data plane serves " + catalog.DefaultFormat},
	catalog.CodeSource:    {http.StatusBadRequest, ""},
	catalog.CodeSelector:  {http.StatusBadRequest, `select by {"all":true}, {"ids":[...]} or {"labels":{...}}`},
	catalog.CodePolicy:    {http.StatusBadRequest, `a policy looks like {"permission":[{"action":"use"}]}`},
	catalog.CodeRule:      {http.StatusBadRequest, ""},
	catalog.CodeAsset:     {http.StatusNotFound, "GET assets lists those that exist"},
	catalog.CodeTooMany:   {http.StatusBadRequest, ""},
	catalog.CodeFilter:    {http.StatusBadRequest, ""},
	catalog.CodeToken:     {http.StatusBadRequest, ""},
}

// sentinel is an error that carries no code of its own.
type sentinel struct {
	err     error
	status  int
	code    string
	message string // empty: the error's own text is written for users
	hint    string
}

// sentinels are looked through in this order.
var sentinels = []sentinel{
	{engine.ErrNotFound, http.StatusNotFound, "process-unknown", "this participant has no such process", "GET negotiations and GET transfers list them"},
	{negotiation.ErrNoAgreement, http.StatusNotFound, "agreement-unknown", "this participant has no such agreement", "GET agreements lists them"},
	{negotiation.ErrAgreementExists, http.StatusConflict, "agreement-exists", "an agreement with this id is kept already", "GET agreements/{id} shows it"},
	{catalog.ErrNotFound, http.StatusNotFound, "not-in-catalog", "this participant's catalogue has no such asset or offer", "GET assets and GET offers list them"},
	{trust.ErrUnknownPeer, http.StatusNotFound, "peer-unknown", "this participant knows no such peer", "GET peers lists them; PUT peers/{id} adds one"},
	{trust.ErrRelation, http.StatusBadRequest, "relation-invalid", "", ""},
	{trust.ErrNoSecret, http.StatusNotFound, "secret-unknown", "this participant has no such secret", "GET secrets lists the names"},
	{trust.ErrNoRelation, http.StatusNotFound, "relation-unknown", "this participant has no such relation on record", "GET relations lists them"},
	{negotiation.ErrAgreementEnded, http.StatusConflict, "agreement-ended", "the agreement was ended already", "GET agreements/{id} says when, by whom and why"},
	{trust.ErrUnknownParticipant, http.StatusNotFound, "participant-unknown", "there is no such participant here", "GET /api/v1/participants lists them"},
	{holder.ErrNotFound, http.StatusNotFound, "credential-unknown", "this participant has no such credential or request", "GET credentials and GET credentials/requests list them"},
	{holder.ErrClosed, http.StatusConflict, "busy", "the request was changed meanwhile", "try again"},
	{issuer.ErrNotFound, http.StatusNotFound, "issued-unknown", "this issuer has no such request or credential", "GET issuer/requests and GET issuer/credentials list them"},
	{issuer.ErrDecided, http.StatusConflict, "decided", "the request is decided already", "look at it: decidedBy and state say how"},
	{issuer.ErrRevoked, http.StatusConflict, "status-final", "the credential is revoked, for good", "issue another one"},
	{issuer.ErrChanged, http.StatusConflict, "busy", "it was changed meanwhile", "look at it and try again"},
	{trustlist.ErrNone, http.StatusNotFound, "trust-list-unknown", "no trust list is known", "identity.trustList says where it is; an authority signs one by POST trust-list/sign"},
	{trustlist.ErrList, http.StatusUnprocessableEntity, "trust-list-invalid", "the trust list cannot be used", ""},
	{trust.ErrNoKey, http.StatusNotFound, "key-unknown", "the participant has no such key", ""},
	{holder.ErrInput, http.StatusBadRequest, "input-invalid", "", ""},
	{holder.ErrOff, http.StatusConflict, "role-off", "the participant's wallet is switched off", "take holder out of identity.off"},
	{issuer.ErrNoIssuer, http.StatusConflict, "role-off", "the participant is no issuer", "give it identity.issues.types"},
	{issuer.ErrUnknownObject, http.StatusBadRequest, "object-unknown", "", "GET .../issuer/metadata of the issuer lists what it issues"},
	{issuer.ErrClaims, http.StatusUnprocessableEntity, "claims-invalid", "", "docs/credentials says what each type needs"},
	{issuer.ErrNoSuspension, http.StatusConflict, "not-suspendable", "", "revoke it, or leave it"},
	{issuer.ErrHolder, http.StatusBadGateway, "holder-refused", "", ""},
	{policy.ErrTooLarge, http.StatusBadRequest, "policy-invalid", "the policy is too large", ""},
	{policy.ErrMalformed, http.StatusBadRequest, "policy-invalid", "the policy cannot be read", `it looks like {"permission":[{"action":"use"}]}`},
	{policy.ErrUnsupported, http.StatusBadRequest, "policy-invalid", "the policy says something that is not supported", ""},
	{policy.ErrUnenforceable, http.StatusUnprocessableEntity, "policy-unenforced", "the policy holds terms that nobody here enforces", "leave them out"},
	{engine.ErrExists, http.StatusConflict, "process-exists", "a process with this id exists", hintTwice},
	{engine.ErrConflict, http.StatusConflict, "busy", "the process changes too fast to act on", "try again"},
	{transfer.ErrBusy, http.StatusConflict, "busy", "a message of ours is on its way", "try again"},
	{sink.ErrRetentionOver, http.StatusGone, "retention-over", "", "the agreement lent the data for a time; negotiate another one"},
	{sink.ErrNotFound, http.StatusNotFound, "holding-unknown", "this participant has no such holding", "GET holdings lists them"},
	{sink.ErrMissing, http.StatusConflict, "file-missing", "the file of the data is not in this connector's folder", "another replica may have it, or somebody removed it; download the data again"},
	{sink.ErrTooLarge, http.StatusUnprocessableEntity, "data-too-large", "there is more data than is stored", "raise sink.maxBytes"},
	{sink.ErrNotConsumer, http.StatusConflict, "not-consumer", "the data of a transfer is for its consumer", "in this transfer we are the provider"},
	{trust.ErrUnavailable, http.StatusServiceUnavailable, "unavailable", "what proves who we are is out of reach", "try again"},
}
