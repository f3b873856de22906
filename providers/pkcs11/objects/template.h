// Attributes as calls take them.
#pragma once

#include <deque>
#include <vector>

#include "base/bytes.h"
#include "providers/pkcs11/module/cryptoki.h"

namespace strongroom::pkcs11 {

// Numbers and truths are kept here, bytes are the caller's and outlive it: some are secret.
class Template {
 public:
  Template() = default;
  Template(Template&&) noexcept = default;

  Template& add(CK_ATTRIBUTE_TYPE type, CK_ULONG number) {
    return refer(type, &numbers_.emplace_back(number), sizeof number);
  }
  Template& add(CK_ATTRIBUTE_TYPE type, bool truth) {
    const CK_BBOOL& kept = truths_.emplace_back(truth ? CK_BBOOL{1} : CK_BBOOL{0});
    return refer(type, &kept, sizeof kept);
  }
  Template& add(CK_ATTRIBUTE_TYPE type, ByteView bytes) {
    return refer(type, bytes.data(), bytes.size());
  }

  CK_ATTRIBUTE* data() noexcept { return attributes_.data(); }
  CK_ULONG size() const noexcept { return static_cast<CK_ULONG>(attributes_.size()); }

 private:
  // Cryptoki takes attributes it does not write to by pointers to what is not constant.
  Template& refer(CK_ATTRIBUTE_TYPE type, const void* value, std::size_t size) {
    attributes_.push_back({type, const_cast<void*>(value), static_cast<CK_ULONG>(size)});
    return *this;
  }

  std::vector<CK_ATTRIBUTE> attributes_;
  std::deque<CK_ULONG> numbers_;
  std::deque<CK_BBOOL> truths_;
};

}  // namespace strongroom::pkcs11
