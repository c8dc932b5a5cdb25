// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

// Type is the @type of a message, as its bare term.
type Type string

// The messages of the protocol, and the two parts of a catalogue that travel
// alone.
const (
	TypeCatalogRequest Type = "CatalogRequestMessage"
	TypeDatasetRequest Type = "DatasetRequestMessage"
	TypeCatalog        Type = "Catalog"
	TypeDataset        Type = "Dataset"
	TypeCatalogError   Type = "CatalogError"

	TypeContractRequest      Type = "ContractRequestMessage"
	TypeContractOffer        Type = "ContractOfferMessage"
	TypeContractAgreement    Type = "ContractAgreementMessage"
	TypeContractVerification Type = "ContractAgreementVerificationMessage"
	TypeContractEvent        Type = "ContractNegotiationEventMessage"
	TypeContractTermination  Type = "ContractNegotiationTerminationMessage"
	TypeContractNegotiation  Type = "ContractNegotiation"
	TypeContractError        Type = "ContractNegotiationError"

	TypeTransferRequest     Type = "TransferRequestMessage"
	TypeTransferStart       Type = "TransferStartMessage"
	TypeTransferSuspension  Type = "TransferSuspensionMessage"
	TypeTransferCompletion  Type = "TransferCompletionMessage"
	TypeTransferTermination Type = "TransferTerminationMessage"
	TypeTransferProcess     Type = "TransferProcess"
	TypeTransferError       Type = "TransferError"
)

// Message is a pointer to one of the message structs of this package. All have
// an ID (the message's own @id, which the protocol does not define but peers
// repeat with a repeated message) and an Extra (members beyond the protocol).
type Message interface {
	MessageType() Type
	// Validate reports as *Error why the message may not be sent: it would
	// not satisfy the published schema.
	Validate() error

	check(*trail)  // the rules, for both directions
	write(*writer) // the members but @context, @type, @id and Extra
	head() (id string, extra Extra)
}

// readers reads each type from an object.
var readers = map[Type]func(*reader, *value) Message{
	TypeCatalogRequest: readCatalogRequest,
	TypeDatasetRequest: readDatasetRequest,
	TypeCatalog:        func(r *reader, o *value) Message { c := readCatalog(r, o); return &c },
	TypeDataset:        func(r *reader, o *value) Message { d := readDataset(r, o); return &d },
	TypeCatalogError:   readCatalogError,

	TypeContractRequest:      readContractRequest,
	TypeContractOffer:        readContractOffer,
	TypeContractAgreement:    readContractAgreement,
	TypeContractVerification: readContractVerification,
	TypeContractEvent:        readContractEvent,
	TypeContractTermination:  readContractTermination,
	TypeContractNegotiation:  readContractNegotiation,
	TypeContractError:        readContractError,

	TypeTransferRequest:     readTransferRequest,
	TypeTransferStart:       readTransferStart,
	TypeTransferSuspension:  readTransferSuspension,
	TypeTransferCompletion:  readTransferCompletion,
	TypeTransferTermination: readTransferTermination,
	TypeTransferProcess:     readTransferProcess,
	TypeTransferError:       readTransferError,
}

// validate checks a message that is to be sent.
func validate(m Message) error {
	var t trail
	m.check(&t)
	if t.failed != nil {
		return t.failed
	}
	return nil
}
