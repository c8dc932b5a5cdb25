// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"
	"strings"
)

// route is one row of the management API. docs/management-api.md is written
// from the table.
type route struct {
	method string
	path   string // below /api/v1
	does   string // for the documentation
	query  []string
	do     action
}

// ofParticipant reports whether the route is one participant's.
func (r route) ofParticipant() bool { return strings.HasPrefix(r.path, ours) }

// action is what a row does.
type action struct {
	run     func(c *call) (answer, error)
	example string             // of a body; "" where none is read
	try     func([]byte) error // reads a body without doing anything
	lines   bool               // the body is lines of JSON, and as long as it likes
	passes  bool               // query and body are not ours to read
}

// plain is an action without a body.
func plain(f func(*call) (answer, error)) action { return action{run: f} }

// reads is an action with a body of the type T.
func reads[T any](f func(*call, T) (answer, error), example string) action {
	return action{
		example: example,
		try:     func(body []byte) error { return decode(body, new(T)) },
		run: func(c *call) (answer, error) {
			body, err := c.m.readBody(c.Context)
			if err != nil {
				return answer{}, err
			}
			var in T
			if err := decode(body, &in); err != nil {
				return answer{}, err
			}
			return f(c, in)
		},
	}
}

const (
	get  = http.MethodGet
	post = http.MethodPost
	put  = http.MethodPut
	del  = http.MethodDelete

	ours = "/participants/:ctx"
)

var (
	waits = []string{"wait"}
	pages = []string{"after", "limit"}
)

// routes is the whole management API.
var routes = []route{
	{get, "/participants", "lists the participants that this connector speaks for", nil, plain(listParticipants)},
	{post, "/participants", "adds a participant; all but context has defaults; identity may hold its settings of the profile dcp", nil, reads(addParticipant, exampleParticipant)},
	{get, ours, "shows a participant", nil, plain(getParticipant)},
	{put, ours + "/identity", "replaces the participant's settings of the profile dcp; docs/configuration.md says what each means", nil, reads(setIdentity, exampleIdentity)},

	{get, ours + "/peers", "lists the counterparties that are known, without their secrets", nil, plain(listPeers)},
	{put, ours + "/peers/:id", "adds a counterparty or changes one; a secret that is left out stays as it is", nil, reads(putPeer, examplePeer)},
	{get, ours + "/peers/:id", "shows a counterparty, without its secrets", nil, plain(getPeer)},
	{del, ours + "/peers/:id", "removes a counterparty; agreements stay", nil, plain(deletePeer)},
	{post, ours + "/peers/:id/catalog", "asks a peer for its catalogue, with a QuerySpec as filter if one is given", nil, reads(peerCatalog, exampleFilter)},
	{get, ours + "/peers/:id/datasets/:dataset", "asks a peer for one dataset", nil, plain(peerDataset)},

	{get, ours + "/relations", "lists our own records of counterparties, which policies ask for by supplyRelation, in order of party and kind", pages, plain(listRelations)},
	{put, ours + "/relations", "records how a counterparty, named by its participant id or by a corporate identifier, stands to us; the note of one that is there is replaced", nil, reads(putRelation, exampleRelation)},
	{del, ours + "/relations", "takes one off the record; what runs because of it is stopped within seconds", []string{"party", "kind"}, plain(deleteRelation)},

	{get, ours + "/secrets", "lists the names of the secrets that headers of sources may name, as in {secret:erp}, without their values", nil, plain(listSecrets)},
	{put, ours + "/secrets/:id", "keeps a secret under a name, or replaces it; it is encrypted at rest and never shown", nil, reads(putSecret, exampleSecret)},
	{del, ours + "/secrets/:id", "forgets a secret; sources that name it answer no more", nil, plain(deleteSecret)},

	{post, ours + "/catalog", "publishes assets and offers, all or none; those with a known id are replaced", nil, reads(publish, examplePublish)},
	{post, ours + "/catalog/lines", "publishes any number of assets and offers, all or none, in one transaction: each line of the body (application/jsonl) is a body of the route before; answers with how many", nil, eachLine(publishLines, exampleLines)},
	{post, ours + "/catalog/withdraw", "removes assets and offers, all or none; agreements stay", nil, reads(withdraw, exampleWithdraw)},
	{get, ours + "/assets", "lists assets, in order of id", pages, plain(listAssets)},
	{get, ours + "/assets/:id", "shows an asset", nil, plain(getAsset)},
	{del, ours + "/assets/:id", "withdraws an asset", nil, plain(deleteAsset)},
	{get, ours + "/offers", "lists offers, in order of id", pages, plain(listOffers)},
	{get, ours + "/offers/:id", "shows an offer", nil, plain(getOffer)},
	{del, ours + "/offers/:id", "withdraws an offer", nil, plain(deleteOffer)},

	{get, ours + "/policies/terms", "lists the operands and actions that can stand in a policy, and whether the connector enforces them", nil, plain(listTerms)},
	{post, ours + "/policies/check", "judges a policy that is not published: can it be, who keeps which term, and the verdict on facts that are made up; docs/explain.md says what each of them is", nil, reads(checkPolicy, exampleCheck)},

	{post, ours + "/negotiations", "opens a negotiation as consumer, about an offer of the peer's catalogue (the first of the dataset unless offerId says which) or about own terms (policy)", waits, reads(openNegotiation, exampleOpen)},
	{post, ours + "/negotiations/offers", "opens a negotiation as provider, with one of our own offers", waits, reads(proposeNegotiation, examplePropose)},
	{get, ours + "/negotiations", "lists negotiations, newest first", []string{"role", "state", "peer", "dataset", "open", "before", "limit"}, plain(listNegotiations)},
	{get, ours + "/negotiations/:id", "shows a negotiation with its messages", waits, plain(negotiations.get)},
	{post, ours + "/negotiations/:id/counter", "makes a counter-offer", waits, reads(counter, exampleCounter)},
	{post, ours + "/negotiations/:id/accept", "accepts the provider's offer, as consumer", waits, reads(negotiationAct("accept"), exampleReason)},
	{post, ours + "/negotiations/:id/approve", "goes along with what was said: accepts, agrees, verifies or finalizes, whichever is next", waits, reads(approveNegotiation, "{}")},
	{post, ours + "/negotiations/:id/agree", "concludes the agreement, as provider", waits, reads(negotiationAct("agree"), exampleReason)},
	{post, ours + "/negotiations/:id/verify", "verifies the agreement, as consumer", waits, reads(negotiationAct("verify"), exampleReason)},
	{post, ours + "/negotiations/:id/finalize", "finalizes the agreement, as provider", waits, reads(negotiationAct("finalize"), exampleReason)},
	{post, ours + "/negotiations/:id/reject", "ends the negotiation, with a reason that is needed", waits, reads(rejectNegotiation, exampleReason)},
	{post, ours + "/negotiations/:id/terminate", "ends the negotiation", waits, reads(negotiationAct("terminate"), exampleReason)},

	{get, ours + "/agreements", "lists agreements, newest first; state is IN_FORCE, ENDED, OVER by the clock of its policy, or NOT_FINAL yet; terms say what constrains it, and whether the connector enforces it or it is agreed only", []string{"peer", "role", "target", "inForce", "before", "limit"}, plain(listAgreements)},
	{get, ours + "/agreements/:id", "shows an agreement as it was concluded, and what was used of it: transfers and bytes, each counted where its policy limits it", nil, plain(getAgreement)},
	{post, ours + "/agreements/:id/end", "ends an agreement on our side, for good; what runs under it is terminated, by which the peer learns the reason", nil, reads(endAgreement, exampleReason)},
	{post, ours + "/agreements", "keeps an agreement that was concluded elsewhere, under its id there", nil, reads(importAgreement, exampleImport)},

	{get, ours + "/dataplanes", "lists the data planes beside the built-in ones: what they serve, and how they answer; all also shows those that unregistered by themselves", []string{"all"}, plain(listDataplanes)},
	{del, ours + "/dataplanes/:id", "forgets a data plane that is given no new flow any more, once it has no transfer that is not at its end", nil, plain(removeDataplane)},
	{post, ours + "/transfers", "asks for a transfer under an agreement, as consumer", waits, reads(requestTransfer, exampleTransfer)},
	{get, ours + "/transfers", "lists transfers, newest first", []string{"role", "state", "peer", "agreement", "open", "before", "limit"}, plain(listTransfers)},
	{get, ours + "/transfers/:id", "shows a transfer with its messages, without secrets", waits, plain(transfers.get)},
	{get, ours + "/transfers/:id/address", "shows the consumer where to pull the data from, with the token: a secret", waits, plain(getAddress)},
	{post, ours + "/transfers/:id/approve", "starts what waits for a person", waits, reads(approveTransfer, "{}")},
	{post, ours + "/transfers/:id/start", "starts a transfer as provider, or resumes one", waits, reads(transferAct("start"), exampleReason)},
	{post, ours + "/transfers/:id/suspend", "stops the data until it is resumed", waits, reads(transferAct("suspend"), exampleReason)},
	{post, ours + "/transfers/:id/resume", "lets the data flow again", waits, reads(transferAct("start"), exampleReason)},
	{post, ours + "/transfers/:id/complete", "ends a transfer that did what it was for", waits, reads(transferAct("complete"), exampleReason)},
	{post, ours + "/transfers/:id/terminate", "ends a transfer early", waits, reads(transferAct("terminate"), exampleReason)},

	{get, ours + "/transfers/:id/evidence", "shows what we say was moved in a transfer: the totals of each direction, with a digest to which the peer comes as well, and large bodies by themselves; docs/evidence.md says how the two are compared", pages, plain(getEvidence)},
	{post, ours + "/transfers/:id/download", "pulls the data, as consumer, and keeps it for as long as the agreement lends it; goes on by itself, over restarts of either side, until it is whole; answers with the holding when it is kept, or after a minute, or at once with detach, with how far it is (202); rate bounds the bytes a second, complete ends the transfer then", waits, reads(downloadTransfer, exampleDownload)},
	{anyMethod, ours + "/pull/:id/*", "answers an application with the data of a started pull of ours, as consumer, by GET and any other method that the provider allows: path, query and body go to the provider's data plane and its answer comes back, both piece by piece; the token is added here, and renewed; X-TrackingID is taken or made; what is not of the provider is a problem of this API", nil, action{run: pullData, passes: true}},
	{get, ours + "/evidence", "lists the same of all transfers in which something was moved, newest first, without single bodies", []string{"agreement", "before", "limit"}, plain(listEvidence)},
	{get, ours + "/holdings", "lists what was downloaded, newest first, also what was deleted since; status is open, due (its time has come), done (deleted) or overdue (it could not be deleted in time)", []string{"status", "transfer", "agreement", "before", "limit"}, plain(listHoldings)},
	{get, ours + "/holdings/:id", "shows what was downloaded, and until when it may stay", nil, plain(getHolding)},
	{get, ours + "/holdings/:id/data", "answers with the data itself (application/octet-stream); 410 once its time is over", nil, plain(getHoldingData)},

	{get, ours + "/credentials", "lists the credentials that the participant holds", nil, plain(listHeld)},
	{post, ours + "/credentials", "stores a credential that was obtained by other means", nil, reads(importHeld, exampleForeign)},
	{post, ours + "/credentials/requests", "asks an issuer for credentials, by type or by the issuer's own ids", nil, reads(askCredentials, exampleAsk)},
	{get, ours + "/credentials/requests", "lists what was asked of issuers, newest first", []string{"before", "limit"}, plain(listAsked)},
	{get, ours + "/credentials/requests/:id", "shows what was asked of an issuer", nil, plain(getAsked)},
	{get, ours + "/credentials/offers", "lists what issuers have offered, newest first", nil, plain(listCredentialOffers)},
	{get, ours + "/credentials/:id", "shows a credential, with its token", nil, plain(getHeld)},
	{del, ours + "/credentials/:id", "removes a credential from the wallet; it stays valid", nil, plain(deleteHeld)},

	{get, ours + "/issuer/requests", "lists who asked for credentials, newest first", []string{"state", "before", "limit"}, plain(listRequested)},
	{get, ours + "/issuer/requests/:id", "shows a request", nil, plain(getRequested)},
	{post, ours + "/issuer/requests/:id/approve", "issues what was asked for, with these claims by credential type, and keeps the evidence", nil, reads(approveRequested, exampleApprove)},
	{post, ours + "/issuer/requests/:id/reject", "refuses a request, with a reason that its holder is told", nil, reads(rejectRequested, exampleReject)},
	{get, ours + "/issuer/forms/:id", "shows what has to be filled in to certify a type of credential", nil, plain(getForm)},
	{post, ours + "/issuer/offers", "tells a holder that it may ask for credentials", nil, reads(offerCredentials, exampleInvitation)},
	{get, ours + "/issuer/credentials", "lists what was issued, newest first", []string{"holder", "before", "limit"}, plain(listIssued)},
	{get, ours + "/issuer/credentials/:id", "shows a credential that was issued", nil, plain(getIssued)},
	{post, ours + "/issuer/credentials/:id/revoke", "revokes a credential, for good", nil, reads(markIssued(func(i Issuer) mark { return i.Revoke }), exampleReason)},
	{post, ours + "/issuer/credentials/:id/suspend", "suspends a credential", nil, reads(markIssued(func(i Issuer) mark { return i.Suspend }), exampleReason)},
	{post, ours + "/issuer/credentials/:id/restore", "lets a suspended credential be good again", nil, reads(markIssued(func(i Issuer) mark { return i.Restore }), exampleReason)},

	{get, ours + "/trust-list", "shows the trust list in use, or the newest of our own", nil, plain(getTrustList)},
	{get, ours + "/trust-list/draft", "lists the issuers that our next trust list is to have", nil, plain(getTrustDraft)},
	{put, ours + "/trust-list/draft/:id", "adds an issuer to the draft, or changes it", nil, reads(putTrustDraft, exampleIssuer)},
	{del, ours + "/trust-list/draft/:id", "removes an issuer from the draft", nil, plain(deleteTrustDraft)},
	{post, ours + "/trust-list/sign", "signs the draft as the next trust list and publishes it", nil, reads(signTrustList, exampleSign)},
	{get, ours + "/identifiers", "lists under which corporate identifier each counterparty is known", nil, plain(listBindings)},
	{del, ours + "/identifiers/:id", "forgets it, after a person has looked: the counterparty may come under another one", nil, plain(deleteBinding)},

	{get, ours + "/explain", "explains how a counterparty stands to an asset: is it visible, negotiable and transferable for it, by which rule and which credential, and what would help; docs/explain.md shows an answer", []string{"asset", "counterparty", "agreement"}, plain(explainQuery)},
	{post, ours + "/explain", "the same for what the counterparty would declare (declared) or prove (claims, or credentials as in a dry run)", nil, reads(explainBody, exampleExplain)},

	{get, ours + "/processes/:id/explain", "explains where a negotiation or a transfer stands, also one at its end: the verdict of our policy, the last refusals of the peer, what would help", nil, plain(explainProcess)},
	{get, ours + "/processes/stuck", "lists and explains every process that is not at its end: who has to move, what last went wrong, when it is tried again, when it is given up", []string{"kind", "waitingFor", "failing", "before", "limit"}, plain(listStuck)},
	{get, ours + "/refusals", "lists the latest callers that were turned away for their proof, with the check that failed, newest first; of this process, as far back as it remembers", []string{"peer", "limit"}, plain(listRefusals)},
	{get, ours + "/journal", "lists what happened, in order, as a chain of hashes", pages, plain(listJournal)},
}
