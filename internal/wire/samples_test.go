// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import "fmt"

const dspOnly = `"@context":["` + ContextURL + `"]`

const (
	sampleOffer     = `{"@id":"urn:o","@type":"Offer","target":"urn:d","permission":[{"action":"use","constraint":[{"or":[{"leftOperand":"odrl:spatial","operator":"isAnyOf","rightOperand":["JP","FR"]},{"leftOperand":"x","operator":"eq","rightOperand":5}]}]}]}`
	sampleAgreement = `{"@id":"urn:a","@type":"Agreement","target":"urn:d","assigner":"did:web:p.example","assignee":"did:web:c.example","timestamp":"2026-11-23T10:00:00Z","prohibition":[{"action":"use"}]}`
	sampleAddress   = `{"@type":"DataAddress","endpointType":"https://w3id.org/idsa/v4.1/HTTP","endpoint":"https://p.example/data","endpointProperties":[{"@type":"EndpointProperty","name":"authorization","value":"t"}]}`
	sampleDataset   = `{"@id":"urn:d","@type":"Dataset","dct:title":"cells","hasPolicy":[{"@id":"urn:o","@type":"Offer","permission":[{"action":"use"}]}],"distribution":[{"@type":"Distribution","format":"HttpData-PULL","accessService":"urn:s"}]}`
)

// samples holds one small message of each type, for tests that need no
// published examples.
var samples = map[Type]string{
	TypeCatalogRequest: sample(TypeCatalogRequest, `"filter":[{"@type":"QuerySpec","limit":50}]`),
	TypeDatasetRequest: sample(TypeDatasetRequest, `"dataset":"urn:d"`),
	TypeCatalog:        sample(TypeCatalog, `"@id":"urn:c","participantId":"did:web:p.example","dataset":[`+sampleDataset+`],"service":[{"@id":"urn:s","@type":"DataService","endpointURL":"https://p.example/dsp"}]`),
	TypeDataset:        `{` + dspOnly + `,` + sampleDataset[1:],
	TypeCatalogError:   sample(TypeCatalogError, `"code":"400","reason":["no"]`),

	TypeContractRequest:      sample(TypeContractRequest, `"consumerPid":"urn:c","callbackAddress":"https://c.example","offer":`+sampleOffer),
	TypeContractOffer:        sample(TypeContractOffer, `"providerPid":"urn:p","consumerPid":"urn:c","offer":`+sampleOffer),
	TypeContractAgreement:    sample(TypeContractAgreement, samplePIDs+`,"agreement":`+sampleAgreement),
	TypeContractVerification: sample(TypeContractVerification, samplePIDs),
	TypeContractEvent:        sample(TypeContractEvent, samplePIDs+`,"eventType":"ACCEPTED"`),
	TypeContractTermination:  sample(TypeContractTermination, samplePIDs+`,"code":"1","reason":[{"@value":"no","@language":"en"}]`),
	TypeContractNegotiation:  sample(TypeContractNegotiation, samplePIDs+`,"state":"OFFERED"`),
	TypeContractError:        sample(TypeContractError, samplePIDs+`,"reason":["no"]`),

	TypeTransferRequest:     sample(TypeTransferRequest, `"consumerPid":"urn:c","agreementId":"urn:a","format":"HttpData-PUSH","callbackAddress":"https://c.example","dataAddress":`+sampleAddress),
	TypeTransferStart:       sample(TypeTransferStart, samplePIDs+`,"dataAddress":`+sampleAddress),
	TypeTransferSuspension:  sample(TypeTransferSuspension, samplePIDs+`,"code":"1"`),
	TypeTransferCompletion:  sample(TypeTransferCompletion, samplePIDs),
	TypeTransferTermination: sample(TypeTransferTermination, samplePIDs+`,"https://example.org/note":"x"`),
	TypeTransferProcess:     sample(TypeTransferProcess, samplePIDs+`,"state":"STARTED"`),
	TypeTransferError:       sample(TypeTransferError, samplePIDs),
}

const samplePIDs = `"providerPid":"urn:p","consumerPid":"urn:c"`

func sample(typ Type, members string) string {
	return fmt.Sprintf(`{%s,"@type":%q,%s}`, dspOnly, typ, members)
}

// prefixedSample can be read by expansion only.
const prefixedSample = `{` + dspOnly + `,"@type":"dspace:ContractNegotiationEventMessage","dspace:providerPid":{"@id":"urn:p"},"dspace:consumerPid":{"@id":"urn:c"},"dspace:eventType":{"@id":"dspace:FINALIZED"}}`
