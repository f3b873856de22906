#include "tests/conformance/published/vectors.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/hex.h"

namespace strongroom::conformance {
namespace {

constexpr std::string_view kFolder = CONFORMANCE_VECTORS;

}  // namespace

std::string PublishedVector::text(std::string_view field) const {
  auto found = fields_.find(field);
  return found == fields_.end() ? std::string() : found->second;
}

Bytes PublishedVector::bytes(std::string_view field) const {
  return testing::from_hex(text(field));
}

std::uint32_t PublishedVector::number(std::string_view field) const {
  std::string digits = text(field);
  return digits.empty() ? 0 : static_cast<std::uint32_t>(std::stoul(digits));
}

psa::Hash PublishedVector::hash() const {
  std::string name = text("hash");
  for (int number = 1; number <= 15; ++number) {
    auto hash = static_cast<psa::Hash>(number);
    if (to_string(hash) == name) return hash;
  }
  ADD_FAILURE() << place_ << ": no hash '" << name << "'";
  return psa::Hash::Sha256;
}

psa::KeyType PublishedVector::curve(psa::KeyType::Kind kind) const {
  constexpr std::string_view kNames[] = {"secp-k1",        "secp-r1", "secp-r2",
                                         "sect-k1",        "sect-r1", "sect-r2",
                                         "brainpool-p-r1", "frp",     "montgomery"};
  const auto* found = std::ranges::find(kNames, text("family"));
  EXPECT_NE(found, std::end(kNames)) << place_;
  return {kind, static_cast<psa::EccFamily>(1 + (found - kNames))};
}

std::vector<PublishedVector> vectors_in(std::string_view file) {
  std::ifstream in(fmt::format("{}/{}", kFolder, file));
  EXPECT_TRUE(in.is_open()) << file;
  std::vector<PublishedVector> vectors;
  PublishedVector vector;
  std::string source;
  int number = 0;
  auto end_record = [&] {
    if (!vector.fields_.empty()) vectors.push_back(std::exchange(vector, {}));
  };
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.empty()) {
      end_record();
    } else if (line.starts_with("# ")) {
      source = line.substr(2);
    } else {
      if (vector.fields_.empty()) vector.place_ = fmt::format("{}:{}: {}", file, number, source);
      auto end = line.find(' ');
      vector.fields_[line.substr(0, end)] = end == line.npos ? "" : line.substr(end + 1);
    }
  }
  end_record();
  EXPECT_FALSE(vectors.empty()) << file;
  return vectors;
}

}  // namespace strongroom::conformance
