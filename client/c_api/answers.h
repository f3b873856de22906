// What the service answered, as handles.
#pragma once

#include <string>
#include <vector>

#include "client/c_api/handles.h"

namespace strongroom::c_api {

strongroom_buffer handle_of(SecretBytes&& bytes) noexcept;
strongroom_buffer handle_of(const Bytes& bytes);
strongroom_provider_list handle_of(std::vector<ProviderInfo>&& providers) noexcept;
strongroom_authenticator_list handle_of(std::vector<AuthenticatorInfo>&& authenticators) noexcept;
strongroom_opcode_list handle_of(std::vector<Opcode>&& opcodes) noexcept;
strongroom_key_list handle_of(std::vector<strongroom::KeyInfo>&& keys);
strongroom_application_list handle_of(std::vector<std::string>&& clients) noexcept;
strongroom_key_details handle_of(const KeyDetails& details);
strongroom_service_report handle_of(ServiceStatus&& status) noexcept;
strongroom_reload_report handle_of(ReloadAnswer&& answer) noexcept;
strongroom_store_check handle_of(StoreCheckAnswer&& answer) noexcept;
strongroom_signature_list handle_of(const std::vector<Bytes>& signatures);
strongroom_sealed_text handle_of(const SealedText& sealed);
strongroom_attestation_identity handle_of(const AttestationIdentity& identity);
strongroom_tpm_statement handle_of(const KeyCertificate& certificate);
strongroom_tpm_statement handle_of(const RegisterQuote& quote);

}  // namespace strongroom::c_api
