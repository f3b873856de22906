// Known answers that somebody else has published, as files under tests/conformance/vectors: records
// of "name value" lines with an empty line between them, and lines that begin with "#", which say
// where the records after them come from. Values are hexadecimal where they are bytes.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/psa.h"

namespace strongroom::conformance {

class PublishedVector {
 public:
  // Where it stands in its file, and where it comes from.
  const std::string& place() const noexcept { return place_; }

  bool has(std::string_view field) const { return fields_.contains(field); }
  // A field that is not there is empty.
  std::string text(std::string_view field) const;
  Bytes bytes(std::string_view field) const;
  std::uint32_t number(std::string_view field) const;
  // By the names that psa::to_string() has for them.
  psa::Hash hash() const;
  // The curve that the fields "family" and "bits" name.
  psa::KeyType curve(psa::KeyType::Kind kind) const;

 private:
  friend std::vector<PublishedVector> vectors_in(std::string_view file);

  std::string place_;
  std::map<std::string, std::string, std::less<>> fields_;
};

// Every record of the file; none, with a failure recorded, when it cannot be read.
std::vector<PublishedVector> vectors_in(std::string_view file);

}  // namespace strongroom::conformance
