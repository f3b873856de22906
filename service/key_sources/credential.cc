#include <cstdlib>

#include "service/key_sources/key_sources.h"
#include "service/store/disk/key_file.h"

namespace strongroom {
namespace {

class CredentialKeySource final : public StoreKeySource {
 public:
  explicit CredentialKeySource(std::string name)
      : credential_(std::move(name)), name_("credential:" + credential_) {}

  const std::string& name() const noexcept override { return name_; }
  bool may_have_been_used() const override { return true; }
  Result<Provided> provide() override {
    SecretBuffer material = TRY(read({}));
    return Provided{std::move(material), {}};
  }
  Result<SecretBuffer> read(ByteView) override {
    // systemd.exec(5): set where the unit has a credential, an absolute path.
    const char* directory = ::secure_getenv("CREDENTIALS_DIRECTORY");
    if (directory == nullptr || *directory != '/')
      return fail(
          Status::KeyInfoManagerError,
          fmt::format("credential '{}': the service manager has passed none; the unit needs "
                      "LoadCredential= or LoadCredentialEncrypted=",
                      credential_));
    const std::string path = fmt::format("{}/{}", directory, credential_);
    if (!file_exists(path))
      return fail(Status::KeyInfoManagerError,
                  fmt::format("credential '{}' is not among those that the service manager has "
                              "passed: '{}' does not exist",
                              credential_, escaped(path)));
    return in_context(read_key_file(path, KeyFileReaders::AsItsManagerSays), "credential '{}'",
                      credential_);
  }

 private:
  const std::string credential_;
  const std::string name_;
};

}  // namespace

std::shared_ptr<StoreKeySource> credential_key_source(std::string name) {
  return std::make_shared<CredentialKeySource>(std::move(name));
}

}  // namespace strongroom
