// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

//nolint:revive // Message says what these methods do
package wire

func (m *CatalogRequest) MessageType() Type       { return TypeCatalogRequest }
func (m *DatasetRequest) MessageType() Type       { return TypeDatasetRequest }
func (m *CatalogError) MessageType() Type         { return TypeCatalogError }
func (m *Catalog) MessageType() Type              { return TypeCatalog }
func (m *Dataset) MessageType() Type              { return TypeDataset }
func (m *ContractRequest) MessageType() Type      { return TypeContractRequest }
func (m *ContractOffer) MessageType() Type        { return TypeContractOffer }
func (m *ContractAgreement) MessageType() Type    { return TypeContractAgreement }
func (m *ContractVerification) MessageType() Type { return TypeContractVerification }
func (m *ContractEvent) MessageType() Type        { return TypeContractEvent }
func (m *ContractTermination) MessageType() Type  { return TypeContractTermination }
func (m *ContractNegotiation) MessageType() Type  { return TypeContractNegotiation }
func (m *ContractError) MessageType() Type        { return TypeContractError }
func (m *TransferRequest) MessageType() Type      { return TypeTransferRequest }
func (m *TransferStart) MessageType() Type        { return TypeTransferStart }
func (m *TransferCompletion) MessageType() Type   { return TypeTransferCompletion }
func (m *TransferSuspension) MessageType() Type   { return TypeTransferSuspension }
func (m *TransferTermination) MessageType() Type  { return TypeTransferTermination }
func (m *TransferProcess) MessageType() Type      { return TypeTransferProcess }
func (m *TransferError) MessageType() Type        { return TypeTransferError }

func (m *CatalogRequest) Validate() error       { return validate(m) }
func (m *DatasetRequest) Validate() error       { return validate(m) }
func (m *CatalogError) Validate() error         { return validate(m) }
func (m *Catalog) Validate() error              { return validate(m) }
func (m *Dataset) Validate() error              { return validate(m) }
func (m *ContractRequest) Validate() error      { return validate(m) }
func (m *ContractOffer) Validate() error        { return validate(m) }
func (m *ContractAgreement) Validate() error    { return validate(m) }
func (m *ContractVerification) Validate() error { return validate(m) }
func (m *ContractEvent) Validate() error        { return validate(m) }
func (m *ContractTermination) Validate() error  { return validate(m) }
func (m *ContractNegotiation) Validate() error  { return validate(m) }
func (m *ContractError) Validate() error        { return validate(m) }
func (m *TransferRequest) Validate() error      { return validate(m) }
func (m *TransferStart) Validate() error        { return validate(m) }
func (m *TransferCompletion) Validate() error   { return validate(m) }
func (m *TransferSuspension) Validate() error   { return validate(m) }
func (m *TransferTermination) Validate() error  { return validate(m) }
func (m *TransferProcess) Validate() error      { return validate(m) }
func (m *TransferError) Validate() error        { return validate(m) }

func (m *CatalogRequest) head() (string, Extra)       { return m.ID, m.Extra }
func (m *DatasetRequest) head() (string, Extra)       { return m.ID, m.Extra }
func (m *CatalogError) head() (string, Extra)         { return m.ID, m.Extra }
func (m *Catalog) head() (string, Extra)              { return m.ID, m.Extra }
func (m *Dataset) head() (string, Extra)              { return m.ID, m.Extra }
func (m *ContractRequest) head() (string, Extra)      { return m.ID, m.Extra }
func (m *ContractOffer) head() (string, Extra)        { return m.ID, m.Extra }
func (m *ContractAgreement) head() (string, Extra)    { return m.ID, m.Extra }
func (m *ContractVerification) head() (string, Extra) { return m.ID, m.Extra }
func (m *ContractEvent) head() (string, Extra)        { return m.ID, m.Extra }
func (m *ContractTermination) head() (string, Extra)  { return m.ID, m.Extra }
func (m *ContractNegotiation) head() (string, Extra)  { return m.ID, m.Extra }
func (m *ContractError) head() (string, Extra)        { return m.ID, m.Extra }
func (m *TransferRequest) head() (string, Extra)      { return m.ID, m.Extra }
func (m *TransferStart) head() (string, Extra)        { return m.ID, m.Extra }
func (m *TransferCompletion) head() (string, Extra)   { return m.ID, m.Extra }
func (m *TransferSuspension) head() (string, Extra)   { return m.ID, m.Extra }
func (m *TransferTermination) head() (string, Extra)  { return m.ID, m.Extra }
func (m *TransferProcess) head() (string, Extra)      { return m.ID, m.Extra }
func (m *TransferError) head() (string, Extra)        { return m.ID, m.Extra }
