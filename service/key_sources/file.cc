#include "service/key_sources/key_sources.h"
#include "service/store/disk/key_file.h"

namespace strongroom {
namespace {

class FileKeySource final : public StoreKeySource {
 public:
  explicit FileKeySource(std::string path) : path_(std::move(path)), name_("file:" + path_) {}

  const std::string& name() const noexcept override { return name_; }
  bool may_have_been_used() const override { return file_exists(path_); }
  Result<Provided> provide() override {
    if (!file_exists(path_)) TRY(create_key_file(path_));
    SecretBuffer material = TRY(read_key_file(path_));
    return Provided{std::move(material), {}};
  }
  Result<SecretBuffer> read(ByteView) override {
    if (!file_exists(path_))
      return fail(Status::KeyInfoManagerError, fmt::format("key file '{}' is missing", path_));
    return read_key_file(path_);
  }

  Result<> forget() override { return erase_key_file(path_); }

 private:
  const std::string path_;
  const std::string name_;
};

}  // namespace

std::shared_ptr<StoreKeySource> file_key_source(std::string path) {
  return std::make_shared<FileKeySource>(std::move(path));
}

}  // namespace strongroom
