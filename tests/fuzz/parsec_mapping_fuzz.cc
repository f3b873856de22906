// What is read of Parsec's service: its configuration, mappings in files and in a database, and
// files of keys. The first byte says which; whoever writes there need not be who migrates.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "service/migration/key_attributes.h"
#include "service/migration/key_ids.h"
#include "service/migration/mbed_key.h"
#include "service/migration/names.h"
#include "service/migration/parsec_configuration.h"
#include "service/migration/stored_mapping.h"

namespace {

using namespace strongroom;

void decode(const parsec::StoredMappings& mappings) {
  for (const parsec::StoredMapping& each : mappings.keys) {
    std::ignore = parsec::parse_attributes(each.attributes);
    std::ignore = parsec::parse_persistent_id(each.key_id);
    std::ignore = parsec::parse_object_id(each.key_id);
    std::ignore = parsec::parse_wrapped_key(each.key_id);
  }
  if (mappings.tpm_root) std::ignore = parsec::parse_root_name(*mappings.tpm_root);
}

void try_file(ByteView input) {
  const parsec::RawMappings raw{.origin = "/m",
                                .database = {},
                                .files = {{{"NjQwMDE=", "3", "dHBtLWVjYw=="}, copy_of(input)},
                                          {{"parsec", "dHBtUm9vdEtleVRQTQ=="}, copy_of(input)}},
                                .problems = {}};
  decode(parsec::parse_files(raw, 3));
}

void try_database(ByteView input) {
  const auto mappings = parsec::parse_database(
      {.origin = "/m", .database = copy_of(input), .files = {}, .problems = {}});
  if (mappings) decode(*mappings);
}

void try_key_file(ByteView input) {
  const psa::KeyType ecc{psa::KeyType::Kind::EccKeyPair, psa::EccFamily::SecpR1};
  const auto key = parsec::parse_mbed_key(input, ecc);
  if (key && key->data.size() >= input.size()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView input = std::as_bytes(std::span(data, size)).subspan(1);
  switch (data[0]) {
    case 'a': std::ignore = parsec::parse_attributes(input); break;
    case 'c': std::ignore = parsec::parse_configuration(text_of(input), "/c"); break;
    case 'd': try_database(input); break;
    case 'f': try_file(input); break;
    case 'k': try_key_file(input); break;
    case 'n': std::ignore = parsec::parse_name(text_of(input)); break;
    default: break;
  }
  return 0;
}
