// The words for providers, algorithms and usages on the command line and in tables.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/psa.h"
#include "client/cli/failure.h"
#include "client/cli/format/key_types.h"
#include "protocol/opcode.h"

namespace strongroom::cli {

// "software", "tpm" …, or the number of one that has no name.
std::string provider_name(ProviderId id);
Outcome<ProviderId> provider_from(std::string_view name_or_id);

Outcome<psa::Hash> hash_from(std::string_view name);

Outcome<psa::Algorithm> algorithm_from(std::string_view name);
// As --algorithm takes it. A policy that leaves the hash open ends in "-any-hash".
std::string algorithm_name(const psa::Algorithm& algorithm);
psa::Algorithm default_algorithm(const TypeAndSize& type);
// The hash that goes with a key of that size, where its policy leaves it open.
psa::Hash usual_hash(std::uint32_t bits) noexcept;

// "sign,export".
Outcome<psa::UsageFlags> usage_from(std::string_view list);
std::vector<std::string> usage_names(const psa::UsageFlags& usage);
psa::UsageFlags default_usage(const psa::Algorithm& algorithm);

// All words of a kind, for completion.
std::vector<std::string> provider_names();
std::vector<std::string> hash_names();
std::vector<std::string> algorithm_names();
std::vector<std::string> all_usage_names();

}  // namespace strongroom::cli
