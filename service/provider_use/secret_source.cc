#include "service/provider_use/secret_source.h"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/unique_fd.h"

namespace strongroom {
namespace {

using Kind = config::SecretSource::Kind;

constexpr std::size_t kLongest = config::kLongestSecret;

std::unexpected<Error> refused(const std::string& path, std::string_view why) {
  return fail(Status::PsaErrorNotPermitted, fmt::format("secret file '{}': {}", path, why));
}

// Of systemd.exec(5), "Credentials".
Result<std::string> path_of(const config::SecretSource& source) {
  if (source.kind == Kind::File) return source.name;
  const char* directory = ::secure_getenv("CREDENTIALS_DIRECTORY");
  if (directory == nullptr)
    return fail(Status::PsaErrorNotPermitted,
                fmt::format("credential '{}': the service manager has given none "
                            "(LoadCredential= or LoadCredentialEncrypted=)",
                            source.name));
  return fmt::format("{}/{}", directory, source.name);
}

Result<SecretBuffer> read_whole(int fd, const std::string& path) {
  SecretBuffer content = TRY(SecretBuffer::of_size(kLongest + 1));
  std::size_t have = 0;
  while (have < content.size()) {
    const ssize_t got = ::read(fd, content.reveal_mutable().data() + have, content.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return refused(path, errno_text());
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  if (have > kLongest) return refused(path, fmt::format("holds more than {} bytes", kLongest));
  content.shrink_to(have);
  return content;
}

}  // namespace

Result<SecretBuffer> read_secret(const config::SecretSource& source) {
  if (source.kind == Kind::None) return SecretBuffer();
  if (source.kind == Kind::Inline) return SecretBuffer::copy_of(view_of(source.name));
  const std::string path = TRY(path_of(source));
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!fd) return refused(path, errno_text());
  struct stat file{};
  if (::fstat(fd.get(), &file) != 0) return refused(path, errno_text());
  if (const std::string why = config::unfit_secret(file, source.kind); !why.empty())
    return refused(path, why);
  SecretBuffer secret = TRY(read_whole(fd.get(), path));
  const std::size_t size = secret.size();
  if (size > 0 && secret.reveal()[size - 1] == std::byte{'\n'}) secret.shrink_to(size - 1);
  return secret;
}

std::function<Result<SecretBuffer>()> secret_of(const config::Provider& settings,
                                                const config::ProviderSecret& secret) {
  return [source = settings.*secret.source, key = secret.key, name = settings.name] {
    return in_context(read_secret(source), "reading '{}' of provider '{}'", key, name);
  };
}

}  // namespace strongroom
