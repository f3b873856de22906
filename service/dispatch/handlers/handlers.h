// One handler an operation: from a request's body to work that is decoded, permitted and ready to
// run. A handler fails in the order of the contract: body (7), content (16), identity (19), facet
// (1134), key (1140), policy (1133), lengths (1135); what remains is the provider's to answer.
#pragma once

#include "base/error.h"
#include "service/dispatch/operation.h"

namespace strongroom {

Result<Work> ping(Planning& planning);
Result<Work> list_providers(Planning& planning);
Result<Work> list_opcodes(Planning& planning);
Result<Work> list_authenticators(Planning& planning);
Result<Work> list_keys(Planning& planning);
Result<Work> list_clients(Planning& planning);
Result<Work> delete_client(Planning& planning);

Result<Work> generate_key(Planning& planning);
Result<Work> import_key(Planning& planning);
Result<Work> export_key(Planning& planning);
Result<Work> export_public_key(Planning& planning);
Result<Work> destroy_key(Planning& planning);
Result<Work> can_do_crypto(Planning& planning);

Result<Work> sign_hash(Planning& planning);
Result<Work> verify_hash(Planning& planning);
Result<Work> sign_message(Planning& planning);
Result<Work> verify_message(Planning& planning);

Result<Work> asymmetric_encrypt(Planning& planning);
Result<Work> asymmetric_decrypt(Planning& planning);
Result<Work> aead_encrypt(Planning& planning);
Result<Work> aead_decrypt(Planning& planning);
Result<Work> aead_seal(Planning& planning);
Result<Work> cipher_encrypt(Planning& planning);
Result<Work> cipher_decrypt(Planning& planning);
Result<Work> mac_compute(Planning& planning);
Result<Work> mac_verify(Planning& planning);

Result<Work> multipart_setup(Planning& planning);
Result<Work> multipart_update(Planning& planning);
Result<Work> multipart_finish(Planning& planning);
Result<Work> multipart_abort(Planning& planning);

Result<Work> hash_compute(Planning& planning);
Result<Work> hash_compare(Planning& planning);
Result<Work> raw_key_agreement(Planning& planning);
Result<Work> generate_random(Planning& planning);

Result<Work> prepare_key_attestation(Planning& planning);
Result<Work> attest_key(Planning& planning);
Result<Work> certify_key(Planning& planning);
Result<Work> quote(Planning& planning);

Result<Work> derive_key(Planning& planning);
Result<Work> sign_batch(Planning& planning);

Result<Work> status(Planning& planning);
Result<Work> key_info(Planning& planning);
Result<Work> wrap_key(Planning& planning);
Result<Work> unwrap_key(Planning& planning);
Result<Work> reload(Planning& planning);
Result<Work> store_check(Planning& planning);
Result<Work> control_provider(Planning& planning);

}  // namespace strongroom
