#include <charconv>

#include "service/migration/bincode.h"
#include "service/migration/names.h"
#include "service/migration/stored_mapping.h"

namespace strongroom::parsec {
namespace {

// Of the service itself, whose names are no base64.
constexpr std::string_view kInternal = "parsec";
constexpr std::string_view kTpmRoot = "tpmRootKeyTPM";

std::unexpected<Error> no_mapping(const char* why) {
  return fail(Status::PsaErrorDataCorrupt, why);
}

Result<ProviderId> kind_named(const std::string& number) {
  unsigned value = 0;
  const char* end = number.data() + number.size();
  const auto parsed = std::from_chars(number.data(), end, value);
  if (parsed.ec != std::errc() || parsed.ptr != end || number.starts_with('0') || value == 0 ||
      value > kLastProviderId)
    return no_mapping("its directory is no provider's");
  return static_cast<ProviderId>(value);
}

// The id as a vector of bytes, then the attributes to the end.
struct Content {
  Bytes id;
  Bytes attributes;
};
Result<Content> content_of(const Bytes& file) {
  BincodeReader reader(file);
  ByteView id = TRY(reader.bytes());
  const std::size_t header = sizeof(std::uint64_t) + id.size();
  return Content{copy_of(id), copy_of(ByteView(file).subspan(header))};
}

Result<StoredMapping> mapping_in(const RawMappings::File& file) {
  if (file.path.size() != 3) return no_mapping("it does not lie where mappings lie");
  StoredMapping mapping;
  mapping.application = TRY(parse_name(file.path[0]));
  mapping.provider = TRY(kind_named(file.path[1]));
  mapping.key_name = TRY(parse_name(file.path[2]));
  Content content = TRY(content_of(file.content));
  mapping.key_id = std::move(content.id);
  mapping.attributes = std::move(content.attributes);
  return mapping;
}

Result<> take_internal(const RawMappings::File& file, StoredMappings& found) {
  if (file.path.size() != 2) return no_mapping("it does not lie where mappings lie");
  const std::string name = TRY(parse_name(file.path[1]));
  if (name != kTpmRoot) return {};
  Content content = TRY(content_of(file.content));
  found.tpm_root = std::move(content.id);
  return {};
}

Result<> take(const RawMappings::File& file, std::uint8_t authenticator, StoredMappings& found) {
  if (file.path.front() == kInternal) return take_internal(file, found);
  StoredMapping mapping = TRY(mapping_in(file));
  mapping.authenticator = authenticator;
  found.keys.push_back(std::move(mapping));
  return {};
}

}  // namespace

StoredMappings parse_files(const RawMappings& raw, std::uint8_t authenticator) {
  StoredMappings found{.keys = {}, .tpm_root = {}, .problems = raw.problems};
  for (const RawMappings::File& file : raw.files) {
    const Result<> taken = take(file, authenticator, found);
    if (!taken)
      found.problems.push_back(fmt::format("file '{}' in '{}': {}",
                                           escaped(fmt::format("{}", fmt::join(file.path, "/"))),
                                           escaped(raw.origin), taken.error().message()));
  }
  return found;
}

}  // namespace strongroom::parsec
