// A directory that goes with its contents.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

namespace strongroom::testing {

// Of mode 0700, under TMPDIR or /var/tmp, which is a disk where /tmp may be none.
class TemporaryDirectory {
 public:
  TemporaryDirectory() : TemporaryDirectory(default_root()) {}
  // Elsewhere: under `root`.
  explicit TemporaryDirectory(const std::string& root) : path_(root + "/strongroom-XXXXXX") {
    if (::mkdtemp(path_.data()) == nullptr) std::abort();
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::string& path() const noexcept { return path_; }
  std::string operator/(std::string_view name) const { return path_ + "/" + std::string(name); }

 private:
  static std::string default_root() {
    const char* root = std::getenv("TMPDIR");
    return root == nullptr ? "/var/tmp" : root;
  }

  std::string path_;
};

}  // namespace strongroom::testing
